/** Rows of a Parquet file, in whatever pieces they come → batches. */
import type { ColumnBatch, Field } from '../../stats/column.ts';
import { CodeSink, type ColumnSink, columnSink } from '../columns/column-sink.ts';
import { TextDictionary } from '../text/text-dictionary.ts';

/** What a piece holds at most; a batch keeps room for one more. */
const PIECE_ROWS = 2048;

/** Some rows, of which each column is read once. */
export type Rows = {
  readonly count: number;
  /** Writes the rows of one column to its sink, from slot `at` on. */
  readonly read: (column: number, sink: ColumnSink, at: number) => void;
};

export type RowSource = {
  readonly rows: AsyncIterable<Rows>;
  /** The dictionary of a column is empty again. */
  readonly forgetTexts: (column: number) => void;
  /** Called before each batch but the first. */
  readonly startBatch?: () => void;
};

export type Batching = {
  /** A batch may be written over once the next one is asked for. */
  readonly passing: boolean;
  /** Rows of which one piece more ends a batch. */
  readonly most: number;
};

export async function* parquetBatches(
  { rows: pieces, forgetTexts, startBatch }: RowSource,
  columns: readonly Field[],
  { passing, most }: Batching,
): AsyncGenerator<ColumnBatch> {
  const capacity = most + PIECE_ROWS;
  const dictionaries = columns.map(() => new TextDictionary());
  const open = (): ColumnSink[] =>
    columns.map(({ type }, i) => {
      const sink = columnSink(type, capacity, dictionaries[i]!);
      if (sink instanceof CodeSink && type === 'text') sink.source = dictionaries[i]!;
      return sink;
    });
  let sinks = open();
  let rows = 0;
  for await (const { count, read } of pieces) {
    for (let i = 0; i < columns.length; i++) read(i, sinks[i]!, rows);
    rows += count;
    if (rows + PIECE_ROWS <= capacity) continue;
    yield { rows, columns: sinks.map((sink) => sink.finish(rows, passing)) };
    for (const [i, dictionary] of dictionaries.entries()) if (dictionary.startBatch()) forgetTexts(i);
    startBatch?.();
    if (passing) for (const sink of sinks) sink.reset();
    else sinks = open();
    rows = 0;
  }
  if (rows > 0) yield { rows, columns: sinks.map((sink) => sink.finish(rows)) };
}
