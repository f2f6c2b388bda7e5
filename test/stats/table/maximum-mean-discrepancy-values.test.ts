import { describe, expect, it } from 'vitest';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { chiSquareSumPoint, chiSquareSumTail } from '../../../src/stats/special/chi-square-sum.ts';
import { studentTwoSidedTail } from '../../../src/stats/special/student-t.ts';
import { symmetricEigen } from '../../../src/stats/summaries/symmetric-eigen.ts';
import type { Matrix } from '../../../src/stats/table/matrix.ts';
import {
  linearMmd,
  type MatrixPair,
  medianBandwidth,
  randomFeatureMmd,
} from '../../../src/stats/table/maximum-mean-discrepancy.ts';
import { mmdContributions } from '../../../src/stats/table/mmd-contributions.ts';

type Rows = readonly (readonly number[])[];

const matrix = (rows: Rows): Matrix => ({
  rows: rows.length,
  columns: rows[0]?.length ?? 0,
  values: Float64Array.from(rows.flat()),
});

/** Chance that leaves rows in the order they have. */
const inOrder = (): number => 0;

const drawn = (rows: number, columns: number, seed: number, shift = 0): Rows => {
  const random = xoshiro128(seed);
  return Array.from({ length: rows }, () => Array.from({ length: columns }, () => normalDeviate(random) + shift));
};

const square = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, v, k) => sum + (v - b[k]!) ** 2, 0);
const sum = (values: readonly number[]): number => values.reduce((total, v) => total + v, 0);

describe('the median distance', () => {
  const of = (x: Rows, y: Rows) => medianBandwidth({ x: matrix(x), y: matrix(y) }, xoshiro128(3));

  it('is of two different rows, whichever sample they are of', () => {
    expect(of([[0, 0]], [[3, 4]])).toBe(5);
    // Distances of 1, 2 and 3, each as often.
    for (const x of [[[0]], [[0], [1]], [[3]], [[3], [1]]])
      expect(
        of(
          x,
          [[0], [1], [3]].filter(([v]) => !x.flat().includes(v!)),
        ),
      ).toBe(2);
  });

  it('is of any two rows, not of neighbours', () => {
    // Of 28 pairs 16 are far apart, of those of neighbours two.
    const side = (from: number): Rows => [0, 1, 2, 3].map((v) => [from + v]);
    expect(of(side(0), side(100))).toBeGreaterThan(90);
  });

  it('is 0 where most rows are alike', () => {
    expect(of([[1], [1], [1], [1], [1]], [[1], [1], [7]])).toBe(0);
  });
});

describe('the discrepancy in linear time', () => {
  const [x, y] = [drawn(40, 2, 1), drawn(37, 2, 2, 0.5)];
  const kernel = (bandwidth: number) => (a: readonly number[], b: readonly number[]) =>
    Math.exp(-square(a, b) / (2 * bandwidth ** 2));

  it('is the mean of its differences over pairs of rows, held against their error', () => {
    const k = kernel(1.5);
    const h = Array.from({ length: 18 }, (_, i) => {
      const [a, b, c, d] = [x[2 * i]!, x[2 * i + 1]!, y[2 * i]!, y[2 * i + 1]!];
      return k(a, b) + k(c, d) - k(a, d) - k(b, c);
    });
    const mean = sum(h) / 18;
    const error = Math.sqrt(sum(h.map((one) => (one - mean) ** 2)) / 17 / 18);
    const found = linearMmd({ x: matrix(x), y: matrix(y) }, { bandwidth: 1.5, random: inOrder })!;
    expect(found).toEqual({
      mmd2: expect.closeTo(mean, 12),
      z: expect.closeTo(mean / error, 9),
      // By Student's table: of 17 degrees of freedom 5 % lie beyond 1.7396 one-sided.
      p: expect.closeTo(1 - studentTwoSidedTail(mean / error, 17) / 2, 9),
      null95: expect.closeTo(1.7396067 * error, 6),
      pairs: 18,
    });
    expect(mean).toBeLessThan(0);
    const far = linearMmd({ x: matrix(x), y: matrix(drawn(37, 2, 2, 3)) }, { bandwidth: 1.5, random: inOrder })!;
    expect(far.z).toBeGreaterThan(3);
    expect(far.p).toBeCloseTo(studentTwoSidedTail(far.z, 17) / 2, 12);
    const turned = linearMmd({ x: matrix(y), y: matrix(x) }, { bandwidth: 1.5, random: inOrder })!;
    expect([turned.pairs, turned.mmd2]).toEqual([18, expect.closeTo(mean, 12)]);
  });

  it('is of rows in random order, and takes sixteen pairs, a bandwidth and something that varies', () => {
    const of = (n: number, m: number, bandwidth = 1, random = inOrder) =>
      linearMmd({ x: matrix(x.slice(0, n)), y: matrix(y.slice(0, m)) }, { bandwidth, random });
    expect(of(32, 33)?.pairs).toBe(16);
    expect([of(31, 37), of(40, 31), of(40, 37, 0), of(40, 37, Number.NaN)]).toEqual([null, null, null, null]);
    expect(of(40, 37, 1, xoshiro128(1))?.mmd2).not.toBe(of(40, 37)?.mmd2);
    const constant = matrix(Array.from({ length: 40 }, () => [2]));
    expect(linearMmd({ x: constant, y: constant }, { bandwidth: 1, random: inOrder })).toBeNull();
  });
});

/** √(2 / D) cos(w·x / σ + b) of every row, with the numbers that chance gives first for w, then for b. */
function featuresOf(rows: Rows, { features, bandwidth, seed }: { features: number; bandwidth: number; seed: number }) {
  const random = xoshiro128(seed);
  const w = Array.from({ length: features }, () => rows[0]!.map(() => normalDeviate(random)));
  const b = Array.from({ length: features }, () => 2 * Math.PI * random());
  return rows.map((row) =>
    w.map((of, f) => Math.sqrt(2 / features) * Math.cos(sum(of.map((v, k) => (v * row[k]!) / bandwidth)) + b[f]!)),
  );
}

const meanOf = (rows: Rows): number[] => rows[0]!.map((_, f) => sum(rows.map((row) => row[f]!)) / rows.length);

/** The squared distance of the mean rows of every way of dealing to sides of n and the rest. */
function deals(rows: Rows, n: number): number[] {
  const found: number[] = [];
  for (let mask = 0; mask < 2 ** rows.length; mask++) {
    const side = (bit: number): Rows => rows.filter((_, i) => ((mask >> i) & 1) === bit);
    if (side(1).length === n) found.push(square(meanOf(side(1)), meanOf(side(0))));
  }
  return found;
}

describe('the discrepancy by random features', () => {
  const [x, y] = [drawn(5, 2, 3), drawn(4, 2, 4, 2)];
  const pair: MatrixPair = { x: matrix(x), y: matrix(y) };
  const given = { features: 3, bandwidth: 1.7, seed: 9 };
  const found = (more = {}) =>
    randomFeatureMmd(pair, { features: 3, bandwidth: 1.7, random: xoshiro128(given.seed), ...more })!;

  it('is the squared distance of the mean features, and has the mean of all ways of dealing', () => {
    const mapped = featuresOf([...x, ...y], given);
    const { mmd2, nullMean, null95, p, method } = found();
    expect(method).toBe('saddlepoint');
    expect(mmd2).toBeCloseTo(square(meanOf(mapped.slice(0, 5)), meanOf(mapped.slice(5))), 12);
    const all = deals(mapped, 5);
    expect(all).toHaveLength(126);
    expect(nullMean).toBeCloseTo(sum(all) / 126, 12);
    // It is Σ λ χ²₁ over the eigenvalues of the covariance.
    const centre = meanOf(mapped);
    const covariance = centre.map((a, f) =>
      centre.map((b, g) => sum(mapped.map((row) => (row[f]! - a) * (row[g]! - b))) / 9),
    );
    const scale = ((1 / 5 + 1 / 4) * 9) / 8;
    const weights = Float64Array.from(symmetricEigen(covariance.flat(), 3).values, (value) => scale * value);
    expect(null95).toBeCloseTo(chiSquareSumPoint(weights, 0.05), 10);
    expect(p).toBeCloseTo(chiSquareSumTail(weights, mmd2), 10);
  });

  it('is held against deals of the rows where they are asked for', () => {
    const byLaw = found();
    const dealt = found({ permutations: 4_000 });
    expect(dealt).toEqual({ ...byLaw, p: dealt.p, method: 'permutation' });
    const all = deals(featuresOf([...x, ...y], given), 5);
    const share = all.filter((one) => one >= byLaw.mmd2 * (1 - 1e-9)).length / all.length;
    expect(share).toBeGreaterThan(0.01);
    // Four standard errors of 4,000 draws.
    expect(Math.abs(dealt.p - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / 4_000));
    // Every deal is the one that was made, and counts: after the features chance gives nothing but 0.
    let drawnNumbers = 0;
    const random = xoshiro128(4);
    const once = (): number => (drawnNumbers++ < 10 ? random() : 0);
    const same = randomFeatureMmd(pair, { features: 2, bandwidth: 1, random: once, permutations: 3 })!;
    expect(same.mmd2).toBeGreaterThan(0);
    expect(same.p).toBe(1);
    const apart = { x: matrix([[0], [0], [0], [0]]), y: matrix([[2], [2], [2], [2]]) };
    const lone = randomFeatureMmd(apart, { bandwidth: 1, random: xoshiro128(2), permutations: 3 })!;
    expect(lone.p * 4).toBeCloseTo(Math.round(lone.p * 4), 12);
    expect(lone.p).toBeGreaterThanOrEqual(1 / 4);
  });

  it('has 128 features, where nothing is said', () => {
    expect(found({ features: undefined })).toEqual(found({ features: 128 }));
  });

  it('takes two rows of each side and a bandwidth, and finds nothing where nothing varies', () => {
    const of = (n: number, m: number, bandwidth = 1) =>
      randomFeatureMmd(
        { x: matrix(x.slice(0, n)), y: matrix(y.slice(0, m)) },
        { bandwidth, random: xoshiro128(1), features: 2 },
      );
    expect(of(2, 2)).not.toBeNull();
    expect([of(1, 4), of(5, 1), of(5, 4, 0), of(5, 4, Number.NaN)]).toEqual([null, null, null, null]);
    const constant = matrix([[0], [0], [0]]);
    expect(
      randomFeatureMmd({ x: constant, y: constant }, { bandwidth: 1, random: inOrder, features: 2 }),
    ).toMatchObject({
      ...{ mmd2: 0, nullMean: 0, p: 1 },
    });
  });
});

describe('what single columns have of the discrepancy', () => {
  const moved = (shifts: readonly number[]): MatrixPair => ({
    x: matrix(drawn(80, shifts.length, 7)),
    y: matrix(drawn(60, shifts.length, 8).map((row) => row.map((v, j) => v + shifts[j]!))),
  });

  it('is what each shows beyond chance, in the order of their shares and then of their names', () => {
    const pair = moved([0, 1, 2, 0]);
    const names = ['d', 'c', 'b', 'a'];
    const random = xoshiro128(5);
    const excess = names.map((_, j) => {
      const alone = {
        x: matrix(Array.from({ length: 80 }, (_row, i) => [pair.x.values[4 * i + j]!])),
        y: matrix(Array.from({ length: 60 }, (_row, i) => [pair.y.values[4 * i + j]!])),
      };
      const bandwidth = medianBandwidth(alone, random);
      const { mmd2, nullMean, null95 } = randomFeatureMmd(alone, { bandwidth, random, features: 32 })!;
      return mmd2 > null95 ? mmd2 - nullMean : 0;
    });
    expect(excess.map((one) => one > 0)).toEqual([false, true, true, false]);
    expect(mmdContributions(pair, names, { random: xoshiro128(5) })).toEqual([
      { name: 'b', share: expect.closeTo(excess[2]! / sum(excess), 12) },
      { name: 'c', share: expect.closeTo(excess[1]! / sum(excess), 12) },
      { name: 'a', share: 0 },
      { name: 'd', share: 0 },
    ]);
  });

  it('is nothing of a change that no column shows, or of a column that does not vary', () => {
    const rows = drawn(40, 2, 9);
    const crossed = { x: matrix(rows), y: matrix(rows.map(([v], i) => [v!, rows.at(-1 - i)![1]!])) };
    for (const names of [
      ['y', 'x'],
      ['x', 'y'],
    ]) {
      expect(mmdContributions(crossed, names, { random: xoshiro128(5) })).toEqual([
        { name: 'x', share: 0 },
        { name: 'y', share: 0 },
      ]);
    }
    const constant = { x: matrix([[1], [1], [1]]), y: matrix([[1], [1]]) };
    expect(mmdContributions(constant, ['x'], { random: xoshiro128(5) })).toEqual([{ name: 'x', share: 0 }]);
  });
});
