/** Blocks of scanned rows → typed batches, each column filled in a loop of its own. */
import type { ColumnBatch, ColumnType } from '../../stats/column.ts';
import { BATCH_ROWS, batchRows } from '../columns/batch-plan.ts';
import { type ColumnSink, columnSink } from '../columns/column-sink.ts';
import { TextDictionary } from '../text/text-dictionary.ts';
import type { RowBlock } from './blocks.ts';
import { type CellBlock, fillCells } from './cells.ts';

const MAX_BATCH_TEXT = 32 * 2 ** 20;

/** A column by its place in the rows, and the type that it is read as. */
export type WantedColumn = { readonly position: number; readonly type: ColumnType };

/** How cells get into slots. */
export type Filling = {
  /** Writes the cells of some rows of a block to the column's sink, beginning at slot `at`. */
  readonly fill: (cells: CellBlock, sink: ColumnSink, at: number, block: RowBlock) => void;
  /** Called before each batch but the first. */
  readonly startBatch: () => void;
  /** At most so many rows a batch. */
  readonly rows: number;
  /** A batch is given up when the next is asked for, so its memory is used again. */
  readonly recycle: boolean;
};

const PLAIN: Filling = { fill: fillCells, startBatch: () => undefined, rows: BATCH_ROWS, recycle: false };

/** The columns of all rows. */
export async function* csvBatches(
  blocks: AsyncIterable<RowBlock>,
  wanted: readonly WantedColumn[],
  filling: Filling = PLAIN,
): AsyncGenerator<ColumnBatch> {
  const capacity = Math.min(filling.rows, batchRows(wanted));
  // One that nothing is put in does for all the others.
  const none = new TextDictionary();
  const dictionaries = wanted.map(({ type }) => (type === 'text' ? new TextDictionary() : none));
  const open = () => wanted.map(({ type }, i) => columnSink(type, capacity, dictionaries[i]!));
  let sinks = open();
  let rows = 0;
  let bytes = 0;
  for await (const block of blocks) {
    const { buf, index, from, length, writings } = block;
    bytes += length;
    for (let row = from; row < index.rows; ) {
      const to = Math.min(index.rows, row + capacity - rows);
      for (let i = 0; i < wanted.length; i++) {
        const column = wanted[i]!.position;
        const writing = writings?.[column] ?? null;
        filling.fill({ buf, index, column, from: row, to, writing }, sinks[i]!, rows, block);
      }
      rows += to - row;
      row = to;
      if (rows < capacity && bytes < MAX_BATCH_TEXT) continue;
      yield finishBatch(sinks, rows, filling.recycle);
      for (const dictionary of dictionaries) dictionary.startBatch();
      filling.startBatch();
      if (filling.recycle) for (const sink of sinks) sink.reset();
      else sinks = open();
      rows = 0;
      bytes = 0;
    }
  }
  if (rows > 0) yield finishBatch(sinks, rows, filling.recycle);
}

function finishBatch(sinks: readonly ColumnSink[], rows: number, passing: boolean): ColumnBatch {
  return { rows, columns: sinks.map((sink) => sink.finish(rows, passing)) };
}
