import { describe, expect, it } from 'vitest';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { type BinnedFeature, binFeature } from '../../../src/stats/table/binned-table.ts';
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
