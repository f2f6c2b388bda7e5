/** Blocks of scanned rows → typed batches, each column filled in a loop of its own. */
import type { ColumnBatch, ColumnType } from '../stats/column.ts';
import { batchRows } from './batch-plan.ts';
import { type ColumnSink, columnSink } from './column-sink.ts';
import type { RowBlock } from './csv-blocks.ts';
import { fillCells } from './csv-cells.ts';
import type { RowIndex } from './csv-scan.ts';
import { TextDictionary } from './text-dictionary.ts';

const MAX_BATCH_TEXT = 32 * 2 ** 20;

/** A column by its place in the rows, and the type that it is read as. */
export type WantedColumn = { readonly position: number; readonly type: ColumnType };

/**
 * The columns of all rows. A column that does not fit its type (as far as `fits` knows when the block's turn comes)
 * is no longer filled: its values mean nothing then.
 */
export async function* csvBatches(
  blocks: AsyncIterable<RowBlock>,
  wanted: readonly WantedColumn[],
  fits: (column: WantedColumn) => boolean = () => true,
): AsyncGenerator<ColumnBatch> {
  const capacity = batchRows(wanted.length);
  const dictionaries = wanted.map(() => new TextDictionary());
  const open = () => wanted.map(({ type }, i) => columnSink(type, capacity, dictionaries[i]!));
  let sinks = open();
  let rows = 0;
  let bytes = 0;
  for await (const { buf, index, from, length } of blocks) {
    bytes += length;
    const filled = wanted.map(fits);
    for (let row = from; row < index.rows; ) {
      const to = Math.min(index.rows, row + capacity - rows);
      fillBlock({ buf, index, from: row, to }, { wanted, filled, sinks, at: rows });
      rows += to - row;
      row = to;
      if (rows < capacity && bytes < MAX_BATCH_TEXT) continue;
      yield finishBatch(sinks, rows);
      for (const dictionary of dictionaries) dictionary.startBatch();
      sinks = open();
      rows = 0;
      bytes = 0;
    }
  }
  if (rows > 0) yield finishBatch(sinks, rows);
}

type RowRange = { readonly buf: Buffer; readonly index: RowIndex; readonly from: number; readonly to: number };
type Target = {
  readonly wanted: readonly WantedColumn[];
  readonly filled: readonly boolean[];
  readonly sinks: readonly ColumnSink[];
  readonly at: number;
};

function fillBlock(range: RowRange, { wanted, filled, sinks, at }: Target): void {
  for (let i = 0; i < wanted.length; i++) {
    if (filled[i]) fillCells({ ...range, column: wanted[i]!.position }, sinks[i]!, at);
  }
}

function finishBatch(sinks: readonly ColumnSink[], rows: number): ColumnBatch {
  return { rows, columns: sinks.map((sink) => sink.finish(rows)) };
}
