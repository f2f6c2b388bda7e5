import type { ComparedPart } from '../../../schemas/wire/comparison.ts';
import type { StoredPerformance } from '../../../schemas/wire/performance.ts';
import { TidemarkError } from '../../errors.ts';
import { decodeArrow } from '../../formats/arrow/arrow.ts';
import { openTable } from '../../formats/table-reader.ts';
import { type Column, isValid } from '../../stats/column.ts';
import { type LocalBatch, localBatchBytes } from '../log/arrange/local-batch.ts';
import { labelTexts, textsOf } from '../log/settle/settling-rows.ts';
import { measureOutcomes } from '../outcome/measure-outcomes.ts';
import { noOutcomes } from '../outcome/outcomes.ts';
import { type TimeGrid, windowStart } from '../window/window.ts';

export type CompareTaskInput = {
  readonly task: StoredPerformance['task'];
  readonly positiveLabel: string | null;
  /** Logged batches with the labelled rows on which both are compared. */
  readonly batches: readonly {
    readonly file: LocalBatch;
    readonly rows: Int32Array;
    readonly labels: readonly string[];
  }[];
  /** What the challenger says of them: tables with `prediction_id`, and `prediction`, `score` or both. */
  readonly challenger: readonly { readonly path: string; readonly file: string }[];
  /** Features by whose values the comparison is divided. */
  readonly segments: readonly string[];
  /** Windows by which the comparison is divided. */
  readonly grid: TimeGrid;
};

export type CompareTaskOutput = {
  /** Rows with a label of which both models said something. */
  readonly rows: number;
  /** Rows with a label of which the challenger said nothing. */
  readonly unanswered: number;
  readonly parts: readonly ComparedPart[];
};

type Row = {
  readonly id: string;
  readonly label: string;
  readonly prediction: string | null;
  readonly score: number;
  readonly window: string;
  readonly segments: readonly (string | null)[];
};

type Said = { readonly prediction: string | null; readonly score: number };

/**
 * Compute task: how well two models agree with the same labels, on the whole, in each window and in each segment.
 * @throws TidemarkError `unreadable-data`, `invalid-rows` when the challenger's table lacks a column.
 */
export async function compareModels(input: CompareTaskInput): Promise<CompareTaskOutput> {
  const rows: Row[] = [];
  for (const batch of input.batches) rows.push(...(await readRows(batch, input)));
  const said = await readChallenger(input.challenger, new Set(rows.map(({ id }) => id)));
  const common = rows.filter(({ id }) => said.has(id));
  return { rows: common.length, unanswered: rows.length - common.length, parts: partsOf(common, said, input) };
}

async function readRows(given: CompareTaskInput['batches'][number], input: CompareTaskInput): Promise<Row[]> {
  const { fields, batch } = decodeArrow(localBatchBytes(given.file));
  const columnOf = (name: string): Column | null =>
    batch.columns[fields.findIndex((field) => field.name === name)] ?? null;
  const textOf = (name: string) => textsOf(columnOf(name), batch.rows);
  const ids = textOf('prediction_id');
  const predictions = labelTexts(columnOf('prediction'), batch.rows);
  const [scores, times] = [columnOf('score'), columnOf('timestamp')];
  const segments = input.segments.map((name) => textOf(`feature.${name}`));
  return [...given.rows].map((row, i) => ({
    id: ids[row] ?? '',
    label: given.labels[i] ?? '',
    prediction: predictions[row] ?? null,
    score: numberAt(scores, row),
    window: new Date(windowStart(numberAt(times, row), input.grid)).toISOString(),
    segments: segments.map((values) => values[row] ?? null),
  }));
}

function numberAt(column: Column | null, row: number): number {
  if (column === null || column.kind === 'category' || !isValid(column.valid, row)) return Number.NaN;
  return column.values[row] ?? Number.NaN;
}

/** Only what is said of rows that are asked about is kept: the table may be of any size. */
async function readChallenger(
  files: CompareTaskInput['challenger'],
  wanted: ReadonlySet<string>,
): Promise<Map<string, Said>> {
  const said = new Map<string, Said>();
  for (const { path, file } of files) {
    const reader = await openTable(file, { name: path });
    const place = (name: string): number => reader.fields.findIndex((field) => field.name === name);
    const [id, prediction, score] = [place('prediction_id'), place('prediction'), place('score')];
    if (id < 0 || (prediction < 0 && score < 0)) throw lacking(path);
    for await (const batch of reader.batches()) {
      const ids = textsOf(batch.columns[id] ?? null, batch.rows);
      const predictions = labelTexts(batch.columns[prediction] ?? null, batch.rows);
      ids.forEach((name, row) => {
        // The first answer counts, as the first prediction of an id does.
        if (name === null || !wanted.has(name) || said.has(name)) return;
        const value = numberAt(batch.columns[score] ?? null, row);
        said.set(name, { prediction: predictions[row] ?? null, score: value });
      });
    }
  }
  return said;
}

const lacking = (path: string): TidemarkError =>
  new TidemarkError(
    'invalid-rows',
    `The evaluation "${path}" must have a column "prediction_id" and one of "prediction" and "score".`,
  );

/** Values of a segment, and windows, that are looked at: the largest. Fewer rows than these say nothing. */
const MOST_PARTS = 20;
const LEAST_ROWS = 30;

function partsOf(rows: readonly Row[], said: ReadonlyMap<string, Said>, input: CompareTaskInput): ComparedPart[] {
  const part = (kind: ComparedPart['kind'], name: string, value: string, of: readonly Row[]): ComparedPart => ({
    ...{ kind, name, value, rows: of.length },
    champion: metricsOf(of, input, ({ prediction, score }) => ({ prediction, score })),
    challenger: metricsOf(of, input, ({ id }) => said.get(id) ?? { prediction: null, score: Number.NaN }),
  });
  const byWindow = largest(Map.groupBy(rows, ({ window }) => window)).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return [
    part('all', '', '', rows),
    ...byWindow.map(([window, of]) => part('window', '', window, of)),
    ...input.segments.flatMap((name, i) =>
      largest(Map.groupBy(rows, ({ segments }) => segments[i] ?? '')).map(([value, of]) =>
        part('segment', name, value, of),
      ),
    ),
  ];
}

function largest(groups: ReadonlyMap<string, readonly Row[]>): [string, readonly Row[]][] {
  return [...groups]
    .filter(([, rows]) => rows.length >= LEAST_ROWS)
    .toSorted(([a, left], [b, right]) => right.length - left.length || (a < b ? -1 : 1))
    .slice(0, MOST_PARTS);
}

function metricsOf(rows: readonly Row[], input: CompareTaskInput, say: (row: Row) => Said): ComparedPart['champion'] {
  const answers = rows.map(say);
  const outcomes = {
    ...noOutcomes(),
    labels: rows.map(({ label }) => label),
    predictions: answers.map(({ prediction }) => prediction),
    scores: answers.map(({ score }) => score),
  };
  const { task, positiveLabel } = input;
  const { metrics } = measureOutcomes(outcomes, {
    task,
    positiveLabel,
    businessValue: null,
    quantile: 0.5,
    labelsLike: null,
  });
  return Object.fromEntries(
    Object.entries(metrics).map(([name, { value, low, high }]) => [name, { value, low, high }]),
  );
}
