import { mannWhitney } from '../hypothesis-tests/mann-whitney.ts';
import { Z95 } from '../performance/metric.ts';
import { rocAuc } from '../performance/roc-auc.ts';
import { shuffledRows } from '../sampling/shuffle.ts';
import type { Uniform } from '../sampling/xoshiro128.ts';
import { type BinnedFeature, binFeature } from './binned-table.ts';
import { type BoostingOptions, scoreRow, trainBoostedTrees } from './boosted-trees.ts';
import { rowsOf, type TablePair } from './table-pair.ts';

export type Contribution = { readonly name: string; readonly share: number };

export type DomainClassifier = {
  /** How often a row of the window gets the higher score than one of the reference, by a model that saw neither. */
  readonly auc: number;
  /** 95 % interval of it. */
  readonly low: number;
  readonly high: number;
  /** One-sided, that the tables can be told apart. */
  readonly p: number;
  /** Rows of each table that were used. */
  readonly n: number;
  readonly m: number;
  /** Each column's share of what tells the tables apart, largest first. */
  readonly contributions: readonly Contribution[];
};

export type DomainClassifierOptions = {
  readonly random: Uniform;
  /** Rows of a table that are used at most, drawn at random. */
  readonly mostRows?: number;
};

const FOLDS = 2;
const MOST_ROWS = 20_000;
/** Of each table, below which half of it teaches nothing. */
const LEAST_ROWS = 50;
const BOOSTING: BoostingOptions = { trees: 40, depth: 3, learningRate: 0.15, leafRows: 10 };

/**
 * The classifier two-sample test on whole rows (Lopez-Paz and Oquab 2017): boosted trees learn on one half of the rows to
 * tell the window from the reference and score the other half, and the other way round; the area under the ROC curve
 * is the mean of both. 0.5 for tables that nothing tells apart; it sees changed combinations of values that no column
 * shows alone. A half is scored by a model that did not see it, so its rank-sum p is valid whatever the model; the two are
 * dependent (each taught the other's judge: more folds would make it worse), so p is twice the smaller one and the
 * interval takes DeLong's errors as if they were fully correlated. A column contributes what its splits add to the right side
 * on rows that were not learnt from, so that many values alone do not count. Missing values are a bin. Null below
 * 50 rows of either table, or without columns. Cost O(rows · columns), some 120 passes.
 */
export function domainClassifier(pair: TablePair, options: DomainClassifierOptions): DomainClassifier | null {
  const judged = judgeFolds(pair, options);
  if (judged === null) return null;
  const { folds, parts, used } = judged;
  const [n, m] = [used.reference.length, used.window.length];
  const mean = (of: (fold: Fold) => number): number => folds.reduce((sum, fold) => sum + of(fold), 0) / FOLDS;
  const auc = mean((fold) => fold.auc);
  const error = mean((fold) => fold.error);
  return {
    auc,
    low: Math.max(0, auc - Z95 * error),
    high: Math.min(1, auc + Z95 * error),
    p: Math.min(1, FOLDS * Math.min(...folds.map((fold) => fold.p))),
    n,
    m,
    contributions: sharesOf(pair, parts),
  };
}

/**
 * What the classifier says of every row, by the model that did not see it: higher where it looks more like one of the window.
 * The reference's rows first, in the order of the tables; NaN for a row that was not drawn. Null as the classifier.
 */
export function outOfFoldScores(pair: TablePair, options: DomainClassifierOptions): Float64Array | null {
  const judged = judgeFolds(pair, options);
  if (judged === null) return null;
  const { folds, used } = judged;
  const { n: all, m: allOfWindow } = rowsOf(pair);
  const scores = new Float64Array(all + allOfWindow).fill(Number.NaN);
  const n = used.reference.length;
  for (const fold of folds) {
    for (const [i, row] of fold.held.entries()) {
      const at = row < n ? used.reference[row]! : all + used.window[row - n]!;
      scores[at] = fold.scores[i]!;
    }
  }
  return scores;
}

function judgeFolds(pair: TablePair, options: DomainClassifierOptions) {
  const { n: all, m: allOfWindow } = rowsOf(pair);
  if (pair.length === 0 || Math.min(all, allOfWindow) < LEAST_ROWS) return null;
  const most = options.mostRows ?? MOST_ROWS;
  const used = {
    reference: shuffledRows(all, options.random, most),
    window: shuffledRows(allOfWindow, options.random, most),
  };
  const [n, m] = [used.reference.length, used.window.length];
  const features = pair.map((column) => binFeature(column, used));
  const labels = new Uint8Array(n + m).fill(1, n);
  const parts = new Float64Array(features.length);
  const folds = Array.from({ length: FOLDS }, (_, fold) => judgeFold({ features, labels, n, fold, parts }));
  return { folds, parts, used };
}

type Fold = {
  readonly auc: number;
  readonly error: number;
  readonly p: number;
  /** The rows that were judged, and their scores. */
  readonly held: Int32Array;
  readonly scores: Float64Array;
};
type FoldInput = {
  readonly features: readonly BinnedFeature[];
  readonly labels: Uint8Array;
  readonly n: number;
  readonly fold: number;
  readonly parts: Float64Array;
};

/** Rows are in random order already, so every other one of each table is a half. */
function judgeFold({ features, labels, n, fold, parts }: FoldInput): Fold {
  const rows = Int32Array.from(labels, (_, i) => i);
  const inFold = (row: number): boolean => (row < n ? row : row - n) % FOLDS === fold;
  const model = trainBoostedTrees(features, { labels, rows: rows.filter((row) => !inFold(row)) }, BOOSTING);
  const held = rows.filter(inFold);
  const heldLabels = Array.from(held, (row) => labels[row]!);
  const positives = heldLabels.reduce((sum, label) => sum + label, 0);
  const share = positives / held.length;
  const scores = Float64Array.from(held, (row) =>
    scoreRow(model, features, { row, weight: labels[row]! - share, parts }),
  );
  const { value, high } = rocAuc(heldLabels, scores);
  const auc = value ?? 0.5;
  const of = (label: number): Float64Array => scores.filter((_, i) => heldLabels[i] === label).sort();
  const { p } = mannWhitney(of(1), of(0));
  return {
    auc,
    error: high === null || high === 1 ? errorAtEdge(auc, positives, held.length - positives) : (high - auc) / Z95,
    // Two-sided: a model that is wrong more often than not has learnt nothing.
    p: auc > 0.5 ? p / 2 : 1 - p / 2,
    held,
    scores,
  };
}

/** Hanley and McNeil's (1982) error, where DeLong's interval was cut off at 1 and says nothing. */
function errorAtEdge(auc: number, positives: number, negatives: number): number {
  const q1 = auc / (2 - auc);
  const q2 = (2 * auc * auc) / (1 + auc);
  const sum = auc * (1 - auc) + (positives - 1) * (q1 - auc * auc) + (negatives - 1) * (q2 - auc * auc);
  return Math.sqrt(Math.max(0, sum) / (positives * negatives));
}

function sharesOf(pair: TablePair, parts: Float64Array): Contribution[] {
  const gains = parts.map((part) => Math.max(0, part));
  const total = gains.reduce((a, b) => a + b, 0);
  return pair
    .map(({ name }, f) => ({ name, share: total > 0 ? gains[f]! / total : 0 }))
    .sort((a, b) => b.share - a.share || (a.name < b.name ? -1 : 1));
}
