import { describe, expect, it } from 'vitest';
import { concludeStored } from '../../../src/domain/files/conclude-stored.ts';
import type { ProfileJudgement } from '../../../src/stats/verdict/judge-profiles.ts';

const NOTHING = { removed: [], retyped: [] };

const columns = (verdicts: Readonly<Record<string, ProfileJudgement['verdict']>>): ProfileJudgement[] =>
  Object.entries(verdicts).map(([name, verdict]) => ({ name, verdict, why: '', q: null, findings: [] }));

describe('the verdict by stored profiles', () => {
  it('is drift with one column that drifts, and open with one that may', () => {
    expect(concludeStored(columns({ a: 'drift', b: 'undecided', c: 'no_drift' }), NOTHING, {})).toEqual({
      verdict: 'drift',
      why: '1 of 3 columns drifted: a. The profiles leave 1 open: b.',
    });
    expect(concludeStored(columns({ b: 'undecided', c: 'no_drift' }), NOTHING, {}).verdict).toBe('undecided');
    expect(concludeStored(columns({ c: 'no_drift', d: 'not_comparable' }), NOTHING, {})).toEqual({
      verdict: 'no_drift',
      why: '0 of 1 columns drifted.',
    });
    expect(concludeStored(columns({ d: 'not_comparable' }), NOTHING, {})).toEqual({
      verdict: 'insufficient_data',
      why: 'No column could be judged.',
    });
  });

  it('asks for a share of the weight, which open columns may or may not reach', () => {
    const four = columns({ a: 'drift', b: 'undecided', c: 'no_drift', d: 'no_drift' });
    const at = (minimumDriftedShare: number, weights: Record<string, number> = {}) =>
      concludeStored(four, NOTHING, { minimumDriftedShare, weights }).verdict;
    expect([at(0.25), at(0.26), at(0.5), at(0.51)]).toEqual(['drift', 'undecided', 'undecided', 'no_drift']);
    // 3 of 6 drift, and 4 of 6 at the most.
    expect([at(0.5, { a: 3 }), at(0.66, { a: 3 }), at(0.67, { a: 3 })]).toEqual(['drift', 'undecided', 'no_drift']);
    expect(concludeStored(four, NOTHING, { minimumDriftedShare: 0.9 }).why).toBe(
      '1 of 4 columns drifted: a, fewer than the policy asks for. The profiles leave 1 open: b.',
    );
  });

  it('leaves columns of weight 0 out, also those that are gone', () => {
    const two = columns({ a: 'drift', b: 'no_drift' });
    expect(concludeStored(two, { removed: ['gone'], retyped: [] }, { weights: { a: 0, gone: 0 } })).toEqual({
      verdict: 'no_drift',
      why: '0 of 1 columns drifted. 1 of weight 0 decided nothing.',
    });
    expect(concludeStored(two, { removed: ['gone'], retyped: [] }, { weights: { a: 0 } })).toMatchObject({
      verdict: 'drift',
      why: expect.stringMatching(/gone or of another type: gone/),
    });
    expect(concludeStored(two, NOTHING, { weights: { a: 0, b: 0 } })).toEqual({
      verdict: 'insufficient_data',
      why: 'Every column has weight 0.',
    });
  });
});
