import type { StoredPerformance } from '../../../schemas/wire/performance.ts';
import { binaryPerformance } from '../../stats/performance/binary-classification.ts';
import { multiclassPerformance } from '../../stats/performance/multiclass-classification.ts';
import { rankingPerformance } from '../../stats/performance/ranking.ts';
import { regressionPerformance } from '../../stats/performance/regression.ts';
import { labelAmong } from '../log/settle/label-text.ts';
import { findTask, type Task } from '../model/find-task.ts';
import { classesOf, type LabelDistribution, labelDistribution } from './label-distribution.ts';
import { asClasses, numberIn, type Outcomes, ofClasses } from './outcomes.ts';

/** What is asked of outcomes: the task as declared, and what only people can say. */
export type PerformanceQuestion = {
  readonly task: Task;
  /** The label that counts as positive; null lets the labels tell. */
  readonly positiveLabel: string | null;
  /** What a prediction is worth, by label and predicted class; what is not named is worth 0. */
  readonly businessValue: Readonly<Record<string, Readonly<Record<string, number>>>> | null;
  /** The quantile that a regression predicts. */
  readonly quantile: number;
  /** The cells that labels are counted in; null: their own. */
  readonly labelsLike: LabelDistribution | null;
};

export type Measured = Omit<StoredPerformance, 'judgement' | 'prior_shift'>;

/** Beyond these a table of label by prediction would take too much memory, or be too large to look at. */
const MOST_CLASSES = 1000;
const MOST_SHOWN_CLASSES = 50;
const MOST_FOREIGN_LABELS = 20;

/** Pure: the metrics of a task from its outcomes. What cannot be measured is null with a reason. */
export function measureOutcomes(given: Outcomes, question: PerformanceQuestion): Measured {
  const classes = classesOf(question.labelsLike);
  const outcomes = classes.size === 0 ? given : asClasses(given, classes);
  const { labels, predictions, queries } = outcomes;
  const ranked = queries.some((query) => query !== null);
  const task = findTask(question.task, { labels, predictions, ranked });
  const base: Measured = {
    task,
    task_found: task !== question.task,
    positive_label: null,
    metrics: {},
    confusion: null,
    reason: null,
    ...(labels.length > 0 && { label_distribution: labelDistribution(task, labels, question.labelsLike) }),
  };
  if (labels.length === 0) return { ...base, reason: 'there is no label to measure against' };
  if (task === 'binary') return measureKnown(outcomes, question, { base, classes });
  if (task === 'multiclass') return measureMulticlass(outcomes, question, { ...base, ...foreignIn(labels, classes) });
  if (task === 'ranking') return measureRanking(outcomes, base);
  return { ...base, metrics: regressionPerformance(numbersOf(outcomes), question.quantile).metrics };
}

const numbersOf = ({ labels, predictions }: Outcomes) => ({
  labels: labels.map(numberIn),
  predictions: predictions.map(numberIn),
});

/** A label that is neither class tells nothing of either: counted as negative, it would call the model wrong. */
function measureKnown(
  outcomes: Outcomes,
  question: PerformanceQuestion,
  { base, classes }: { readonly base: Measured; readonly classes: ReadonlySet<string> },
): Measured {
  const { labels } = outcomes;
  const found = foreignIn(labels, classes);
  const known = found.foreign_labels === undefined ? outcomes : ofClasses(outcomes, classes);
  if (known.labels.length > 0) return measureBinary(known, named(question, classes), { ...base, ...found });
  const shown = (found.foreign_labels ?? []).slice(0, 3).map(({ label }) => JSON.stringify(label.slice(0, 40)));
  const reason = `no label is one of the training data's (${[...classes].sort().join(', ')}); there are ${shown.join(', ')}`;
  return { ...base, ...found, reason };
}

/** The labels that are none of the classes, the most frequent first; absent where there is none. */
function foreignIn(labels: readonly string[], classes: ReadonlySet<string>): Pick<Measured, 'foreign_labels'> {
  const counts = new Map<string, number>();
  for (const label of labels) if (!classes.has(label)) counts.set(label, (counts.get(label) ?? 0) + 1);
  if (classes.size === 0 || counts.size === 0) return {};
  const order = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return { foreign_labels: order.slice(0, MOST_FOREIGN_LABELS).map(([label, count]) => ({ label, count })) };
}

/** What people say of labels, by the names that the classes have. */
function named(question: PerformanceQuestion, classes: ReadonlySet<string>): PerformanceQuestion {
  const { positiveLabel, businessValue } = question;
  const name = (text: string): string => labelAmong(text, classes);
  const renamed = <T>(values: Readonly<Record<string, T>>, of: (value: T) => T): Record<string, T> =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [name(key), of(value)]));
  return {
    ...question,
    positiveLabel: positiveLabel === null ? null : name(positiveLabel),
    businessValue: businessValue && renamed(businessValue, (row) => renamed(row, (value) => value)),
  };
}

function measureBinary(outcomes: Outcomes, question: PerformanceQuestion, base: Measured): Measured {
  const positive = question.positiveLabel ?? usualPositive(outcomes.labels);
  if (positive === null) {
    return { ...base, reason: 'which label is positive cannot be told; make the model with a "positive_label"' };
  }
  const classes = (texts: readonly (string | null)[]) =>
    texts.map((text) => (text === null ? Number.NaN : Number(text === positive)));
  const { confusion, metrics, gains } = binaryPerformance(
    {
      labels: classes(outcomes.labels),
      predictions: outcomes.predictions.every((text) => text === null) ? null : classes(outcomes.predictions),
      scores: scoresOfClass(outcomes, positive),
    },
    binaryValues(outcomes, question, positive),
  );
  return {
    ...base,
    positive_label: positive,
    metrics,
    gains: [...gains],
    confusion: confusion && {
      true_positive: confusion.truePositive,
      false_positive: confusion.falsePositive,
      false_negative: confusion.falseNegative,
      true_negative: confusion.trueNegative,
    },
  };
}

/** The score of a binary model, or that of the class where each has its own. */
export function scoresOfClass({ scores, classScores }: Outcomes, name: string): readonly number[] | null {
  return scores.every(Number.isNaN) ? (classScores.get(name) ?? null) : scores;
}

/** The other class is whatever is not positive, under the name that the matrix or a label has for it. */
function binaryValues(
  { labels, predictions }: Outcomes,
  { businessValue }: PerformanceQuestion,
  positive: string,
): Float64Array | null {
  if (businessValue === null) return null;
  const named = [...Object.keys(businessValue), ...Object.values(businessValue).flatMap((row) => Object.keys(row))];
  const other = [...named, ...labels, ...predictions].find((name) => name !== null && name !== positive) ?? '';
  return valuesOf([other, positive], businessValue);
}

function valuesOf(names: readonly string[], given: NonNullable<PerformanceQuestion['businessValue']>): Float64Array {
  return Float64Array.from(names.flatMap((label) => names.map((predicted) => given[label]?.[predicted] ?? 0)));
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

function measureMulticlass(outcomes: Outcomes, { businessValue }: PerformanceQuestion, base: Measured): Measured {
  const { labels, predictions, classScores } = outcomes;
  const scored = [...classScores.keys()].sort();
  const others = new Set([...labels, ...predictions.filter((text) => text !== null)]);
  for (const name of scored) others.delete(name);
  // Scored classes come first, so that a class's code is its place among the scores.
  const names = [...scored, ...[...others].sort()];
  if (names.length > MOST_CLASSES) {
    return { ...base, reason: `there are ${names.length} classes; at most ${MOST_CLASSES} are measured` };
  }
  const codes = new Map(names.map((name, code) => [name, code]));
  const codesOf = (texts: readonly (string | null)[]) => Int32Array.from(texts, (text) => codes.get(text ?? '') ?? -1);
  const complete = labels.every((label) => classScores.has(label));
  const { confusion, metrics } = multiclassPerformance(
    {
      classes: names.length,
      labels: codesOf(labels),
      predictions: predictions.every((text) => text === null) ? null : codesOf(predictions),
      scores: complete ? scored.map((name) => Float64Array.from(classScores.get(name) ?? [])) : null,
    },
    businessValue && valuesOf(names, businessValue),
  );
  return {
    ...base,
    metrics,
    ...(confusion !== null &&
      names.length <= MOST_SHOWN_CLASSES && {
        classes: {
          labels: names,
          counts: names.map((_, c) => [...confusion.counts.slice(c * names.length, (c + 1) * names.length)]),
        },
      }),
  };
}

/** Rows are ranked by their score, or by the prediction where there is none. */
function measureRanking(outcomes: Outcomes, base: Measured): Measured {
  const { labels, predictions } = numbersOf(outcomes);
  const codes = new Map<string, number>();
  const queries = Int32Array.from(outcomes.queries, (query) => {
    if (query === null) return -1;
    const known = codes.get(query) ?? codes.size;
    codes.set(query, known);
    return known;
  });
  if (codes.size === 0) {
    const reason = 'no prediction says which query it answers; bind the model with the role "query" and log it';
    return { ...base, reason };
  }
  const scored = outcomes.scores.some((score) => !Number.isNaN(score));
  const { metrics } = rankingPerformance({
    queries,
    labels: Float64Array.from(labels),
    scores: Float64Array.from(scored ? outcomes.scores : predictions),
  });
  return { ...base, metrics };
}
