import type { Column } from '../../stats/column.ts';
import { shuffledRows } from '../../stats/sampling/shuffle.ts';
import { xoshiro128 } from '../../stats/sampling/xoshiro128.ts';
import { textsOf } from '../log/settle/settling-rows.ts';
import type { Task } from '../model/find-task.ts';
import { addOutcomes, noOutcomes, type Outcomes, outcomesAt } from '../outcome/outcomes.ts';
import type { SegmentTexts } from '../outcome/segment-outcomes.ts';
import { referenceOutcomes, takeRows } from '../reference/reference-outcomes.ts';
import { windowColumns } from '../report/window-columns.ts';
import { estimateBinaryWindow } from './estimate-binary.ts';
import { estimateClassesWindow } from './estimate-classes.ts';
import { estimateLosses, type LossEstimateInput } from './estimate-losses.ts';
import { estimateSegments } from './estimate-segments.ts';
import { ESTIMATE_SEED, type Estimated, noEstimate } from './estimated.ts';

export type EstimateTaskInput = LossEstimateInput & {
  readonly task: Task;
  readonly positiveLabel: string | null;
  /** Standard errors of the metrics on the reference. */
  readonly errors: Readonly<Record<string, number>>;
};

/**
 * Compute task: how well the model can be expected to do in a window whose labels have not come.
 * @throws TidemarkError `unreadable-data`.
 */
export async function estimateTask(input: EstimateTaskInput): Promise<Estimated> {
  const { task, positiveLabel, errors } = input;
  if (task === 'regression') return estimateLosses(input);
  if (task !== 'binary' && task !== 'multiclass')
    return noEstimate(`performance is not estimated for the task "${task}"`);
  if (task === 'binary' && positiveLabel === null) return noEstimate('which label is positive is not known');
  const reference = await referenceOutcomes(input.reference);
  const { outcomes, keys } = await windowOutcomes(input, [...reference.classScores.keys()]);
  const estimate = (window: Outcomes): Estimated =>
    task === 'binary'
      ? estimateBinaryWindow({ reference, window, errors }, positiveLabel ?? '')
      : estimateClassesWindow({ reference, window, errors });
  const whole = estimate(outcomes);
  const { segments } = input;
  if (segments === null || segments.keys.length === 0 || whole.reason !== null) return whole;
  const within = (rows: readonly number[]): Estimated => estimate(outcomesAt(outcomes, rows));
  return { ...whole, segments: estimateSegments(keys, { ...segments, estimate: within }) };
}

/** Rows of a window that are looked at, drawn at random. */
const MOST_ROWS = 250_000;

/** Predictions and scores of a window, without labels, and what tells their segments apart. */
async function windowOutcomes(
  input: EstimateTaskInput,
  classes: readonly string[],
): Promise<{ outcomes: Outcomes; keys: SegmentTexts[] }> {
  const { batches, span } = input;
  const asked = input.segments?.keys ?? [];
  const logged = ['prediction', 'score', ...classes.map((name) => `score.${name}`)];
  const wanted = [
    ...logged.map((name) => ({ logged: name, type: name === 'prediction' ? 'text' : 'float64' }) as const),
    ...asked.map((key) => ({ logged: key.logged, type: 'text' }) as const),
  ];
  const found = await windowColumns(batches, [span], wanted);
  const count = found.rows.reduce((sum, rows) => sum + rows, 0);
  const drawn = shuffledRows(count, xoshiro128(ESTIMATE_SEED), MOST_ROWS).toSorted();
  const take = (column: Column | null | undefined): Column | null => (column == null ? null : takeRows(column, drawn));
  const [prediction, score, ...scores] = found.columns;
  const outcomes = noOutcomes();
  const classScores = new Map<string, Column>();
  for (const [i, name] of classes.entries()) {
    const column = take(scores[i]);
    if (column !== null) classScores.set(name, column);
  }
  const rows = Int32Array.from(drawn.keys());
  const columns = { prediction: take(prediction), score: take(score), classScores, query: null };
  addOutcomes(outcomes, columns, { rows, labels: Array.from(rows, () => ''), of: rows.length });
  const texts = found.columns.slice(logged.length).map((column) => textsOf(take(column), drawn.length));
  return { outcomes, keys: asked.map(({ by }, i) => ({ by, texts: texts[i] ?? [] })) };
}
