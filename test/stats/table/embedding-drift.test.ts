import { describe, expect, it } from 'vitest';
import { gammaPoint95 } from '../../../src/stats/distances/relabelling-law.ts';
import { wasserstein } from '../../../src/stats/distances/wasserstein.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { chiSquareTail } from '../../../src/stats/special/chi-square.ts';
import { centroidDistance, componentDrift } from '../../../src/stats/table/embedding-drift.ts';
import type { Matrix } from '../../../src/stats/table/matrix.ts';
import type { MatrixPair } from '../../../src/stats/table/maximum-mean-discrepancy.ts';
import { kolmogorovSmirnov } from '../../../src/stats/tests/kolmogorov-smirnov.ts';
import { benjaminiHochberg } from '../../../src/stats/verdict/benjamini-hochberg.ts';
import { filled } from '../samples.ts';
import { drawMatrices, drawMatrix } from './tables.ts';

describe('embedding drift', () => {
  it('has a centroid distance that is large where something moved', () => {
    const still = centroidDistance(drawMatrices(5), xoshiro128(1))!;
    expect(still.euclidean).toBeLessThan(still.null95 * 1.3);
    const moved = centroidDistance(drawMatrices(5, { shift: 1 }), xoshiro128(1))!;
    expect(moved.p).toBeLessThan(1e-6);
    expect(moved.euclidean).toBeGreaterThan(moved.null95);
    expect(Math.abs(moved.euclidean - 1)).toBeLessThan(0.25);
  });

  it('measures the angle between the centroids', () => {
    const rows = (v: readonly number[]) => ({ rows: 8, columns: 2, values: Float64Array.from(filled(8, v).flat()) });
    const between = (x: Matrix, y: Matrix) => centroidDistance({ x, y }, xoshiro128(1));
    const square = between(rows([1, 0]), rows([0, 3]));
    expect(square).toMatchObject({ cosine: 1, euclidean: Math.sqrt(10) });
    expect(square?.p).toBeLessThan(1e-3);
    expect(between(rows([1, 0]), rows([1, 0]))).toMatchObject({ cosine: 0, euclidean: 0, p: 1 });
    expect(between(rows([0, 0]), rows([1, 0]))?.cosine).toBeNull();
    expect(between({ ...rows([1, 0]), rows: 3 }, rows([1, 0]))).toBeNull();
  });

  it('counts the components that changed', () => {
    const found = componentDrift(drawMatrices(6, { shift: 1 }, 600), { level: 0.05, effect: 0.3 })!;
    expect(found).toMatchObject({ drifted: 1, share: 0.2 });
    expect(found.components[0]?.distance).toBeGreaterThan(0.7);
    const constant = { rows: 50, columns: 1, values: new Float64Array(50) };
    const other = { rows: 50, columns: 1, values: new Float64Array(50).fill(1) };
    expect(componentDrift({ x: constant, y: other }, { level: 0.05, effect: 0.1 })).toMatchObject({
      drifted: 1,
      components: [{ distance: null }],
    });
    expect(componentDrift({ x: { ...constant, rows: 0 }, y: other }, { level: 0.05, effect: 0.1 })).toBeNull();
  });
});

const rowsOf = ({ rows, columns, values }: Matrix): number[][] =>
  Array.from({ length: rows }, (_, i) => [...values.subarray(i * columns, (i + 1) * columns)]);

const matrixOf = (rows: readonly (readonly number[])[]): Matrix => ({
  rows: rows.length,
  columns: rows[0]!.length,
  values: Float64Array.from(rows.flat()),
});

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, v, j) => sum + v * b[j]!, 0);
const meanOf = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
const sumOf = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0);

function centroidOf(rows: readonly (readonly number[])[]): number[] {
  return rows[0]!.map((_, j) => meanOf(rows.map((row) => row[j]!)));
}

/** The rows of both about their common mean. */
function pooledOf({ x, y }: MatrixPair): number[][] {
  const rows = [...rowsOf(x), ...rowsOf(y)];
  const centre = centroidOf(rows);
  return rows.map((row) => row.map((v, j) => v - centre[j]!));
}

/** The law of the squared distance as its description has it; `others`: the products of different rows, squared. */
function lawOf(pair: MatrixPair, others: number): { readonly mean: number; readonly variance: number } {
  const rows = pooledOf(pair);
  const [n, m, all] = [pair.x.rows, pair.y.rows, rows.length];
  const norms = rows.map((row) => dot(row, row));
  const [c, v] = [1 / n + 1 / m, (n * m) / all ** 2];
  const uneven = sumOf(norms.map((norm) => (norm - meanOf(norms)) ** 2));
  return {
    mean: (c * sumOf(norms)) / (all - 1),
    variance: (c ** 2 / all ** 2) * (2 * others + (1 / v - 4) * uneven),
  };
}

function productsOf(rows: readonly (readonly number[])[]): number {
  return sumOf(rows.flatMap((a, i) => rows.map((b, k) => (i === k ? 0 : dot(a, b) ** 2))));
}

describe('the distance of two centroids', () => {
  it('is that of the means, with the law of rows dealt anew', () => {
    for (const pair of [drawMatrices(7, { shift: 0.3 }, 40), drawMatrices(8, {}, 12)]) {
      const [a, b] = [centroidOf(rowsOf(pair.x)), centroidOf(rowsOf(pair.y))];
      const square = sumOf(a.map((v, j) => (v - b[j]!) ** 2));
      const law = lawOf(pair, productsOf(pooledOf(pair)));
      const df = (2 * law.mean ** 2) / law.variance;
      const found = centroidDistance(pair, xoshiro128(1))!;
      expect(found.euclidean).toBeCloseTo(Math.sqrt(square), 12);
      expect(found.nullMean).toBeCloseTo(Math.sqrt(law.mean), 12);
      expect(found.null95).toBeCloseTo(Math.sqrt(gammaPoint95(law)), 11);
      expect(found.p).toBeCloseTo(chiSquareTail((square * df) / law.mean, df), 11);
      expect(found.cosine).toBeCloseTo(1 - dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)), 12);
    }
  });

  it('has the mean and nearly the spread that all deals of the rows have', () => {
    const pair = drawMatrices(9, { shift: 0.5 }, 14);
    const rows = pooledOf(pair);
    const [n, all] = [pair.x.rows, rows.length];
    const random = xoshiro128(4);
    const squares = Array.from({ length: 20_000 }, () => {
      const order = rows.map((row) => ({ row, key: random() })).sort((p, q) => p.key - q.key);
      const [a, b] = [order.slice(0, n), order.slice(n)].map((side) => centroidOf(side.map(({ row }) => row)));
      return sumOf(a!.map((v, j) => (v - b![j]!) ** 2));
    });
    const found = centroidDistance(pair, xoshiro128(1))!;
    expect(found.nullMean ** 2 / meanOf(squares)).toBeCloseTo(1, 1);
    const above = squares.filter((square) => square > found.null95 ** 2).length / squares.length;
    expect(all).toBe(23);
    expect(Math.abs(above - 0.05)).toBeLessThan(0.02);
  });

  it('draws signs instead where there are more components than can be paired', () => {
    const wide = (columns: number): MatrixPair => {
      const random = xoshiro128(columns);
      return { x: drawMatrix({ rows: 9, columns }, random), y: drawMatrix({ rows: 6, columns }, random) };
    };
    const exact = wide(256);
    const { nullMean, null95 } = centroidDistance(exact, xoshiro128(1))!;
    const law = lawOf(exact, productsOf(pooledOf(exact)));
    expect(nullMean).toBeCloseTo(Math.sqrt(law.mean), 10);
    expect(null95).toBeCloseTo(Math.sqrt(gammaPoint95(law)), 10);
    const drawn = wide(257);
    const rows = pooledOf(drawn);
    const random = xoshiro128(1);
    const lengths = Array.from({ length: 64 }, () => {
      const signs = rows.map(() => (random() < 0.5 ? -1 : 1));
      const signed = rows[0]!.map((_, j) => sumOf(rows.map((row, i) => signs[i]! * row[j]!)));
      return dot(signed, signed);
    });
    // Half of their variance is the sum of products, nearly.
    const others = sumOf(lengths.map((length) => (length - meanOf(lengths)) ** 2)) / 63 / 2;
    expect(centroidDistance(drawn, xoshiro128(1))!.null95).toBeCloseTo(
      Math.sqrt(gammaPoint95(lawOf(drawn, others))),
      10,
    );
    expect(others / productsOf(rows)).toBeGreaterThan(0.5);
    expect(others / productsOf(rows)).toBeLessThan(1.5);
  });

  it('is nothing where rounding alone tells the means apart, and beyond chance where nothing varies', () => {
    const thirds = matrixOf(filled(7, [0.1, 0.7]));
    const same = matrixOf(filled(11, [0.1, 0.7]));
    expect(centroidDistance({ x: thirds, y: same }, xoshiro128(1))).toMatchObject({ euclidean: 0, p: 1 });
    // The mean of 0.59 and 0.98 is not 0.785 to the last digit, at whatever scale.
    for (const scale of [1, 2 ** 20]) {
      const column = (...values: number[]) => matrixOf(values.map((v) => [v * scale]));
      const [x, y] = [column(0.59, 0.98, 0.59, 0.98), column(0.785, 0.785, 0.785, 0.785)];
      expect(centroidDistance({ x, y }, xoshiro128(1))).toMatchObject({ euclidean: 0, p: 1, cosine: 0 });
    }
    const turned = centroidDistance({ x: thirds, y: matrixOf(filled(11, [-0.2, -1.4])) }, xoshiro128(1))!;
    expect(turned.cosine).toBeCloseTo(2, 12);
    expect(
      centroidDistance({ x: thirds, y: matrixOf(filled(11, [0.2, 1.4])) }, xoshiro128(1))?.cosine,
    ).toBeGreaterThanOrEqual(0);
  });

  it.each([2 ** -900, 2 ** -332, 2 ** 300, 2 ** 900])('is as surprising in units of %d as in any other', (unit) => {
    const pair = drawMatrices(7, { shift: 0.3 }, 40);
    const inUnits = (matrix: Matrix) => ({ ...matrix, values: matrix.values.map((v) => v * unit) });
    const [usual, found] = [pair, { x: inUnits(pair.x), y: inUnits(pair.y) }].map(
      (one) => centroidDistance(one, xoshiro128(1))!,
    );
    expect(usual!.p).toBeGreaterThan(1e-6);
    expect(found).toEqual({
      ...usual,
      euclidean: usual!.euclidean * unit,
      nullMean: usual!.nullMean * unit,
      null95: usual!.null95 * unit,
    });
  });

  it('is unknown where a mean is too large for doubles', () => {
    const huge = matrixOf(filled(8, [Number.MAX_VALUE, 1]));
    const one = matrixOf(filled(8, [1, 1]));
    expect(centroidDistance({ x: huge, y: one }, xoshiro128(1))).toBeNull();
    expect(centroidDistance({ x: one, y: huge }, xoshiro128(1))).toBeNull();
  });

  it('needs four rows of each', () => {
    const { x, y } = drawMatrices(3, {}, 4);
    const four = { ...x, rows: 4 };
    const three = { ...x, rows: 3 };
    expect(y.rows).toBe(2);
    expect(centroidDistance({ x: four, y: four }, xoshiro128(1))).not.toBeNull();
    expect(centroidDistance({ x: four, y: three }, xoshiro128(1))).toBeNull();
    expect(centroidDistance({ x: three, y: four }, xoshiro128(1))).toBeNull();
  });
});

describe('components of embeddings, each on its own', () => {
  const pair = drawMatrices(12, { shift: 0.6 }, 90);
  const sorted = (matrix: Matrix, j: number): Float64Array =>
    Float64Array.from(rowsOf(matrix), (row) => row[j]!).sort();

  it('have Kolmogorov and Smirnov’s q, and their distance in the deviation of the reference', () => {
    const found = componentDrift(pair, { level: 0.05, effect: 0.3 })!;
    const columns = [0, 1, 2, 3, 4].map((j) => [sorted(pair.x, j), sorted(pair.y, j)] as const);
    const q = benjaminiHochberg(columns.map(([a, b]) => kolmogorovSmirnov(a, b).p));
    const distances = columns.map(([a, b]) => {
      const mean = meanOf([...a]);
      return wasserstein(a, b)! / Math.sqrt(meanOf([...a].map((v) => (v - mean) ** 2)));
    });
    expect(found.components.map((one) => one.q)).toEqual(q);
    expect(found.components.map((one) => one.distance)).toEqual(distances.map((d) => expect.closeTo(d, 12)));
  });

  it('drift below the level, and from the effect on', () => {
    const { components } = componentDrift(pair, { level: 0.05, effect: 0.3 })!;
    const [first] = components;
    const count = (level: number, effect: number) => componentDrift(pair, { level, effect })!;
    const smaller = first!.distance! * (1 - 1e-9);
    expect(count(first!.q * (1 + 1e-9), smaller)).toMatchObject({ drifted: 1, share: 0.2 });
    expect(count(first!.q, smaller).drifted).toBe(0);
    expect(count(first!.q * (1 + 1e-9), first!.distance!).drifted).toBe(1);
    expect(count(first!.q * (1 + 1e-9), first!.distance! * (1 + 1e-9)).drifted).toBe(0);
  });

  it('are none without rows of either side, or without components', () => {
    const none = { rows: 0, columns: 5, values: new Float64Array(0) };
    const options = { level: 0.05, effect: 0.1 };
    expect(componentDrift({ x: pair.x, y: none }, options)).toBeNull();
    expect(componentDrift({ x: none, y: pair.y }, options)).toBeNull();
    const flat = { rows: 5, columns: 0, values: new Float64Array(0) };
    expect(componentDrift({ x: flat, y: flat }, options)).toBeNull();
  });
});
