/** Blocks of scanned rows → typed batches, each column filled in a loop of its own. */
import type { ColumnBatch, ColumnType } from '../stats/column.ts';
import { batchRows } from './batch-plan.ts';
import { type ColumnSink, columnSink } from './column-sink.ts';
import type { RowBlock } from './csv-blocks.ts';
import { type CellBlock, fillCells } from './csv-cells.ts';
import { TextDictionary } from './text-dictionary.ts';

const MAX_BATCH_TEXT = 32 * 2 ** 20;

/** A column by its place in the rows, and the type that it is read as. */
export type WantedColumn = { readonly position: number; readonly type: ColumnType };

/** Writes the cells of some rows of a block to the column's sink, beginning at slot `at`. */
export type FillColumn = (cells: CellBlock, sink: ColumnSink, at: number, block: RowBlock) => void;

type Filling = {
  readonly fill: FillColumn;
  /** A batch is given up when the next is asked for, so its memory is used again. */
  readonly recycle: boolean;
};

/** The columns of all rows. */
export async function* csvBatches(
  blocks: AsyncIterable<RowBlock>,
  wanted: readonly WantedColumn[],
  { fill, recycle }: Filling = { fill: fillCells, recycle: false },
): AsyncGenerator<ColumnBatch> {
  const capacity = batchRows(wanted.length);
  const dictionaries = wanted.map(() => new TextDictionary());
  const open = () => wanted.map(({ type }, i) => columnSink(type, capacity, dictionaries[i]!));
  let sinks = open();
  let rows = 0;
  let bytes = 0;
  for await (const block of blocks) {
    const { buf, index, from, length } = block;
    bytes += length;
    for (let row = from; row < index.rows; ) {
      const to = Math.min(index.rows, row + capacity - rows);
      for (let i = 0; i < wanted.length; i++) {
        fill({ buf, index, column: wanted[i]!.position, from: row, to }, sinks[i]!, rows, block);
      }
      rows += to - row;
      row = to;
      if (rows < capacity && bytes < MAX_BATCH_TEXT) continue;
      yield finishBatch(sinks, rows);
      for (const dictionary of dictionaries) dictionary.startBatch();
      if (recycle) for (const sink of sinks) sink.reset();
      else sinks = open();
      rows = 0;
      bytes = 0;
    }
  }
  if (rows > 0) yield finishBatch(sinks, rows);
}

function finishBatch(sinks: readonly ColumnSink[], rows: number): ColumnBatch {
  return { rows, columns: sinks.map((sink) => sink.finish(rows)) };
}
