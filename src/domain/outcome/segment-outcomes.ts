import { type Measured, measureOutcomes, type PerformanceQuestion } from './measure-outcomes.ts';
import { type Outcomes, outcomesAt } from './outcomes.ts';

/** What tells segments of labelled rows apart: each row's text by key, null where it has no value. */
export type SegmentTexts = { readonly by: string; readonly texts: readonly (string | null)[] };

/** The rows of each value, those of the most frequent first; of equally frequent ones in the order of their texts. */
export function rowsByValue(texts: SegmentTexts['texts']): [value: string | null, rows: number[]][] {
  const rows = Map.groupBy(texts.keys(), (row) => texts[row] ?? null);
  return [...rows].sort(([a, x], [b, y]) => y.length - x.length || ((a ?? '') < (b ?? '') ? -1 : 1));
}

export type SegmentsAsked = {
  /** Of the values of a key those with the most labelled rows are measured. */
  readonly most: number;
  /** Fewer labelled rows say nothing. */
  readonly fewest: number;
};

/**
 * The same metrics, with their intervals, of the rows of each segment alone, as the task and the positive label that all
 * rows have shown. Pure.
 */
export function measureSegments(
  outcomes: Outcomes,
  question: PerformanceQuestion,
  given: SegmentsAsked & { readonly whole: Measured; readonly keys: readonly SegmentTexts[] },
): NonNullable<Measured['segments']> {
  const { whole, keys, most, fewest } = given;
  const asked = { ...question, task: whole.task, positiveLabel: whole.positive_label ?? question.positiveLabel };
  return keys.map(({ by, texts }) => {
    const bySize = rowsByValue(texts);
    const left = bySize.slice(most);
    return {
      by,
      values: bySize.slice(0, most).map(([value, own]) => {
        if (own.length < fewest) {
          const reason = `${own.length} labelled rows are too few: it takes ${fewest}`;
          return { value, labelled: own.length, metrics: {}, reason };
        }
        const { metrics, reason } = measureOutcomes(outcomesAt(outcomes, own), asked);
        return { value, labelled: own.length, metrics, reason };
      }),
      left_out: { values: left.length, labelled: left.reduce((sum, [, own]) => sum + own.length, 0) },
    };
  });
}
