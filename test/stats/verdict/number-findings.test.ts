import { describe, expect, it } from 'vitest';
import { energyDistance, energyNull } from '../../../src/stats/distances/energy.ts';
import { hellinger } from '../../../src/stats/distances/hellinger.ts';
import { jensenShannonDistance } from '../../../src/stats/distances/jensen-shannon.ts';
import { psi, psiNull } from '../../../src/stats/distances/psi.ts';
import { spreadRatio } from '../../../src/stats/distances/spread-ratio.ts';
import { wasserstein, wassersteinNull } from '../../../src/stats/distances/wasserstein.ts';
import { wassersteinLaw } from '../../../src/stats/distances/wasserstein-law.ts';
import { andersonDarling } from '../../../src/stats/hypothesis-tests/anderson-darling.ts';
import { andersonDarlingIntegral } from '../../../src/stats/hypothesis-tests/anderson-darling-integral.ts';
import { combinedRanks } from '../../../src/stats/hypothesis-tests/combined-ranks.ts';
import { cramerVonMises, midrankCramerVonMises } from '../../../src/stats/hypothesis-tests/cramer-von-mises.ts';
import { eppsSingleton } from '../../../src/stats/hypothesis-tests/epps-singleton.ts';
import { kolmogorovSmirnov } from '../../../src/stats/hypothesis-tests/kolmogorov-smirnov.ts';
import { levene } from '../../../src/stats/hypothesis-tests/levene.ts';
import { mannWhitney } from '../../../src/stats/hypothesis-tests/mann-whitney.ts';
import { studentTTest, welchTTest } from '../../../src/stats/hypothesis-tests/t-test.ts';
import { pooledValues } from '../../../src/stats/summaries/pooled-values.ts';
import { cellsOfBins } from '../../../src/stats/verdict/cells.ts';
import { DEFAULT_POLICY } from '../../../src/stats/verdict/judge.ts';
import type { Finding } from '../../../src/stats/verdict/judgement.ts';
import { MEASURE_NAMES, MEASURES, type MeasureName } from '../../../src/stats/verdict/measures.ts';
import { numberBins } from '../../../src/stats/verdict/number-bins.ts';
import { numberFindings } from '../../../src/stats/verdict/number-findings.ts';
import { numberPair } from '../../../src/stats/verdict/number-pair.ts';
import { numberSample } from '../../../src/stats/verdict/samples.ts';
import { numbers } from '../columns.ts';

const { POSITIVE_INFINITY: inf } = Number;

/** Few, tied, and with infinities, so that it shows which of the values a measure is of. */
const REFERENCE = [-inf, 1, 2, 2, 4, 8, 16, 3.5, null];
const WINDOW = [0.5, 2, 3, 9, inf, 20, 5, 7, 11, inf];

const pairOf = (reference: readonly (number | null)[], window: readonly (number | null)[]) => {
  const [r, w] = [numberSample(numbers(reference)), numberSample(numbers(window))];
  return numberPair({ r, w, cells: cellsOfBins(numberBins(r, w, [1, 3, 16])) });
};

const found = (measure: MeasureName, pair = pairOf(REFERENCE, WINDOW)): Finding => {
  const findings = numberFindings([measure], pair, DEFAULT_POLICY);
  expect(findings.map((one) => one.measure)).toEqual([measure]);
  return findings[0]!;
};

describe('the finding of a measure of numbers', () => {
  const { r, w, cells } = pairOf(REFERENCE, WINDOW);
  const [n, m] = [r.sorted.length, w.sorted.length];
  const finite = { n: r.finite.length, m: w.finite.length };
  const root = Math.sqrt(1 / n + 1 / m);

  it('of ranks is that of the sorted values, infinities among them', () => {
    const rank = mannWhitney(w.sorted, r.sorted);
    expect(found('mann_whitney/two-sided@1')).toMatchObject({
      value: rank.superiority,
      p: rank.p,
      nullMean: 0.5,
      null95: null,
      parameters: { u: rank.u, mode: rank.mode, n, m },
    });
    const cvm = cramerVonMises(r.sorted, w.sorted)!;
    expect(found('cramer_von_mises/integral@1')).toMatchObject({
      value: cvm.statistic,
      p: cvm.p,
      nullMean: cvm.mean,
      parameters: { mode: cvm.mode },
    });
    const midrank = midrankCramerVonMises(r.sorted, w.sorted)!;
    expect(found('cramer_von_mises/midrank@1')).toMatchObject({
      value: midrank.statistic,
      p: midrank.p,
      nullMean: expect.closeTo((1 + 1 / (n + m)) / 6, 14),
      parameters: { n, m },
    });
    const ad = andersonDarling([r.sorted, w.sorted])!;
    expect(found('anderson_darling/midrank@1')).toMatchObject({
      value: ad.statistic,
      p: ad.p,
      nullMean: 0,
      parameters: { a2: ad.a2, interpolatedP: ad.interpolated },
    });
    const integral = andersonDarlingIntegral(r.sorted, w.sorted)!;
    expect(found('anderson_darling/integral@1')).toMatchObject({
      value: integral.statistic,
      p: integral.p,
      nullMean: integral.mean,
      parameters: { mode: integral.mode, n, m },
    });
    const { p, location, spread, distribution, atom } = combinedRanks(r.sorted, w.sorted)!;
    expect(found('combined_ranks/cauchy@1')).toMatchObject({
      value: null,
      p,
      parameters: { location, spread, distribution, atom },
      reason: 'several tests have one p-value, and no one value',
    });
  });

  it('of the largest difference says where it is and which side is larger', () => {
    const both = kolmogorovSmirnov(r.sorted, w.sorted);
    const two = found('ks/two-sided@1');
    expect(two).toMatchObject({ value: both.d, p: both.p });
    expect(two.parameters).toEqual({ mode: both.mode, location: both.location, windowLarger: both.sign > 0, n, m });
    expect(found('ks/two-sided@1', pairOf(WINDOW, REFERENCE)).parameters.windowLarger).toBe(both.sign < 0);
    // The mean and the 95 % point of Kolmogorov's law.
    expect(two.nullMean).toBeCloseTo(Math.sqrt(Math.PI / 2) * Math.LN2 * root, 12);
    expect(two.null95).toBeCloseTo(1.3580986393225505 * root, 12);
    for (const [name, alternative] of [
      ['ks/window-larger@1', 'greater'],
      ['ks/window-smaller@1', 'less'],
    ] as const) {
      const one = kolmogorovSmirnov(r.sorted, w.sorted, { alternative });
      const finding = found(name);
      expect(finding).toMatchObject({ value: one.d, p: one.p });
      // What lies at an infinity is at no number.
      const location = Number.isFinite(one.location) ? one.location : null;
      expect(finding.parameters).toEqual({ mode: one.mode, location, n, m });
      // Those of the law P(D > d) = exp(-2 d²).
      expect(finding.nullMean).toBeCloseTo(Math.sqrt(Math.PI / 8) * root, 12);
      expect(Math.exp(-2 * (finding.null95! / root) ** 2)).toBeCloseTo(0.05, 12);
    }
    // Where values are few, chance reaches the largest difference that there is.
    for (const name of ['ks/two-sided@1', 'ks/window-larger@1', 'ks/window-smaller@1'] as const) {
      expect(found(name, pairOf([1, 2], [3]))).toMatchObject({
        nullMean: name === 'ks/two-sided@1' ? 1 : expect.any(Number),
        null95: 1,
      });
    }
  });

  it('of means and spreads is that of the finite values, the window minus the reference', () => {
    for (const [name, test] of [
      ['t_test/welch@1', welchTTest],
      ['t_test/student@1', studentTTest],
    ] as const) {
      const { t, p, df } = test(w.finite, r.finite)!;
      expect(found(name)).toMatchObject({ value: t, p, nullMean: 0, null95: null, parameters: { df } });
    }
    for (const centre of ['median', 'mean'] as const) {
      const { statistic, p, d1, d2 } = levene([r.finite, w.finite], centre)!;
      expect(found(`levene/${centre}@1`)).toMatchObject({
        value: statistic,
        p,
        nullMean: d2 / (d2 - 2),
        parameters: { d1, d2 },
      });
    }
    // The law of F has no mean with two degrees of freedom below.
    expect(found('levene/mean@1', pairOf([1, 2], [4, 8])).nullMean).toBeNull();
    const { statistic, p, df } = eppsSingleton(r.finite, w.finite)!;
    expect(found('epps_singleton/two-points@1')).toMatchObject({
      value: statistic,
      p,
      nullMean: df,
      parameters: { df },
    });
    const ratio = spreadRatio(r.finite, w.finite)!;
    expect(found('spread/log-ratio@1')).toMatchObject({
      value: ratio.value,
      null95: ratio.null95,
      nullMean: 0,
      parameters: finite,
    });
  });

  it('of distances is in the unit of the values, or in deviations of the reference', () => {
    const pooled = pooledValues(r.finite, w.finite);
    const mean = r.finite.reduce((sum, v) => sum + v, 0) / finite.n;
    const std = Math.sqrt(r.finite.reduce((sum, v) => sum + (v - mean) ** 2, 0) / finite.n);
    const near = (x: number) => expect.closeTo(x, 10);
    const moved = wasserstein(r.finite, w.finite);
    const law = wassersteinLaw(pooled);
    expect(found('wasserstein/raw@1')).toMatchObject({
      value: near(moved),
      nullMean: near(law.mean),
      null95: near(law.point95),
      parameters: finite,
    });
    const expected = wassersteinNull(finite.n, finite.m);
    expect(found('wasserstein/reference-std@1')).toMatchObject({
      value: near(moved / std),
      nullMean: expected.mean,
      null95: expected.point95,
      parameters: { ...finite, wasserstein: near(moved), referenceStd: near(std) },
    });
    const energy = energyNull(pooled);
    expect(found('energy/raw@1')).toMatchObject({
      value: near(energyDistance(pooled)),
      nullMean: near(energy.mean),
      null95: near(energy.point95),
      parameters: finite,
    });
    const unit = Math.sqrt(std);
    expect(found('energy/reference-std@1')).toMatchObject({
      value: near(energyDistance(pooled) / unit),
      nullMean: near(energy.mean / unit),
      null95: near(energy.point95 / unit),
      parameters: { ...finite, referenceStd: near(std) },
    });
  });

  it('of distances is that of the finite values, whichever side has others', () => {
    for (const [a, b] of [
      [
        [1, 2, 4],
        [2, 5, 7],
      ],
      [
        [1, 2, 4, inf],
        [2, 5, 7],
      ],
      [
        [1, 2, 4],
        [-inf, 2, 5, 7],
      ],
    ] as const) {
      const pair = pairOf(a, b);
      expect(found('wasserstein/raw@1', pair).value).toBeCloseTo(7 / 3, 12);
      expect(found('energy/raw@1', pair)).toMatchObject(found('energy/raw@1', pairOf([1, 2, 4], [2, 5, 7])));
      const { p } = mannWhitney(Float64Array.from(b), Float64Array.from(a));
      expect(found('mann_whitney/two-sided@1', pair).p).toBe(p);
    }
  });

  it('of bins is that of their counts', () => {
    const total = (side: readonly number[]) => side.reduce((a, b) => a + b, 0);
    const bins = cells.r.filter((count, k) => count + cells.w[k]! > 0).length;
    const expected = psiNull(bins, total(cells.r), total(cells.w));
    expect(found('psi/reference-edges@1')).toMatchObject({
      value: psi(cells.r, cells.w),
      nullMean: expected.mean,
      null95: expected.point95,
      parameters: { bins, emptyBin: 'half a row', n: REFERENCE.length, m: WINDOW.length },
    });
    expect(found('js_distance/base2/reference-edges@2').value).toBe(jensenShannonDistance(cells.r, cells.w));
    expect(found('hellinger/reference-edges@2').value).toBe(hellinger(cells.r, cells.w));
    // Of the bins [1, 3], (3, 16] and what lies outside.
    expect(found('normalised_absolute_difference/counts@1')).toMatchObject({
      value: 3 / 19,
      parameters: { label: 'above 16' },
    });
  });

  it('of a permutation test is in deviations of the reference, the same for ever', () => {
    const pair = pairOf([1, 2, 3, 4, 5, 6], [5, 6, 7, 8, 9, inf]);
    const finding = found('permutation/mean@1', pair);
    // Means 3.5 and 7, deviation √(35 / 12).
    expect(finding.value).toBeCloseTo(3.5 / Math.sqrt(35 / 12), 12);
    expect(finding.p! * 1000).toBeCloseTo(Math.round(finding.p! * 1000), 9);
    expect(finding.p).toBeLessThan(0.03);
    expect(finding.nullMean).toBeGreaterThan(0.3);
    expect(finding.null95).toBeGreaterThan(finding.nullMean!);
    expect(finding.null95).toBeLessThan(finding.value!);
    expect(finding.parameters).toEqual({ n: 6, m: 5, permutations: 999, seed: 9 });
    expect(found('permutation/mean@1', pair)).toEqual(finding);
    const many = Array.from({ length: 5_001 }, (_, i) => i % 7);
    expect(found('permutation/mean@1', pairOf(many, many)).parameters).toMatchObject({ n: 5_000, m: 5_000 });
    expect(found('permutation/mean@1', pairOf([2, 2], [2]))).toMatchObject({ value: 0, nullMean: 0, null95: 0, p: 1 });
    expect(found('permutation/mean@1', pairOf([2, 2], [3]))).toMatchObject({
      value: null,
      p: expect.any(Number),
      reason: 'the reference is constant',
      parameters: { n: 2, m: 1, permutations: 999, seed: 9 },
    });
  });

  it('says why it has no value', () => {
    const withTest = MEASURE_NAMES.filter((name) => {
      const kinds: readonly string[] = MEASURES[name].kinds;
      return kinds.includes('number') && !kinds.includes('category') && !name.startsWith('text/');
    });
    expect(withTest.length).toBeGreaterThan(15);
    for (const name of withTest) {
      expect(found(name, pairOf([null], [1, 2]))).toMatchObject({ reason: 'the reference has no usable values' });
      expect(found(name, pairOf([1, 2], [null]))).toMatchObject({ reason: 'the window has no usable values', p: null });
    }
    for (const name of [
      't_test/welch@1',
      'levene/median@1',
      'epps_singleton/two-points@1',
      'spread/log-ratio@1',
    ] as const) {
      expect(found(name, pairOf([3, 3], [4, 4])).reason).toBe('the values do not vary, or are too few');
    }
    for (const name of [
      'combined_ranks/cauchy@1',
      'anderson_darling/midrank@1',
      'anderson_darling/integral@1',
    ] as const) {
      expect(found(name, pairOf([3, 3], [3, 3])), name).toMatchObject({
        value: null,
        reason: 'the values do not vary, or are too few',
      });
    }
    // Infinities have ranks, and no mean.
    expect(found('mann_whitney/two-sided@1', pairOf([inf, inf], [1])).value).toBe(0);
    expect(found('t_test/welch@1', pairOf([inf, inf], [1])).reason).toBe('the reference has no usable values');
    for (const name of ['wasserstein/reference-std@1', 'energy/reference-std@1'] as const) {
      expect(found(name, pairOf([3, 3], [4]))).toMatchObject({ value: null, reason: 'the reference is constant' });
      expect(found(name, pairOf([3, 3], [3]))).toMatchObject({ value: 0, reason: null });
      expect(found(name, pairOf([3, 3], [4])).parameters).toMatchObject({ n: 2, m: 1, referenceStd: 0 });
    }
    // A spread whose square is no double would make every distance 0.
    for (const name of ['wasserstein/reference-std@1', 'energy/reference-std@1', 'permutation/mean@1'] as const) {
      expect(found(name, pairOf([-1e200, 0, 1e200], [1, 2]))).toMatchObject({
        value: null,
        reason: "the reference's spread is beyond the range of numbers",
      });
      const alike = found(name, pairOf([-1e200, 0, 1e200], [-1e200, 0, 1e200]));
      expect(alike).toMatchObject({ value: 0, reason: null });
      for (const parameter of Object.values(alike.parameters)) expect(parameter).not.toBe(Number.POSITIVE_INFINITY);
    }
    expect(found('energy/reference-std@1', pairOf([3, 5], [3, 5]))).toEqual({
      ...found('energy/reference-std@1', pairOf([3, 5], [3, 5])),
      ...{ value: 0, nullMean: 0, null95: 0, parameters: { n: 2, m: 2, referenceStd: 1 } },
    });
  });

  it('is none for measures of other kinds', () => {
    expect(
      numberFindings(['chi_square/contingency@1', 'g_test/contingency@1'], pairOf([1], [2]), DEFAULT_POLICY),
    ).toEqual([]);
  });
});
