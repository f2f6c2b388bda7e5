import { describe, expect, it } from 'vitest';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { centroidDistance, componentDrift } from '../../../src/stats/table/embedding-drift.ts';
import type { Matrix } from '../../../src/stats/table/matrix.ts';
import { filled } from '../samples.ts';
import { drawMatrices } from './tables.ts';

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
