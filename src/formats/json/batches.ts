/** Blocks of scanned records → typed batches. */
import type { ColumnBatch, ColumnType } from '../../stats/column.ts';
import { BATCH_ROWS, batchRows } from '../columns/batch-plan.ts';
import { type ColumnSink, columnSink } from '../columns/column-sink.ts';
import { TextDictionary } from '../text/text-dictionary.ts';
import type { RecordBlock } from './blocks.ts';
import { fillFromCells } from './columns.ts';

/** A column by its slot in the records, and the type that it is read as. */
export type WantedSlot = { readonly slot: number; readonly type: ColumnType };

/** How cells get into columns. */
export type Filling = {
  /** Writes a slot's cells of a block to the column's sink, beginning at row `at`. */
  readonly fill: (block: RecordBlock, slot: number, sink: ColumnSink, at: number) => void;
  /** Called before each batch but the first. */
  readonly startBatch: () => void;
  /** At most so many rows a batch, unless a block has more. */
  readonly rows: number;
  /** A batch is given up when the next is asked for, so its memory is used again. */
  readonly recycle: boolean;
};

const PLAIN: Filling = {
  fill: (block, slot, sink, at) => fillFromCells({ ...block, slot }, sink, { at }),
  startBatch: () => undefined,
  rows: BATCH_ROWS,
  recycle: false,
};

/** The columns of all records. */
export async function* jsonBatches(
  blocks: AsyncIterable<RecordBlock>,
  wanted: readonly WantedSlot[],
  filling: Filling = PLAIN,
): AsyncGenerator<ColumnBatch> {
  const capacity = Math.min(filling.rows, batchRows(wanted));
  // One that nothing is put in does for all the others.
  const none = new TextDictionary();
  const dictionaries = wanted.map(({ type }) => (type === 'text' ? new TextDictionary() : none));
  const open = (): ColumnSink[] => wanted.map(({ type }, i) => columnSink(type, capacity, dictionaries[i]!));
  let sinks = open();
  let rows = 0;
  for await (const block of blocks) {
    if (rows + block.cells.rows > capacity) {
      yield { rows, columns: sinks.map((sink) => sink.finish(rows, filling.recycle)) };
      for (const dictionary of dictionaries) dictionary.startBatch();
      filling.startBatch();
      if (filling.recycle) for (const sink of sinks) sink.reset();
      else sinks = open();
      rows = 0;
    }
    for (const [i, { slot }] of wanted.entries()) filling.fill(block, slot, sinks[i]!, rows);
    rows += block.cells.rows;
  }
  if (rows > 0) yield { rows, columns: sinks.map((sink) => sink.finish(rows, filling.recycle)) };
}
