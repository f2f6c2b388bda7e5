import { describe, expect, it } from 'vitest';
import { wasserstein } from '../../../src/stats/distances/wasserstein.ts';
import { kolmogorovSmirnov } from '../../../src/stats/hypothesis-tests/kolmogorov-smirnov.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { chiSquareSumPoint, chiSquareSumTail } from '../../../src/stats/special/chi-square-sum.ts';
import { symmetricEigen } from '../../../src/stats/summaries/symmetric-eigen.ts';
import { centroidDistance, componentDrift } from '../../../src/stats/table/embedding-drift.ts';
import type { Matrix } from '../../../src/stats/table/matrix.ts';
import type { MatrixPair } from '../../../src/stats/table/maximum-mean-discrepancy.ts';
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

/** The weights of the sum of chi-squares that the squared distance is of many rows. */
function weightsOf(pair: MatrixPair): number[] {
  const rows = pooledOf(pair);
  const [d, all] = [rows[0]!.length, rows.length];
  const products = Array.from({ length: d * d }, (_, k) =>
    sumOf(rows.map((row) => row[Math.floor(k / d)]! * row[k % d]!)),
  );
  const scale = (1 / pair.x.rows + 1 / pair.y.rows) / (all - 1);
  return symmetricEigen(products, d).values.map((value) => scale * Math.max(0, value));
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
      // The sum of chi-squares of the same mean has another spread, of which deviations are counted.
      const weights = weightsOf(pair);
      const ratio = Math.sqrt(law.variance / (2 * sumOf(weights.map((weight) => weight ** 2))));
      const given = Float64Array.from(weights);
      const found = centroidDistance(pair, xoshiro128(1))!;
      expect(found.euclidean).toBeCloseTo(Math.sqrt(square), 12);
      expect(found.nullMean).toBeCloseTo(Math.sqrt(law.mean), 12);
      expect(sumOf(weights)).toBeCloseTo(law.mean, 12);
      const point = law.mean + (chiSquareSumPoint(given, 0.05) - law.mean) * ratio;
      expect(found.null95).toBeCloseTo(Math.sqrt(point), 10);
      expect(found.p).toBeCloseTo(chiSquareSumTail(given, law.mean + (square - law.mean) / ratio), 10);
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

  it('looks along random sums of rows where there are more components than can be paired', () => {
    /** Rows that vary most along a few components, or along all alike. */
    const wide = (columns: number, falling: number): MatrixPair => {
      const random = xoshiro128(4);
      const side = (rows: number): Matrix => {
        const drawn = drawMatrix({ rows, columns }, random);
        return { ...drawn, values: drawn.values.map((v, k) => v * (1 + (k % columns)) ** -falling) };
      };
      return { x: side(70), y: side(50) };
    };
    // The last component hardly varies: with one more the law is nearly the same, by the other way.
    for (const falling of [1, 0.5]) {
      const [exact, near] = [256, 257].map((columns) => centroidDistance(wide(columns, falling), xoshiro128(1))!);
      expect(exact!.null95 / near!.null95).toBeCloseTo(1, 1);
    }
    for (const falling of [0, 0.5, 1]) {
      const pair = wide(300, falling);
      const rows = pooledOf(pair);
      const found = centroidDistance(pair, xoshiro128(1))!;
      const law = lawOf(pair, productsOf(rows));
      expect(found.nullMean).toBeCloseTo(Math.sqrt(law.mean), 10);
      const random = xoshiro128(9);
      const dealt = Array.from({ length: 2_000 }, () => {
        const order = rows.map((row) => ({ row, key: random() })).sort((p, q) => p.key - q.key);
        const sum = rows[0]!.map((_, j) => sumOf(order.slice(0, 70).map(({ row }) => row[j]!)));
        return dot(sum, sum) * (1 / 70 + 1 / 50) ** 2;
      });
      const above = dealt.filter((square) => square > found.null95 ** 2).length / dealt.length;
      expect(above, `${falling}`).toBeGreaterThan(0.02);
      expect(above, `${falling}`).toBeLessThan(0.08);
    }
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
