import { logSpread, ratioOf, type SpreadRatio } from '../distances/spread-ratio.ts';
import type { Matrix } from './matrix.ts';
import type { MatrixPair } from './maximum-mean-discrepancy.ts';

/**
 * How much wider a sample of vectors is spread than another, wherever either of them lies: ln(d of the window / d of the
 * reference), d being the mean distance of the vectors from their mean vector, times √(n / (n - 1)), which that takes from it. As for
 * numbers, 0 for the same spread, ln 2 for twice as much. Null below 2 vectors a side, and where one does not vary or is
 * too large for doubles. Cost O(rows · columns).
 */
export function vectorSpreadRatio({ x, y }: MatrixPair): SpreadRatio | null {
  if (x.rows < 2 || y.rows < 2) return null;
  return ratioOf(logSpread(distancesFromMean(x)), logSpread(distancesFromMean(y)));
}

function distancesFromMean({ rows, columns, values }: Matrix): Float64Array {
  const mean = new Float64Array(columns);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) mean[j]! += values[i * columns + j]! / rows;
  const taken = Math.sqrt(rows / (rows - 1));
  return Float64Array.from(
    { length: rows },
    (_, i) => taken * Math.hypot(...mean.map((centre, j) => values[i * columns + j]! - centre)),
  );
}
