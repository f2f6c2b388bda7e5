import type { Contribution } from './domain-classifier.ts';
import type { Matrix } from './matrix.ts';
import { type Kernel, type MatrixPair, medianBandwidth, randomFeatureMmd } from './maximum-mean-discrepancy.ts';

/** Features of one column alone, which needs few. */
const FEATURES = 32;

/**
 * Each column's share of the discrepancy that columns show alone, largest first: its own squared maximum mean discrepancy
 * beyond what chance gives at these sizes. A change of combinations only has no such share; then all are 0. Cost
 * O(rows · columns · 32²).
 */
export function mmdContributions(
  pair: MatrixPair,
  names: readonly string[],
  { random }: Pick<Kernel, 'random'>,
): Contribution[] {
  const excess = names.map((_, j) => {
    const alone = { x: columnOf(pair.x, j), y: columnOf(pair.y, j) };
    const found = randomFeatureMmd(alone, { bandwidth: medianBandwidth(alone, random), random, features: FEATURES });
    return found === null || found.mmd2 <= found.null95 ? 0 : found.mmd2 - found.nullMean;
  });
  const total = excess.reduce((a, b) => a + b, 0);
  return names
    .map((name, j) => ({ name, share: total > 0 ? excess[j]! / total : 0 }))
    .sort((a, b) => b.share - a.share || (a.name < b.name ? -1 : 1));
}

function columnOf({ rows, columns, values }: Matrix, j: number): Matrix {
  return { rows, columns: 1, values: Float64Array.from({ length: rows }, (_, i) => values[i * columns + j]!) };
}
