import { describe, expect, it } from 'vitest';
import type { ProfileComparison } from '../../../src/stats/verdict/compare-profiles.ts';
import { judgeProfiles } from '../../../src/stats/verdict/judge-profiles.ts';
import type { ProfileFinding } from '../../../src/stats/verdict/profile-finding.ts';

const W = 'wasserstein/reference-std@1';
const JS = 'js_distance/base2/reference-edges@2';
const MISSING = 'missing_share/difference@1';

const finding = (lower: number | null, upper: number | null, said: Partial<ProfileFinding> = {}): ProfileFinding => ({
  measure: W,
  value: lower,
  lower,
  upper,
  limit: 0.1,
  null95: 0.05,
  p: null,
  reason: null,
  ...said,
});

function judged(
  findings: readonly ProfileFinding[],
  p: readonly [number, number],
  said: Partial<ProfileComparison> = {},
) {
  const bounds = { lower: p[0], upper: p[1] };
  const comparison = {
    name: 'x',
    incomparable: null,
    insufficient: null,
    fewValues: null,
    p: bounds,
    findings,
    ...said,
  };
  const [found] = judgeProfiles([comparison]);
  return { verdict: found!.verdict, why: found!.why };
}

describe('the verdict on a column of two profiles', () => {
  it('is drift where the least that they prove is, and none where the most would be none', () => {
    expect(judged([finding(0.1, 0.2)], [0.01, 0.04])).toEqual({
      verdict: 'drift',
      why: 'Wasserstein distance is between 0.1 and 0.2, its limit 0.1, and q is between 0.01 and 0.04.',
    });
    expect(judged([finding(0.3, 0.3)], [0.01, 0.01]).why).toBe(
      'Wasserstein distance is 0.3, its limit 0.1, and q = 0.01.',
    );
    expect(judged([finding(0.3, 0.4)], [0.05, 0.2])).toEqual({
      verdict: 'no_drift',
      why: 'Wasserstein distance is between 0.3 and 0.4, its limit 0.1, but q is between 0.05 and 0.2, not below 0.05.',
    });
    expect(judged([finding(0.02, 0.09)], [0, 0])).toEqual({
      verdict: 'no_drift',
      why: 'No effect reaches its limit; q < 1e-300.',
    });
  });

  it('names an effect beyond its limit that is no more than chance gives', () => {
    const thin = finding(0.05, 0.3, { measure: JS, null95: 0.31 });
    expect(judged([finding(0.02, 0.09), thin], [0.5, 0.5])).toEqual({
      verdict: 'no_drift',
      why: 'Jensen-Shannon distance is between 0.05 and 0.3, its limit 0.1, and no more than chance gives at these sizes; q = 0.5.',
    });
    // It reaches its limit where it is as large.
    const even = finding(0.1, 0.1, { measure: JS, null95: 0.31 });
    expect(judged([even], [0.5, 0.5]).why).toMatch(/^Jensen-Shannon distance is 0\.1, .* no more than chance gives/);
    // What is nothing reaches no limit, and what has no limit cannot.
    const none = 'No effect reaches its limit; q = 0.5.';
    expect(judged([finding(0, 0, { limit: 0 })], [0.5, 0.5]).why).toBe(none);
    expect(judged([finding(0.3, 0.3, { limit: null })], [0.5, 0.5]).why).toBe(none);
  });

  it('is open in between, be it for the effect or for chance', () => {
    const open = {
      verdict: 'undecided',
      why: 'Wasserstein distance is between 0.05 and 0.2, its limit 0.1, and q = 0.001: the profiles leave it open.',
    };
    expect(judged([finding(0.05, 0.2)], [0.001, 0.001])).toEqual(open);
    expect(judged([finding(0.2, 0.3)], [0.049, 0.05]).verdict).toBe('undecided');
    expect(judged([finding(0.2, 0.3)], [0.049, 0.0499]).verdict).toBe('drift');
    expect(judged([finding(0.05, 0.2)], [0.05, 0.3]).verdict).toBe('no_drift');
  });

  it('takes the size of a change, which is nothing where its bounds are on both sides of 0', () => {
    const change = (lower: number, upper: number) => judged([finding(lower, upper, { measure: MISSING })], [0, 0]);
    expect(change(-0.4, -0.2)).toEqual({
      verdict: 'drift',
      why: 'Change of the missing share is between 0.2 and 0.4, its limit 0.1, and q < 1e-300.',
    });
    expect(change(-0.4, 0.2).why).toMatch(/ is between 0 and 0\.4, .* leave it open\.$/);
    expect(change(0, 0.2).verdict).toBe('undecided');
    expect(change(-0.05, 0.05).verdict).toBe('no_drift');
  });

  it('needs a limit to be reached and the 95 % point to be passed', () => {
    expect(judged([finding(0.1, 0.1, { null95: 0.1 })], [0, 0]).verdict).toBe('no_drift');
    expect(judged([finding(0.1, 0.1, { null95: null })], [0, 0]).verdict).toBe('drift');
    expect(judged([finding(0.3, 0.3, { limit: null })], [0, 0]).verdict).toBe('no_drift');
    expect(judged([finding(0, 0, { limit: 0, null95: null })], [0, 0]).verdict).toBe('no_drift');
    expect(judged([finding(null, 0.3)], [0, 0]).verdict).toBe('no_drift');
    expect(judged([finding(0.3, null)], [0, 0]).verdict).toBe('no_drift');
    // A test is no effect.
    expect(judged([finding(0.9, 0.9, { measure: 'ks/two-sided@1', limit: 0.1 })], [0, 0]).verdict).toBe('no_drift');
  });

  it('names the effect that certainly matters before one that may', () => {
    const missing = finding(0.3, 0.3, { measure: MISSING });
    expect(judged([finding(0.05, 0.2), missing], [0, 0])).toMatchObject({
      verdict: 'drift',
      why: expect.stringMatching(/^Change of the missing share is 0\.3/),
    });
  });

  it('says what cannot be compared, what is too little, and what is too little but for the missing share', () => {
    const moved = [finding(0.3, 0.3)];
    expect(judged(moved, [0, 0], { incomparable: 'No.', insufficient: 'Few.' })).toEqual({
      verdict: 'not_comparable',
      why: 'No.',
    });
    expect(judged(moved, [0, 0], { insufficient: 'Few.' })).toEqual({ verdict: 'insufficient_data', why: 'Few.' });
    expect(judged(moved, [0, 0], { fewValues: 'Few.' })).toEqual({ verdict: 'insufficient_data', why: 'Few.' });
    const missing = finding(0.3, 0.3, { measure: MISSING });
    expect(judged([...moved, missing], [0, 0], { fewValues: 'Few.' })).toMatchObject({
      verdict: 'drift',
      why: expect.stringMatching(/^Change of the missing share/),
    });
  });

  it('adjusts the bounds of p over the columns that are judged, at the level that is asked for', () => {
    const column = (lower: number, upper: number, said: Partial<ProfileComparison> = {}): ProfileComparison => {
      const findings = [finding(0.3, 0.3)];
      return {
        name: 'x',
        incomparable: null,
        insufficient: null,
        fewValues: null,
        p: { lower, upper },
        findings,
        ...said,
      };
    };
    const columns = [
      column(0.01, 0.02),
      column(0.5, 0.6),
      column(0, 0, { incomparable: 'No.' }),
      column(0, 0, { insufficient: 'Few.' }),
    ];
    expect(judgeProfiles(columns).map(({ q }) => q)).toEqual([
      { lower: 0.02, upper: 0.04 },
      { lower: 0.5, upper: 0.6 },
      null,
      null,
    ]);
    expect(
      judgeProfiles(columns)
        .map(({ verdict }) => verdict)
        .slice(0, 2),
    ).toEqual(['drift', 'no_drift']);
    expect(judgeProfiles(columns, { alpha: 0.03 })[0]?.verdict).toBe('undecided');
    expect(judgeProfiles(columns, { alpha: 0.02 })[0]?.verdict).toBe('no_drift');
    expect(judgeProfiles(columns)[0]).toMatchObject({ name: 'x', findings: columns[0]!.findings });
  });

  it('adjusts for columns that depend on each other, or that count more than others, at both ends', () => {
    const column = (name: string, lower: number, upper: number): ProfileComparison => ({
      ...{ name, incomparable: null, insufficient: null, fewValues: null, p: { lower, upper }, findings: [] },
    });
    const columns = [column('a', 0.01, 0.02), column('b', 0.3, 0.4)];
    const q = (policy: Parameters<typeof judgeProfiles>[1]) => judgeProfiles(columns, policy).map((found) => found.q);
    // Of two hypotheses Benjamini and Yekutieli's factor is 1 + 1/2.
    expect(q({ adjustment: 'benjamini-yekutieli' })).toEqual([
      { lower: expect.closeTo(0.03, 12), upper: expect.closeTo(0.06, 12) },
      { lower: expect.closeTo(0.45, 12), upper: expect.closeTo(0.6, 12) },
    ]);
    // Weights 3 and 1 are 1.5 and 0.5 of their mean: p / 1.5 and p / 0.5 are adjusted.
    expect(q({ weights: { a: 3 } })).toEqual([
      { lower: expect.closeTo(0.04 / 3, 12), upper: expect.closeTo(0.08 / 3, 12) },
      { lower: expect.closeTo(0.6, 12), upper: expect.closeTo(0.8, 12) },
    ]);
    // What has no weight takes none from the other.
    expect(q({ weights: { b: 0 } })[0]).toEqual({ lower: 0.01, upper: 0.02 });
  });
});
