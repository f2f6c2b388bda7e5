import { shuffledRows } from '../sampling/shuffle.ts';
import type { Uniform } from '../sampling/xoshiro128.ts';
import { centreColumns, type Matrix, squaredDistance, stackRows } from './matrix.ts';

/** Rows that the others are described by: twice as many see no more, in three times the time. */
const LANDMARKS = 128;
/** Parts of the bandwidth, a kernel each: the narrow one sees spread, tails and correlations, the wide one means. */
const PARTS = [0.5, 1];
/** What a landmark must have of its own, beyond those before it, of the 1 that it is like itself; else it tells nothing new. */
const LEAST_OWN = 1e-10;

type Given = { readonly bandwidth: number; readonly random: Uniform };

/**
 * Features of all rows, those of x first, about their mean, whose products are the values of a kernel as nearly as some rows tell
 * them (Nyström's method; Williams and Seeger 2001). The kernel is the mean of two Gaussian ones, of half the bandwidth and of
 * all of it. Landmarks are rows of either side by chance; with L Lᵀ their own kernel (Cholesky), a row's features are
 * L⁻¹ times its kernel to each of them. Exact where every row is a landmark. Cost O(rows · 128 · (columns + 64)).
 */
export function landmarkFeatures(
  { x, y }: { readonly x: Matrix; readonly y: Matrix },
  { bandwidth, random }: Given,
): Matrix {
  const all = stackRows(x, y);
  const landmarks = shuffledRows(all.rows, random, LANDMARKS);
  const columns = landmarks.length;
  const scales = PARTS.map((part) => -1 / (2 * (part * bandwidth) ** 2));
  const kernels = (row: number, count: number): Float64Array => {
    const values = new Float64Array(count);
    for (let j = 0; j < count; j++) {
      const square = squaredDistance(all, row, all, landmarks[j]!);
      for (const scale of scales) values[j]! += Math.exp(square * scale) / scales.length;
    }
    return values;
  };
  const factor = new Float64Array(columns * columns);
  for (const [i, landmark] of landmarks.entries()) {
    const before = solved(kernels(landmark, i), factor, columns);
    const own = before.reduce((left, value) => left - value * value, 1);
    factor.set(before, i * columns);
    factor[i * columns + i] = own > LEAST_OWN ? Math.sqrt(own) : 0;
  }
  const values = new Float64Array(all.rows * columns);
  for (let row = 0; row < all.rows; row++) values.set(solved(kernels(row, columns), factor, columns), row * columns);
  return centreColumns({ rows: all.rows, columns, values });
}

/** L⁻¹ b, in place of b, for the lower triangle L; 0 where a landmark has nothing of its own. */
function solved(b: Float64Array, factor: Float64Array, columns: number): Float64Array {
  for (let j = 0; j < b.length; j++) {
    const from = j * columns;
    const own = factor[from + j]!;
    let value = b[j]!;
    for (let k = 0; k < j; k++) value -= factor[from + k]! * b[k]!;
    b[j] = own > 0 ? value / own : 0;
  }
  return b;
}
