import { describe, expect, it } from 'vitest';
import { hellinger, hellingerNull } from '../../../src/stats/distances/hellinger.ts';
import { jensenShannonDistance, jensenShannonNull } from '../../../src/stats/distances/jensen-shannon.ts';
import { kullbackLeibler, kullbackLeiblerNull } from '../../../src/stats/distances/kullback-leibler.ts';
import { lInfinityPoint95 } from '../../../src/stats/distances/l-infinity.ts';
import { normalisedAbsoluteDifferencePoint95 } from '../../../src/stats/distances/normalised-absolute-difference.ts';
import { psi } from '../../../src/stats/distances/psi.ts';
import { totalVariation, totalVariationNull } from '../../../src/stats/distances/total-variation.ts';
import { chiSquareContingency } from '../../../src/stats/hypothesis-tests/chi-square-contingency.ts';
import { dealtChiSquare } from '../../../src/stats/hypothesis-tests/chi-square-dealt.ts';
import { fisherExact } from '../../../src/stats/hypothesis-tests/fisher-exact.ts';
import { fisherMonteCarlo } from '../../../src/stats/hypothesis-tests/fisher-monte-carlo.ts';
import { gTest } from '../../../src/stats/hypothesis-tests/g-test.ts';
import { zProportions } from '../../../src/stats/hypothesis-tests/z-proportions.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { chiSquareQuantile } from '../../../src/stats/special/chi-square.ts';
import { categoryFindings } from '../../../src/stats/verdict/category-findings.ts';
import type { Cells } from '../../../src/stats/verdict/cells.ts';
import { DEFAULT_POLICY } from '../../../src/stats/verdict/judge.ts';
import type { Finding, JudgePolicy } from '../../../src/stats/verdict/judgement.ts';
import type { MeasureName } from '../../../src/stats/verdict/measures.ts';
import { unseenFinding } from '../../../src/stats/verdict/unseen-finding.ts';
import { filled } from '../samples.ts';

const cellsOf = (r: readonly number[], w: readonly number[]): Cells => ({ labels: r.map((_, k) => `t${k}`), r, w });

const R = [40, 0, 30, 30];
const W = [20, 0, 60, 40];
const CELLS = cellsOf(R, W);
/** Fewer and wider, so that it shows which of both a measure is of. */
const BINS = cellsOf([70, 30], [80, 40]);

function found(measure: MeasureName, cells = CELLS, policy: Partial<JudgePolicy> = {}): readonly Finding[] {
  const lists = categoryFindings([measure], { cells, bins: BINS }, { ...DEFAULT_POLICY, ...policy });
  expect(lists).toHaveLength(1);
  return lists[0]!;
}

describe('the finding of a measure of texts', () => {
  it('of a distance is that of the cells', () => {
    for (const [measure, value, law] of [
      ['hellinger/reference-edges@2', hellinger(R, W), hellingerNull(R, W)],
      ['kullback_leibler/reference-edges@2', kullbackLeibler(R, W), kullbackLeiblerNull(R, W)],
      ['total_variation/reference-edges@2', totalVariation(R, W), totalVariationNull(R, W)],
      ['js_distance/base2/reference-edges@2', jensenShannonDistance(R, W), jensenShannonNull(R, W)],
    ] as const) {
      expect(found(measure)).toMatchObject([
        {
          measure,
          value,
          nullMean: law!.mean,
          null95: law!.point95,
          limit: 0.1,
          parameters: { bins: 3, n: 100, m: 120 },
        },
      ]);
      expect(found(measure)[0]?.parameters).not.toHaveProperty('label');
    }
    const root = Math.sqrt(Math.LN2);
    const law = jensenShannonNull(R, W)!;
    expect(found('js_distance/natural/reference-edges@2')).toMatchObject([
      { value: jensenShannonDistance(R, W)! * root, nullMean: law.mean * root, null95: law.point95 * root },
    ]);
  });

  it('of texts that the reference does not have is that of the cells', () => {
    // The last of the cells is what is missing.
    const cells = cellsOf([40, 60, 0, 0], [20, 60, 20, 0]);
    expect(found('unseen_share/difference@1', cells)).toEqual([unseenFinding(cells, DEFAULT_POLICY)]);
    expect(found('unseen_share/difference@1', cells)[0]).toMatchObject({ value: 0.2, parameters: { values: 1 } });
  });

  it('of the largest change names its text', () => {
    // From 0.4 to a sixth, and from 30 to 60 rows.
    expect(found('l_infinity/shares@2')).toMatchObject([
      { value: expect.closeTo(0.4 - 1 / 6, 12), null95: lInfinityPoint95(R, W), parameters: { label: 't0' } },
    ]);
    expect(found('normalised_absolute_difference/counts@1')).toMatchObject([
      {
        value: expect.closeTo(30 / 220, 12),
        nullMean: null,
        null95: normalisedAbsoluteDifferencePoint95(R, W),
        parameters: { bins: 3, n: 100, m: 120, label: 't2' },
      },
    ]);
    // Of two rows chance gives any share.
    expect(found('l_infinity/shares@2', cellsOf([1, 0], [0, 1]))[0]?.null95).toBe(1);
    expect(found('js_distance/base2/reference-edges@2', cellsOf([1, 0, 0, 0, 0], [0, 1, 1, 1, 1]))[0]?.null95).toBe(1);
    expect(found('js_distance/natural/reference-edges@2', cellsOf([1, 0, 0, 0, 0], [0, 1, 1, 1, 1]))[0]?.null95).toBe(
      Math.sqrt(Math.LN2),
    );
  });

  it('has no value where a side has no rows', () => {
    const none = cellsOf([0, 0], [3, 4]);
    for (const measure of [
      'hellinger/reference-edges@2',
      'kullback_leibler/reference-edges@2',
      'total_variation/reference-edges@2',
      'js_distance/base2/reference-edges@2',
      'js_distance/natural/reference-edges@2',
    ] as const) {
      expect(found(measure, none)).toMatchObject([{ value: null, nullMean: null, null95: null, parameters: { m: 7 } }]);
    }
    expect(found('l_infinity/shares@2', none)).toMatchObject([{ value: null, parameters: { label: null } }]);
    const measure = 'normalised_absolute_difference/counts@1';
    expect(found(measure, cellsOf([0], [0]))).toMatchObject([{ value: null, parameters: { label: null } }]);
  });

  it('of the index is that of the bins', () => {
    expect(found('psi/reference-edges@1')).toMatchObject([{ value: psi(BINS.r, BINS.w), parameters: { bins: 2 } }]);
  });

  it('of the G test puts small cells together', () => {
    const test = gTest(R, W)!;
    expect(found('g_test/contingency@1')).toMatchObject([
      {
        value: test.statistic,
        p: test.p,
        nullMean: 2,
        null95: chiSquareQuantile(0.05, 2),
        parameters: { df: 2, cells: 3, pooled: 0, yates: false },
      },
    ]);
    const small = found('g_test/contingency@1', cellsOf([40, 30, 3, 4], [20, 60, 3, 4]))[0]!;
    expect(small.parameters).toMatchObject({ cells: 3, pooled: 2 });
    expect(found('g_test/contingency@1', cellsOf([5, 0], [6, 0]))).toMatchObject([
      { value: null, p: null, reason: 'too few rows in all cells but one' },
    ]);
  });

  it('of the chi-square has a second one with the law of random dealing where cells are small', () => {
    const test = chiSquareContingency(R, W)!;
    expect(found('chi_square/contingency@1')).toMatchObject([
      {
        measure: 'chi_square/contingency@1',
        value: test.statistic,
        p: test.p,
        nullMean: 2,
        null95: chiSquareQuantile(0.05, 2),
        parameters: { df: 2, cells: 3, pooled: 0, yates: false },
      },
    ]);
    const [r, w] = [
      [40, 30, 3, 4, 0],
      [20, 60, 3, 4, 0],
    ] as const;
    const { statistic, p, mean, variance } = dealtChiSquare(r, w)!;
    const [whole, dealt] = found('chi_square/contingency@1', cellsOf(r, w));
    expect(whole).toMatchObject({ value: chiSquareContingency(r, w)!.statistic, parameters: { cells: 4, pooled: 0 } });
    expect(dealt).toMatchObject({
      measure: 'chi_square/dealt@1',
      value: statistic,
      p,
      nullMean: mean,
      parameters: { cells: 4, variance },
    });
    // The gamma law with that mean and variance is a chi-square with 2 mean² / variance degrees, scaled to the mean.
    const degrees = (2 * mean * mean) / variance;
    expect(dealt?.null95).toBeCloseTo((chiSquareQuantile(0.05, degrees) / degrees) * mean, 10);
    const [, pooled] = found('chi_square/contingency@1', cellsOf(r, w), { method: 'judge@1' });
    expect(pooled).toMatchObject({
      measure: 'chi_square/pooled-cells@1',
      value: chiSquareContingency([40, 30, 7], [20, 60, 7])!.statistic,
      parameters: { cells: 3, pooled: 2 },
    });
    expect(found('chi_square/contingency@1', cellsOf(r, w), { method: 'judge@2' })[1]?.measure).toBe(
      'chi_square/dealt@1',
    );
  });

  it('of the chi-square says why there is none', () => {
    expect(found('chi_square/contingency@1', cellsOf([5, 0], [6, 0]))).toMatchObject([
      { value: null, reason: 'every row has the same value' },
    ]);
    // Nor is there a second one where the first has no value, however few rows there are.
    for (const cells of [cellsOf([1, 0], [2, 0]), cellsOf([0, 0], [3, 4]), cellsOf([3, 4, 1], [0, 0, 0])]) {
      expect(found('chi_square/contingency@1', cells)).toHaveLength(1);
    }
    const ones = cellsOf([1, 1, 0, 0], [0, 0, 1, 1]);
    expect(found('chi_square/contingency@1', ones)[1]).toMatchObject({
      value: null,
      p: null,
      reason: 'hardly any value occurs twice',
    });
    expect(found('chi_square/contingency@1', ones, { method: 'judge@1' })[1]).toMatchObject({
      value: null,
      reason: 'too few rows in all cells but one',
    });
  });

  it('of two texts is Fisher’s and that of the shares, of the more frequent one', () => {
    const two = cellsOf([0, 10, 30], [0, 20, 25]);
    const { oddsRatio, p } = fisherExact([
      [30, 10],
      [25, 20],
    ]);
    expect(found('fisher/exact@1', two)).toMatchObject([
      { value: oddsRatio, p, nullMean: 1, parameters: { cells: 2, mode: 'exact' }, reason: null },
    ]);
    expect(found('fisher/exact@1', cellsOf([7, 0], [5, 5]))).toMatchObject([
      { value: null, p: expect.any(Number), reason: 'the odds ratio is infinite: a cell is empty' },
    ]);
    const z = zProportions({ x: 25, n: 45, y: 30, m: 40 })!;
    expect(found('z_test/proportions@1', two)).toMatchObject([
      {
        value: z.z,
        p: z.p,
        nullMean: 0,
        null95: expect.closeTo(1.959963984540054, 12),
        parameters: { reference: 30 / 40, window: 25 / 45 },
      },
    ]);
  });

  it('of more texts draws tables of the most frequent hundred, and the rest together', () => {
    const draws = (r: number[], w: number[]) =>
      fisherMonteCarlo([r, w], { permutations: 1_999, random: xoshiro128(20_260_101) })!;
    // The most frequent first: 80, 70, 60.
    const three = draws([30, 30, 40], [60, 40, 20]);
    const reason = 'more than two cells have no one odds ratio';
    const parameters = { cells: 3, mode: 'drawn tables', tables: three.tables, seed: 20_260_101 };
    expect(found('fisher/exact@1')).toMatchObject([{ value: null, p: three.p, parameters, reason }]);
    const cells = (k: number) =>
      cellsOf(
        Array.from({ length: k }, (_, i) => 2 + (i === k - 1 ? 6 : 0)),
        Array.from({ length: k }, (_, i) => (i === k - 1 ? 5 : 1 + 6 * (i % 2))),
      );
    expect(found('fisher/exact@1', cells(100))[0]?.parameters.cells).toBe(100);
    const wide = found('fisher/exact@1', cells(102))[0]!;
    expect(wide.parameters.cells).toBe(101);
    // The most frequent first: 13 rows, fifty of 9, and of 51 with 3 the last two together.
    const [often, seldom] = [filled(50, 2), filled(49, 2)];
    const drawn = draws([8, ...often, ...seldom, 4], [5, ...filled(50, 7), ...filled(49, 1), 2]);
    expect(wide.p).toBe(drawn.p);
    expect(wide.p).toBeGreaterThan(0.01);
    expect(wide.p).toBeLessThan(0.99);
  });

  it('says why it has no value', () => {
    const reasons = (measure: MeasureName, cells: Cells) => found(measure, cells).map(({ reason, p }) => [reason, p]);
    expect(reasons('fisher/exact@1', cellsOf([5, 0], [6, 0]))).toEqual([['every row has the same value', null]]);
    expect(reasons('fisher/exact@1', cellsOf([0, 0, 0], [3, 2, 1]))).toEqual([['a side has no rows', null]]);
    expect(reasons('z_test/proportions@1', cellsOf([0, 0], [3, 2]))).toEqual([['a side has no rows', null]]);
    for (const other of [cellsOf([5], [6]), CELLS]) {
      expect(reasons('z_test/proportions@1', other)).toEqual([['the column does not have two values', null]]);
    }
  });

  it('is none for measures of other kinds', () => {
    expect(categoryFindings(['ks/two-sided@1', 'levene/mean@1'], { cells: CELLS, bins: BINS }, DEFAULT_POLICY)).toEqual(
      [],
    );
  });
});
