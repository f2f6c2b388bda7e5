import { shuffledRows } from '../sampling/shuffle.ts';
import type { Uniform } from '../sampling/xoshiro128.ts';
import type { BinnedFeature } from './binned-table.ts';
import {
  type BoostedTrees,
  type BoostingOptions,
  scoreRow,
  trainBoostedTrees,
  trainRegressionTrees,
} from './boosted-trees.ts';

/** What is predicted in each row: a finite number, or one class against all others as 1 and 0. */
export type ImportanceTarget =
  | { readonly kind: 'number'; readonly values: Float64Array }
  | { readonly kind: 'class'; readonly labels: Uint8Array };

const BOOSTING: BoostingOptions = { trees: 40, depth: 4, learningRate: 0.15, leafRows: 10 };
/** Below which nothing is learnt. */
export const LEAST_IMPORTANCE_ROWS = 200;
/** Of the half that is not learnt from: as many are judged, once for each feature. */
const MOST_JUDGED = 2000;

/**
 * How much worse a model does when one feature's values are dealt out anew among the rows (Breiman 2001; Fisher, Rudin
 * and Dominici 2019): boosted trees learn one half of the rows, and the loss on others is taken before and after. Squared
 * error of numbers, log loss of classes; what chance makes better is 0. Rows are in random order. Features that say the
 * same share what they are worth. Null below 200 rows, or where nothing can be predicted. Cost O(features · rows).
 */
export function permutationImportance(
  features: readonly BinnedFeature[],
  target: ImportanceTarget,
  random: Uniform,
): Float64Array | null {
  const rows = target.kind === 'number' ? target.values.length : target.labels.length;
  if (rows < LEAST_IMPORTANCE_ROWS || features.length === 0) return null;
  const half = rows >> 1;
  const learnt = Int32Array.from({ length: half }, (_, i) => i);
  const judged = Int32Array.from({ length: Math.min(MOST_JUDGED, rows - half) }, (_, i) => half + i);
  const model =
    target.kind === 'number'
      ? trainRegressionTrees(features, { targets: target.values, rows: learnt }, BOOSTING)
      : trainBoostedTrees(features, { labels: target.labels, rows: learnt }, BOOSTING);
  const parts = new Float64Array(features.length);
  const lossOf = (seen: readonly BinnedFeature[]): number => meanLoss({ model, features: seen, target, judged, parts });
  const before = lossOf(features);
  const found = features.map((feature, f) => {
    const order = shuffledRows(judged.length, random);
    const codes = feature.codes.slice();
    for (const [i, row] of judged.entries()) codes[row] = feature.codes[judged[order[i]!]!]!;
    return Math.max(0, lossOf(features.with(f, { ...feature, codes })) - before);
  });
  const importance = Float64Array.from(found);
  return importance.some((worth) => worth > 0) ? importance : null;
}

type Judging = {
  readonly model: BoostedTrees;
  readonly features: readonly BinnedFeature[];
  readonly target: ImportanceTarget;
  readonly judged: Int32Array;
  readonly parts: Float64Array;
};

function meanLoss({ model, features, target, judged, parts }: Judging): number {
  let sum = 0;
  for (const row of judged) {
    const score = scoreRow(model, features, { row, weight: 0, parts });
    if (target.kind === 'number') sum += (score - target.values[row]!) ** 2;
    // log(1 + e^-s) for the class, log(1 + e^s) for the others, without overflow.
    else sum += softplus(target.labels[row] === 1 ? -score : score);
  }
  return sum / judged.length;
}

const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
