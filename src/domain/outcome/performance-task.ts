import { decodeArrow } from '../../formats/arrow/arrow.ts';
import type { Column } from '../../stats/column.ts';
import { type LocalBatch, localBatchBytes } from '../log/arrange/local-batch.ts';
import { textsOf } from '../log/settle/settling-rows.ts';
import { type Measured, measureOutcomes, type PerformanceQuestion } from './measure-outcomes.ts';
import { addOutcomes, noOutcomes, type Outcomes } from './outcomes.ts';
import { measureSegments, type SegmentsAsked } from './segment-outcomes.ts';

export type PerformanceTaskInput = PerformanceQuestion & {
  /** The column that says which query a row answers, as the reference names it. */
  readonly query: string | null;
  /** What tells segments apart, by the names of batches; null where none are asked for. */
  readonly segments: (SegmentsAsked & { readonly keys: readonly SegmentKey[] }) | null;
  /** Batch objects, each with the rows that have a label, in order, and their labels. */
  readonly batches: readonly {
    readonly file: LocalBatch;
    readonly rows: Int32Array;
    readonly labels: readonly string[];
  }[];
};

/**
 * Compute task: how well the predictions agree with the labels that have come.
 * @throws TidemarkError `unreadable-data`.
 */
export async function performanceTask(input: PerformanceTaskInput): Promise<Measured> {
  const outcomes = noOutcomes();
  const { segments } = input;
  const keys = (segments?.keys ?? []).map(({ by, logged }) => ({ by, logged, texts: [] as (string | null)[] }));
  for (const batch of input.batches) await addBatch(outcomes, batch, { query: input.query, keys });
  const whole = measureOutcomes(outcomes, input);
  if (segments === null || segments.keys.length === 0) return whole;
  return { ...whole, segments: measureSegments(outcomes, input, { ...segments, whole, keys }) };
}

type SegmentKey = { readonly by: string; readonly logged: string };

const CLASS_SCORE = 'score.';

async function addBatch(
  outcomes: Outcomes,
  given: PerformanceTaskInput['batches'][number],
  {
    query,
    keys,
  }: { readonly query: string | null; readonly keys: readonly (SegmentKey & { texts: (string | null)[] })[] },
): Promise<void> {
  const { fields, batch } = decodeArrow(localBatchBytes(given.file));
  const columns = new Map<string, Column>();
  for (const [i, { name }] of fields.entries()) {
    const column = batch.columns[i];
    if (column !== undefined) columns.set(name, column);
  }
  for (const { logged, texts } of keys) {
    const found = textsOf(columns.get(logged) ?? null, batch.rows);
    for (const row of given.rows) texts.push(found[row] ?? null);
  }
  const classScores = [...columns].filter(([name]) => name.startsWith(CLASS_SCORE));
  addOutcomes(
    outcomes,
    {
      prediction: columns.get('prediction') ?? null,
      score: columns.get('score') ?? null,
      classScores: new Map(classScores.map(([name, column]) => [name.slice(CLASS_SCORE.length), column])),
      query: query === null ? null : (columns.get(`tag.${query}`) ?? columns.get(`feature.${query}`) ?? null),
    },
    { rows: given.rows, labels: given.labels, of: batch.rows },
  );
}
