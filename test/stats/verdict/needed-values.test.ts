import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../../src/stats/verdict/judge.ts';
import type { JudgePolicy } from '../../../src/stats/verdict/judgement.ts';
import type { MeasureName } from '../../../src/stats/verdict/measures.ts';
import { neededText, neededValues } from '../../../src/stats/verdict/needed-values.ts';
import { relativeError } from '../samples.ts';
import { given, JS, limited, W } from './limited-finding.ts';

describe('the values that it takes', () => {
  const only = (...measures: MeasureName[]): JudgePolicy => ({ ...DEFAULT_POLICY, measures });
  const T: MeasureName = 't_test/welch@1';

  it('to see a mean move are those of the t test, over the efficiency of the others', () => {
    // 2 (z of 97.5 % + z of 80 %)² / δ², the textbook's.
    const textbook = (2 * (1.959963984540054 + 0.8416212335729143) ** 2) / 0.3 ** 2;
    const size = (test: MeasureName) => neededValues('number', [limited(W, 0.3)], given, only(test))?.window;
    expect(size(T)).toBe(Math.ceil(textbook));
    expect(size('t_test/student@1')).toBe(Math.ceil(textbook));
    expect(size('mann_whitney/two-sided@1')).toBe(Math.ceil((textbook * Math.PI) / 3));
    expect(size('combined_ranks/cauchy@1')).toBe(Math.ceil(textbook / 0.92));
    expect(size('anderson_darling/integral@1')).toBe(size('combined_ranks/cauchy@1'));
    expect(size('anderson_darling/midrank@1')).toBe(size('combined_ranks/cauchy@1'));
    expect(size('cramer_von_mises/integral@1')).toBe(Math.ceil(textbook / 0.88));
    expect(size('ks/two-sided@1')).toBe(Math.ceil(textbook / 0.7));
    expect(size('epps_singleton/two-points@1')).toBe(Math.ceil(textbook / 0.65));
  });

  it('are fewer by the best of several tests, which share the level', () => {
    const both = neededValues('number', [limited(W, 0.3)], given, only('ks/two-sided@1', T));
    const half = neededValues('number', [limited(W, 0.3)], { ...given, level: 0.025 }, only(T));
    expect(both).toEqual(half);
    // So does a test of the missing share, of a column of numbers.
    const missing = { ...given, anyMissing: true };
    expect(neededValues('number', [limited(W, 0.3)], missing, only(T))).toEqual(half);
    const texts = { ...given, cells: 3 };
    expect(neededValues('category', [limited(JS, 0.1)], { ...texts, anyMissing: true }, DEFAULT_POLICY)).toEqual(
      neededValues('category', [limited(JS, 0.1)], texts, DEFAULT_POLICY),
    );
  });

  it('to see shares move are those of a chi-square with drift', () => {
    // Noncentralities with which the level 0.05 is passed four times in five, by SciPy's `ncx2`; what the approximation
    // errs by falls with the cells.
    const hellinger = 'hellinger/reference-edges@2';
    for (const [cells, noncentrality, error] of [
      [2, 7.848860509326197, 1e-5],
      [3, 9.634688867970233, 0.021],
      [5, 11.935285837704743, 0.011],
      [11, 16.241110284944188, 0.004],
      [51, 30.203630169814403, 4e-4],
    ] as const) {
      const found = neededValues('category', [limited(hellinger, 0.001)], { ...given, cells }, only(hellinger));
      // 8 times the squared distance is Σ (r - w)² / mean.
      expect(relativeError(found!.window, (2 * noncentrality) / (8 * 1e-6)), `${cells} cells`).toBeLessThan(error);
    }
    for (const cells of [0, 1]) {
      expect(neededValues('category', [limited(JS, 0.1)], { ...given, cells }, DEFAULT_POLICY)).toEqual(
        neededValues('category', [limited(JS, 0.1)], { ...given, cells: 2 }, DEFAULT_POLICY),
      );
    }
  });

  it('follow from what a small change is in each measure', () => {
    const size = (kind: 'number' | 'category', measure: MeasureName, limit: number) =>
      neededValues(
        kind,
        [limited(measure, limit)],
        { ...given, cells: 2 },
        kind === 'number' ? only(T, measure) : only(measure),
      )!.window;
    const noncentrality = (1.959963984540054 + 0.8416212335729143) ** 2;
    const ofTexts = (change: number) => Math.ceil((2 * noncentrality) / change);
    expect(size('category', JS, 0.2)).toBe(ofTexts(8 * Math.LN2 * 0.04));
    expect(size('category', 'js_distance/natural/reference-edges@2', 0.2)).toBe(ofTexts(8 * 0.04));
    expect(size('category', 'hellinger/reference-edges@2', 0.2)).toBe(ofTexts(8 * 0.04));
    expect(size('category', 'kullback_leibler/reference-edges@2', 0.2)).toBe(ofTexts(2 * 0.2));
    expect(size('category', 'psi/reference-edges@1', 0.2)).toBe(ofTexts(0.2));
    expect(size('category', 'total_variation/reference-edges@2', 0.2)).toBe(ofTexts(4 * 0.04));
    expect(size('category', 'l_infinity/shares@2', 0.2)).toBe(ofTexts(4 * 0.04));
    expect(size('number', 'energy/reference-std@1', 0.2)).toBe(ofTexts(Math.sqrt(Math.PI) * 0.04));
    expect(size('number', 'total_variation/reference-edges@2', 0.2)).toBe(ofTexts(2 * Math.PI * 0.04));
    expect(size('number', JS, 0.2)).toBe(ofTexts(8 * Math.LN2 * 0.04));
  });

  it('are the same on both sides unless one has its part', () => {
    const each = (2 * (1.959963984540054 + 0.8416212335729143) ** 2) / 0.1 ** 2;
    const findings = [limited(W, 0.1)];
    const of = (n: number, m: number) => neededValues('number', findings, { ...given, n, m }, only(T));
    expect(of(10, 10)).toEqual({ measure: W, limit: 0.1, reference: Math.ceil(each), window: Math.ceil(each) });
    const alone = Math.ceil(1 / (2 / each - 1 / 4000));
    expect(of(4000, 10)).toEqual({ measure: W, limit: 0.1, reference: 4000, window: alone });
    expect(of(10, 4000)).toEqual({ measure: W, limit: 0.1, reference: alone, window: 4000 });
    expect(of(4000, alone)).toBeNull();
    expect(of(4000, alone - 1)).not.toBeNull();
    expect(of(Math.ceil(each), Math.ceil(each))).toBeNull();
  });

  it('are told with two digits', () => {
    const text = (reference: number, window: number) =>
      neededText({ measure: W, limit: 0.1, reference, window }, { n: 100, m: 100 });
    const begin = 'To tell a Wasserstein distance as small as its limit 0.1 from chance takes about';
    expect(text(1567, 1567)).toBe(`${begin} 1600 values of each side.`);
    expect(text(100, 1234)).toBe(`${begin} 1200 values of the window.`);
    expect(text(1234, 100)).toBe(`${begin} 1200 values of the reference.`);
  });

  it('fall on the side that has fewer, where the other has enough', () => {
    const findings = [limited(W, 0.1)];
    const both = neededValues('number', findings, given, DEFAULT_POLICY)!;
    expect(both.reference).toBe(both.window);
    const long = neededValues('number', findings, { ...given, n: 1e6 }, DEFAULT_POLICY)!;
    expect(long.reference).toBe(1e6);
    expect(long.window / both.window).toBeCloseTo(0.5, 2);
    expect(neededText(long, { n: 1e6, m: 10 })).toMatch(/takes about \d+ values of the window\.$/);
    const other = neededValues('number', findings, { ...given, m: 1e6 }, DEFAULT_POLICY)!;
    expect(neededText(other, { n: 10, m: 1e6 })).toMatch(/takes about \d+ values of the reference\.$/);
    expect(neededValues('number', findings, { ...given, n: 1e6, m: 1e6 }, DEFAULT_POLICY)).toBeNull();
  });

  it('are those of the limit that is hardest to see, by the tests that are made', () => {
    const hardest = neededValues('number', [limited(JS, 0.1), limited(W, 0.1)], given, DEFAULT_POLICY);
    expect(hardest?.measure).toBe(W);
    const only = (measures: readonly MeasureName[]): JudgePolicy => ({ ...DEFAULT_POLICY, measures });
    const ks = neededValues('number', [limited(W, 0.1)], given, only(['ks/two-sided@1']));
    expect(ks!.window).toBeGreaterThan(hardest!.window);
    // Of a change of spread the mean says nothing; an index decides nothing; a limit of 0 no number of values shows.
    expect(neededValues('number', [limited(W, 0.1)], given, only(['levene/median@1']))).toBeNull();
    expect(neededValues('category', [limited('psi/reference-edges@1', 0.1)], given, DEFAULT_POLICY)).toBeNull();
    expect(neededValues('number', [limited(W, 0)], given, DEFAULT_POLICY)).toBeNull();
    expect(neededValues('number', [limited(W, null)], given, DEFAULT_POLICY)).toBeNull();
    // Nor has every measure a form of a small change. What has none leaves the others as they are.
    const spread = limited('spread/log-ratio@1', 0.2);
    expect(neededValues('number', [spread], given, DEFAULT_POLICY)).toBeNull();
    const easier = neededValues('number', [limited(JS, 0.1)], given, DEFAULT_POLICY);
    for (const findings of [
      [limited(JS, 0.1), limited(W, 0), spread],
      [spread, limited(W, 0), limited(JS, 0.1)],
    ]) {
      expect(neededValues('number', findings, given, DEFAULT_POLICY)).toEqual(easier);
    }
    expect(neededValues('number', [limited(W, 0.1), limited(JS, 0.1)], given, DEFAULT_POLICY)).toEqual(hardest);
    // Of two that are as hard to see the first is named.
    const alike: MeasureName[] = ['hellinger/reference-edges@2', 'js_distance/natural/reference-edges@2'];
    for (const names of [alike, alike.toReversed()]) {
      const findings = names.map((name) => limited(name, 0.1));
      expect(neededValues('category', findings, { ...given, cells: 3 }, only(alike))?.measure).toBe(names[0]);
    }
  });

  it('do not depend on cells where there are none, and are found at any level', () => {
    const findings = [limited(W, 0.1)];
    expect(neededValues('number', findings, { ...given, cells: 9 }, DEFAULT_POLICY)).toEqual(
      neededValues('number', findings, given, DEFAULT_POLICY),
    );
    // Of two degrees a level of e^-x/2 is passed beyond x: four times in five by what is some deviations more.
    const level = Math.exp(-460);
    const { window } = neededValues(
      'category',
      [limited('hellinger/reference-edges@2', 0.001)],
      { ...given, cells: 3, level },
      { ...DEFAULT_POLICY, measures: ['hellinger/reference-edges@2'] },
    )!;
    const noncentrality = (window * 8e-6) / 2;
    const deviations = (noncentrality + 2 - 920) / Math.sqrt(2 * (2 + 2 * noncentrality));
    expect(deviations).toBeCloseTo(0.84, 1);
  });
});
