/** Blocks of scanned records → typed batches. */
import type { ColumnBatch, ColumnType } from '../../stats/column.ts';
import { BATCH_ROWS, batchRows } from '../columns/batch-plan.ts';
import { type ColumnSink, columnSink } from '../columns/column-sink.ts';
import { TextDictionary } from '../text/text-dictionary.ts';
import type { RecordBlock } from './blocks.ts';
import { fillFromCells } from './columns.ts';

/** A column by its slot in the records, and the type that it is read as. */
export type WantedSlot = { readonly slot: number; readonly type: ColumnType };

type Filling = {
  /** A column that does not fit its type, as far as is known, is no longer filled: its values mean nothing then. */
  readonly fits: (column: WantedSlot) => boolean;
  /** A batch is given up when the next is asked for, so its memory is used again. */
  readonly recycle: boolean;
};

/** The columns of all records. */
export async function* jsonBatches(
  blocks: AsyncIterable<RecordBlock>,
  wanted: readonly WantedSlot[],
  { fits, recycle }: Filling = { fits: () => true, recycle: false },
): AsyncGenerator<ColumnBatch> {
  const capacity = Math.min(BATCH_ROWS, batchRows(wanted));
  const dictionaries = wanted.map(() => new TextDictionary());
  const open = (): ColumnSink[] => wanted.map(({ type }, i) => columnSink(type, capacity, dictionaries[i]!));
  let sinks = open();
  let rows = 0;
  for await (const { buf, cells } of blocks) {
    if (rows + cells.rows > capacity) {
      yield { rows, columns: sinks.map((sink) => sink.finish(rows)) };
      for (const dictionary of dictionaries) dictionary.startBatch();
      if (recycle) for (const sink of sinks) sink.reset();
      else sinks = open();
      rows = 0;
    }
    for (const [i, column] of wanted.entries()) {
      if (fits(column)) fillFromCells({ buf, cells, slot: column.slot }, sinks[i]!, { at: rows });
    }
    rows += cells.rows;
  }
  if (rows > 0) yield { rows, columns: sinks.map((sink) => sink.finish(rows)) };
}
