import { describe, expect, it } from 'vitest';
import { shuffledRows } from '../../../src/stats/sampling/shuffle.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { type BinnedFeature, binFeature } from '../../../src/stats/table/binned-table.ts';
import {
  type BoostedTrees,
  scoreRow,
  trainBoostedTrees,
  trainRegressionTrees,
} from '../../../src/stats/table/boosted-trees.ts';
import { permutationImportance } from '../../../src/stats/table/permutation-importance.ts';

const ROWS = 4000;

/** Columns of uniform numbers, and what is made of them. */
function world(columns: number, seed = 5) {
  const random = xoshiro128(seed);
  const values = Array.from({ length: columns }, () => Float64Array.from({ length: ROWS }, () => random()));
  const rows = Int32Array.from({ length: ROWS }, (_, i) => i);
  const features: BinnedFeature[] = values.map((of, i) => {
    const column = { kind: 'number', type: 'float64', length: ROWS, values: of, valid: null, exact: null } as const;
    return binFeature(
      { name: `x${i}`, reference: column, window: column },
      { reference: rows, window: new Int32Array() },
    );
  });
  return { values, features };
}

const sharesOf = (found: Float64Array | null): number[] => {
  const all = found?.reduce((sum, worth) => sum + worth, 0) ?? 0;
  return [...(found ?? [])].map((worth) => worth / all);
};

describe('permutation importance', () => {
  it('is what a number is made of: of squares of coefficients, as in theory', () => {
    const { values, features } = world(4);
    const [a, b] = values;
    const made = Float64Array.from({ length: ROWS }, (_, i) => 2 * (a?.[i] ?? 0) + (b?.[i] ?? 0));
    const shares = sharesOf(permutationImportance(features, { kind: 'number', values: made }, xoshiro128(1)));
    // The loss rises by twice the variance of what a column adds: 4 to 1.
    expect(shares[0]).toBeCloseTo(0.8, 1);
    expect(shares[1]).toBeCloseTo(0.2, 1);
    expect((shares[2] ?? 1) + (shares[3] ?? 1)).toBeLessThan(0.01);
  });

  it('sees what two columns say together alone, and no order in classes', () => {
    const { values, features } = world(3, 8);
    const [a, b] = values;
    const labels = Uint8Array.from({ length: ROWS }, (_, i) => ((a?.[i] ?? 0) > 0.5 === (b?.[i] ?? 0) > 0.5 ? 1 : 0));
    const shares = sharesOf(permutationImportance(features, { kind: 'class', labels }, xoshiro128(1)));
    expect(shares[0]).toBeGreaterThan(0.35);
    expect(shares[1]).toBeGreaterThan(0.35);
    expect(shares[2]).toBeLessThan(0.1);
  });

  it('is the same for the same chance', () => {
    const { values, features } = world(2);
    const target = { kind: 'number', values: values[1] ?? new Float64Array() } as const;
    const once = permutationImportance(features, target, xoshiro128(3));
    expect(permutationImportance(features, target, xoshiro128(3))).toEqual(once);
  });

  it('is nothing where there is too little, or nothing to be said', () => {
    const { features } = world(2);
    const constant = { kind: 'number', values: new Float64Array(ROWS).fill(7) } as const;
    expect(permutationImportance(features, constant, xoshiro128(1))).toBeNull();
    expect(permutationImportance([], constant, xoshiro128(1))).toBeNull();
    expect(permutationImportance(features, { kind: 'class', labels: new Uint8Array(150) }, xoshiro128(1))).toBeNull();
  });
});

describe('what a column is worth', () => {
  const small = world(2, 11);
  const N = 400;
  const features = small.features.map((feature) => ({ ...feature, codes: feature.codes.slice(0, N) }));
  const rows = (from: number, to: number): Int32Array => Int32Array.from({ length: to - from }, (_, i) => from + i);
  const options = { trees: 40, depth: 4, learningRate: 0.15, leafRows: 10 };
  const scoreOf = (model: BoostedTrees, seen: readonly BinnedFeature[], row: number): number =>
    scoreRow(model, seen, { row, weight: 0, parts: new Float64Array(2) });

  /** The loss on the second half, and how much larger it is with one column's codes dealt out anew. */
  const worth = (lossOf: (seen: readonly BinnedFeature[]) => number, seed: number): number[] => {
    const random = xoshiro128(seed);
    const before = lossOf(features);
    return features.map((feature, f) => {
      const order = shuffledRows(N / 2, random);
      const codes = feature.codes.slice();
      for (let i = 0; i < N / 2; i++) codes[N / 2 + i] = feature.codes[N / 2 + order[i]!]!;
      return Math.max(0, lossOf(features.with(f, { ...feature, codes })) - before);
    });
  };

  it('is the rise of the mean squared error of a number', () => {
    const values = Float64Array.from({ length: N }, (_, i) => 3 * small.values[0]![i]! - small.values[1]![i]!);
    const model = trainRegressionTrees(features, { targets: values, rows: rows(0, N / 2) }, options);
    const loss = (seen: readonly BinnedFeature[]): number =>
      rows(N / 2, N).reduce((sum, row) => sum + (scoreOf(model, seen, row) - values[row]!) ** 2, 0) / (N / 2);
    const found = permutationImportance(features, { kind: 'number', values }, xoshiro128(6));
    expect([...found!]).toEqual(worth(loss, 6).map((value) => expect.closeTo(value, 10)));
    expect(found![0]).toBeGreaterThan(found![1]!);
  });

  it('is the rise of the log loss of a class', () => {
    const labels = Uint8Array.from({ length: N }, (_, i) =>
      Number(small.values[1]![i]! > 0.3 + 0.3 * small.values[0]![i]! ** 2),
    );
    const model = trainBoostedTrees(features, { labels, rows: rows(0, N / 2) }, options);
    const loss = (seen: readonly BinnedFeature[]): number =>
      rows(N / 2, N).reduce((sum, row) => {
        const p = 1 / (1 + Math.exp(-scoreOf(model, seen, row)));
        return sum - Math.log(labels[row] === 1 ? p : 1 - p);
      }, 0) /
      (N / 2);
    const found = permutationImportance(features, { kind: 'class', labels }, xoshiro128(7));
    expect([...found!]).toEqual(worth(loss, 7).map((value) => expect.closeTo(value, 9)));
    expect(found![0]).toBeLessThan(found![1]!);
  });

  it('is not asked of fewer than 200 rows', () => {
    const some = (n: number) => {
      const values = small.values[0]!.slice(0, n);
      return permutationImportance(features, { kind: 'number', values }, xoshiro128(1));
    };
    expect(some(199)).toBeNull();
    expect(some(200)?.[0]).toBeGreaterThan(0);
    expect(some(201)?.[0]).toBeGreaterThan(0);
  });
});
