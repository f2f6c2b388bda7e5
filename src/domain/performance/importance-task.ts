import type { StoredImportance } from '../../../schemas/wire/importance.ts';
import { shuffledRows } from '../../stats/sampling/shuffle.ts';
import { type Uniform, xoshiro128 } from '../../stats/sampling/xoshiro128.ts';
import type { BinnedFeature } from '../../stats/table/binned-table.ts';
import {
  type ImportanceTarget,
  LEAST_IMPORTANCE_ROWS,
  permutationImportance,
} from '../../stats/table/permutation-importance.ts';
import type { JudgedColumn } from '../configuration/judged-columns.ts';
import { textsOf } from '../log/settle/settling-rows.ts';
import type { Task } from '../model/find-task.ts';
import { numberIn } from '../outcome/outcomes.ts';
import { type LabelledReference, readRows } from '../reference/reference-outcomes.ts';
import { binJudged, isBinned } from './bin-feature.ts';

export type ImportanceTaskInput = {
  readonly reference: LabelledReference;
  /** What the model learns from. */
  readonly features: readonly JudgedColumn[];
  readonly task: Task;
};

/** Rows that are learnt from and judged, drawn at random. */
const MOST_ROWS = 10_000;
/** Classes that are looked at, each against all others: the commonest. */
const MOST_CLASSES = 4;
const SEED = 11;

/**
 * Compute task: how much each feature matters to what a model predicts, learnt by a small model of its own from the
 * reference's scores, else its predictions, else its labels. Columns are read one by one and kept as one byte a row.
 * @throws TidemarkError `unreadable-data`.
 */
export async function importanceTask(input: ImportanceTaskInput): Promise<StoredImportance> {
  const { reference, features } = input;
  const every = Int32Array.from({ length: reference.rows }, (_, i) => i);
  const base = { method: 'permutation/boosted-trees@1', seed: SEED, rows: 0, target: null, shares: {} } as const;
  const answers = await answersOf(input, every);
  if (answers === null) return { ...base, reason: 'the reference has neither predictions nor labels' };
  const random = xoshiro128(SEED);
  const rows = shuffledRows(reference.rows, random)
    .filter((row) => answers.texts[row] !== null)
    .slice(0, MOST_ROWS);
  const target = answers.name;
  if (rows.length < LEAST_IMPORTANCE_ROWS) {
    return { ...base, target, reason: `${rows.length} rows of the reference have a ${target}, too few to learn from` };
  }
  const used = { reference: rows, window: new Int32Array() };
  const binned: BinnedFeature[] = [];
  for (const feature of features.filter(isBinned)) {
    const column = await readRows(reference, feature.name, every);
    const found = binJudged(feature, { reference: column, window: column }, used);
    if (found !== null) binned.push(found);
  }
  const texts = Array.from(rows, (row) => answers.texts[row] ?? '');
  const shares = sharesOf(binned, targetsOf(texts, answers.numeric), random);
  const found = { ...base, rows: rows.length, target, shares };
  const none = Object.keys(shares).length === 0;
  return { ...found, reason: none ? `no feature says anything of the reference's ${target}` : null };
}

type Answers = {
  readonly name: 'score' | 'prediction' | 'label';
  readonly texts: readonly (string | null)[];
  readonly numeric: boolean;
};

/** A score says more than the class that is made of it, and what the model says more than what turned out. */
async function answersOf({ reference, task }: ImportanceTaskInput, every: Int32Array): Promise<Answers | null> {
  for (const name of ['score', 'prediction', 'label'] as const) {
    const column = await readRows(reference, reference.roles[name], every);
    if (column === null) continue;
    const texts = textsOf(column, reference.rows);
    if (texts.every((text) => text === null)) continue;
    return { name, texts, numeric: name === 'score' || task === 'regression' || task === 'ranking' };
  }
  return null;
}

function targetsOf(texts: readonly string[], numeric: boolean): ImportanceTarget[] {
  if (numeric) {
    const numbers = Float64Array.from(texts, numberIn);
    // Where not all of them are numbers they are classes after all.
    if (numbers.every(Number.isFinite)) return [{ kind: 'number', values: numbers }];
  }
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  const classes = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([name]) => name);
  // Of two classes one says all.
  const looked = classes.length === 2 ? classes.slice(1) : classes.slice(0, MOST_CLASSES);
  return looked.map((name) => ({ kind: 'class', labels: Uint8Array.from(texts, (text) => (text === name ? 1 : 0)) }));
}

/** Each feature's share of the whole, over the targets; empty where none says anything. */
function sharesOf(
  features: readonly BinnedFeature[],
  targets: readonly ImportanceTarget[],
  random: Uniform,
): Record<string, number> {
  const sums = new Float64Array(features.length);
  for (const target of targets) {
    for (const [f, worth] of (permutationImportance(features, target, random) ?? []).entries()) sums[f]! += worth;
  }
  const all = sums.reduce((sum, worth) => sum + worth, 0);
  if (!(all > 0)) return {};
  return Object.fromEntries(features.map(({ name }, f) => [name, sums[f]! / all]));
}
