import type { Column } from '../../stats/column.ts';
import { isValid } from '../../stats/column.ts';
import { labelAmong } from '../log/settle/label-text.ts';
import { labelTexts, textsOf } from '../log/settle/settling-rows.ts';

/** Labelled predictions, row by row. Texts are null and numbers NaN where there is none. */
export type Outcomes = {
  readonly labels: string[];
  readonly predictions: (string | null)[];
  readonly scores: number[];
  /** The scores of classes that have one of their own, by class. */
  readonly classScores: Map<string, number[]>;
  /** Which query a row answers. */
  readonly queries: (string | null)[];
};

export function noOutcomes(): Outcomes {
  return { labels: [], predictions: [], scores: [], classScores: new Map(), queries: [] };
}

/** The columns of labelled rows; null where there is no such column. */
export type OutcomeColumns = {
  readonly prediction: Column | null;
  readonly score: Column | null;
  readonly classScores: ReadonlyMap<string, Column>;
  readonly query: Column | null;
};

/** Adds the rows at these places, `labels[i]` belonging to `rows[i]`. */
export function addOutcomes(
  outcomes: Outcomes,
  columns: OutcomeColumns,
  { rows, labels, of }: { readonly rows: Int32Array; readonly labels: readonly string[]; readonly of: number },
): void {
  const before = outcomes.labels.length;
  const predictions = labelTexts(columns.prediction, of);
  const queries = textsOf(columns.query, of);
  rows.forEach((row, i) => {
    outcomes.labels.push(labels[i] ?? '');
    outcomes.predictions.push(predictions[row] ?? null);
    outcomes.scores.push(numberOf(columns.score, row));
    outcomes.queries.push(queries[row] ?? null);
  });
  for (const [name, column] of columns.classScores) {
    const known = outcomes.classScores.get(name) ?? [];
    outcomes.classScores.set(name, known);
    while (known.length < before) known.push(Number.NaN);
    for (const row of rows) known.push(numberOf(column, row));
  }
  for (const known of outcomes.classScores.values()) {
    while (known.length < outcomes.labels.length) known.push(Number.NaN);
  }
}

function numberOf(column: Column | null, row: number): number {
  if (column?.kind !== 'number' || !isValid(column.valid, row)) return Number.NaN;
  return column.values[row] ?? Number.NaN;
}

/** The number that a text is written as, else NaN; an empty text is none. */
export function numberIn(text: string | null): number {
  return text === null || text.trim() === '' ? Number.NaN : Number(text);
}

/** The outcomes with labels, predictions and scores by the names that these classes have, `true` for `1` or the other way. */
export function asClasses(outcomes: Outcomes, classes: ReadonlySet<string>): Outcomes {
  const known = new Map<string, string>();
  const named = (text: string): string => {
    const name = known.get(text) ?? labelAmong(text, classes);
    known.set(text, name);
    return name;
  };
  return {
    ...outcomes,
    labels: outcomes.labels.map(named),
    predictions: outcomes.predictions.map((text) => (text === null ? null : named(text))),
    classScores: new Map(Array.from(outcomes.classScores, ([name, scores]) => [named(name), scores])),
  };
}

/** The rows whose label is one of these classes. */
export function ofClasses(outcomes: Outcomes, classes: ReadonlySet<string>): Outcomes {
  return outcomesAt(
    outcomes,
    outcomes.labels.flatMap((label, row) => (classes.has(label) ? [row] : [])),
  );
}

/** The rows at these places. */
export function outcomesAt(outcomes: Outcomes, rows: readonly number[]): Outcomes {
  // Each place is one of a row, and every list has one entry a row.
  const kept = <T>(values: readonly T[]): T[] => rows.map((row) => values[row] as T);
  return {
    labels: kept(outcomes.labels),
    predictions: kept(outcomes.predictions),
    scores: kept(outcomes.scores),
    classScores: new Map(Array.from(outcomes.classScores, ([name, scores]) => [name, kept(scores)])),
    queries: kept(outcomes.queries),
  };
}
