import { readFile } from 'node:fs/promises';
import type { StoredPerformance } from '../../../schemas/wire/monitors.ts';
import { decodeArrow } from '../../formats/arrow.ts';
import { type Column, isValid } from '../../stats/column.ts';
import { binaryPerformance } from '../../stats/performance/binary-classification.ts';
import { shareMetric } from '../../stats/performance/metric.ts';
import { regressionPerformance } from '../../stats/performance/regression.ts';
import { textsOf } from '../log/settling-rows.ts';

export type PerformanceTaskInput = {
  readonly task: StoredPerformance['task'];
  /** The label that counts as positive; null lets the labels tell. */
  readonly positiveLabel: string | null;
  /** Batch objects, each with the rows that have a label, in order, and their labels. */
  readonly batches: readonly {
    readonly file: string;
    readonly rows: Int32Array;
    readonly labels: readonly string[];
  }[];
};

/** Labelled predictions, row by row. Texts are null and numbers NaN where there is none. */
type Outcomes = {
  readonly labels: string[];
  readonly predictions: (string | null)[];
  readonly scores: number[];
};

/**
 * Compute task: how well the predictions agree with the labels that have come.
 * @throws TidemarkError `unreadable-data`.
 */
export async function performanceTask(input: PerformanceTaskInput): Promise<StoredPerformance> {
  const outcomes: Outcomes = { labels: [], predictions: [], scores: [] };
  for (const batch of input.batches) await addOutcomes(outcomes, batch);
  return measure(outcomes, input);
}

async function addOutcomes(outcomes: Outcomes, given: PerformanceTaskInput['batches'][number]): Promise<void> {
  const { fields, batch } = decodeArrow(await readFile(given.file));
  const columnOf = (name: string): Column | null =>
    batch.columns[fields.findIndex((field) => field.name === name)] ?? null;
  const predictions = textsOf(columnOf('prediction'), batch.rows);
  const scores = columnOf('score');
  given.rows.forEach((row, i) => {
    outcomes.labels.push(given.labels[i] ?? '');
    outcomes.predictions.push(predictions[row] ?? null);
    outcomes.scores.push(
      scores?.kind === 'number' && isValid(scores.valid, row) ? (scores.values[row] ?? Number.NaN) : Number.NaN,
    );
  });
}

/** Pure: the metrics of a task from its outcomes. */
export function measure(
  outcomes: Outcomes,
  model: Pick<PerformanceTaskInput, 'task' | 'positiveLabel'>,
): StoredPerformance {
  const { task } = model;
  const base = { task, positive_label: null, metrics: {}, confusion: null, reason: null };
  if (outcomes.labels.length === 0) return { ...base, reason: 'no label has come for any prediction of this window' };
  if (task === 'binary') return measureBinary(outcomes, model.positiveLabel, base);
  if (task === 'regression') {
    const numbers = (texts: readonly (string | null)[]) =>
      texts.map((text) => (text === null ? Number.NaN : Number(text)));
    const { metrics } = regressionPerformance({
      labels: numbers(outcomes.labels),
      predictions: numbers(outcomes.predictions),
    });
    return { ...base, metrics };
  }
  if (task === 'multiclass') {
    const known = outcomes.labels.flatMap((label, i) => {
      const predicted = outcomes.predictions[i] ?? null;
      return predicted === null ? [] : [predicted === label];
    });
    return {
      ...base,
      metrics: { accuracy: shareMetric('accuracy/wilson@1', known.filter(Boolean).length, known.length) },
    };
  }
  return { ...base, reason: 'the task of the model is "other", so nothing says how a prediction is right or wrong' };
}

function measureBinary(outcomes: Outcomes, given: string | null, base: StoredPerformance): StoredPerformance {
  const positive = given ?? usualPositive(outcomes.labels);
  if (positive === null) {
    return { ...base, reason: 'which label is positive cannot be told; make the model with a "positive_label"' };
  }
  const classes = (texts: readonly (string | null)[]) =>
    texts.map((text) => (text === null ? Number.NaN : Number(text === positive)));
  const { confusion, metrics } = binaryPerformance({
    labels: classes(outcomes.labels),
    predictions: outcomes.predictions.every((text) => text === null) ? null : classes(outcomes.predictions),
    scores: outcomes.scores.every(Number.isNaN) ? null : outcomes.scores,
  });
  return {
    ...base,
    positive_label: positive,
    metrics,
    confusion: confusion && {
      true_positive: confusion.truePositive,
      false_positive: confusion.falsePositive,
      false_negative: confusion.falseNegative,
      true_negative: confusion.trueNegative,
    },
  };
}

/** The positive one of the pairs of labels that need no explanation. */
function usualPositive(labels: readonly string[]): string | null {
  const seen = new Set(labels);
  for (const [negative, positive] of [
    ['0', '1'],
    ['false', 'true'],
    ['no', 'yes'],
  ] as const) {
    if ([...seen].every((label) => label === negative || label === positive)) return positive;
  }
  return null;
}
