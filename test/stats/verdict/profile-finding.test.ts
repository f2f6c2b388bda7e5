import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../../src/stats/verdict/judge.ts';
import { bounded } from '../../../src/stats/verdict/profile-finding.ts';

const W = 'wasserstein/reference-std@1';
const NONE = { value: null, lower: null, upper: null };

describe('a finding with bounds', () => {
  it('has the limit of the policy, or the usual one', () => {
    const given = { lower: 1, value: 2, upper: 3 };
    const rest = { p: { lower: 0.1, upper: 0.2 }, null95: 0.3 };
    expect(bounded(W, given, rest)).toEqual({ measure: W, ...given, ...rest, limit: 0.1, reason: null });
    const policy = { ...DEFAULT_POLICY, limits: { [W]: 0.7 } };
    expect(bounded(W, given, { policy, reason: 'not told' })).toEqual({
      ...{ measure: W, ...given, p: null, null95: null, limit: 0.7, reason: null },
    });
  });

  it('has no numbers where one of them is none, and says why', () => {
    const { POSITIVE_INFINITY: inf, NaN: nan } = Number;
    for (const given of [
      { lower: nan, value: 1, upper: 2 },
      { lower: 0, value: nan, upper: 2 },
      { lower: 0, value: 1, upper: inf },
    ]) {
      const reason = 'the result is beyond the range of numbers';
      expect(bounded(W, given, {})).toMatchObject({ ...NONE, reason });
      expect(bounded(W, given, { reason: 'why' })).toMatchObject({ ...NONE, reason: 'why' });
    }
    expect(bounded(W, null, { reason: 'why', p: null })).toMatchObject({ ...NONE, p: null, reason: 'why' });
  });
});
