import { describe, expect, it } from 'vitest';
import { shareDifferencePoint95 } from '../../../src/stats/distances/share-difference.ts';
import { chiSquareContingency } from '../../../src/stats/hypothesis-tests/chi-square-contingency.ts';
import { finding, finiteOrNull, missingFinding } from '../../../src/stats/verdict/findings.ts';
import { DEFAULT_POLICY } from '../../../src/stats/verdict/judge.ts';
import type { JudgedBin } from '../../../src/stats/verdict/judgement.ts';

const W = 'wasserstein/reference-std@1';

describe('a finding', () => {
  it('holds no number that JSON lacks, and says what there is instead', () => {
    for (const x of [Number.NaN, Number.POSITIVE_INFINITY, null, undefined]) expect(finiteOrNull(x)).toBeNull();
    expect(finiteOrNull(0)).toBe(0);
    expect(finding(W, DEFAULT_POLICY, { value: Number.POSITIVE_INFINITY, p: Number.NaN, null95: undefined })).toEqual({
      measure: W,
      value: null,
      direction: 'higher',
      nullMean: null,
      null95: null,
      limit: 0.1,
      p: null,
      q: null,
      parameters: {},
      reason: 'the result is beyond the range of numbers',
    });
  });

  it('has a reason only where it has no value, and the limit of the policy before its own', () => {
    const given = { value: 2, p: 0.5, nullMean: 1, null95: 3, parameters: { n: 4 }, reason: 'why' };
    const policy = { ...DEFAULT_POLICY, limits: { [W]: 0.7 } };
    expect(finding(W, policy, given)).toMatchObject({ ...given, reason: null, limit: 0.7 });
    expect(finding(W, policy, { ...given, value: null })).toMatchObject({ value: null, reason: 'why' });
    expect(finding('ks/two-sided@1', policy, given).limit).toBeNull();
  });
});

describe('the missing share', () => {
  const bin = (kind: JudgedBin['kind'], reference: number, window: number): JudgedBin => {
    return { kind, label: kind, lower: null, upper: null, reference, window };
  };

  it('changes by a difference, with the p-value of its table of four', () => {
    const found = missingFinding([bin('value', 50, 40), bin('missing', 10, 40), bin('unseen', 0, 20)], DEFAULT_POLICY);
    expect(found).toMatchObject({
      value: expect.closeTo(40 / 100 - 10 / 60, 12),
      p: chiSquareContingency([10, 50], [40, 60])!.p,
      nullMean: 0,
      null95: shareDifferencePoint95({ x: 10, n: 60, y: 40, m: 100 }),
      parameters: { reference: 10 / 60, window: 40 / 100 },
    });
  });

  it('is nothing where no row is missing, and where there is no bin for it', () => {
    for (const bins of [[bin('value', 5, 4), bin('missing', 0, 0)], [bin('value', 5, 4)]]) {
      expect(missingFinding(bins, DEFAULT_POLICY)).toMatchObject({
        value: 0,
        p: 1,
        parameters: { reference: 0, window: 0 },
      });
    }
  });
});
