import { batchRows } from '../../../formats/columns/batch-plan.ts';
import { absentColumn } from '../../../formats/columns/column-sink.ts';
import { gatherBatches } from '../../../formats/columns/gather-batches.ts';
import type { TableEncoding } from '../../../formats/prediction/record-types.ts';
import { PredictionTable } from '../../../formats/prediction/table.ts';
import { openTable } from '../../../formats/table-reader.ts';
import type { ColumnBatch, Field } from '../../../stats/column.ts';
import { CollectedParts, type KeepPart } from './collect-parts.ts';
import { type Prepared, type PrepareOptions, recordOptions } from './prepare-records.ts';
import { storable } from './raw-records.ts';

export type TableOptions = PrepareOptions & { readonly encoding: TableEncoding };

/** Bytes of memory that a native reader may take. */
const READER_BYTES = 512 * 1024 ** 2;

/**
 * Turns a table file into what is stored of it, in parts of some ten thousand rows: memory does not depend on how
 * many there are. A part's bytes are handed on as soon as they are made; nobody looks at them before the last one.
 * @throws TidemarkError `unreadable-data`, `invalid-body` for columns that have no place in a record, `too-large`.
 */
export async function prepareTable<P>(file: string, options: TableOptions, keep: KeepPart<P>): Promise<Prepared<P>> {
  const given = recordOptions(options);
  const reader = await openTable(file, { format: options.encoding, memoryBytes: READER_BYTES });
  try {
    const table = new PredictionTable(reader, given);
    const collected = new CollectedParts<P>(options, keep);
    let row = 0;
    const add = (batch: ColumnBatch): Promise<void> =>
      collected.add(table.parse(batch, row + 1), {
        lineOffset: 0,
        texts: ({ lines, maxBytes }) => textsOf(table, batch, { lines, first: row + 1, maxBytes }),
      });
    for await (const batch of gatherBatches(reader.fields, reader.batches(), batchRows(reader.fields))) {
      await add(batch);
      row += batch.rows;
    }
    if (row === 0) await add(noRows(reader.fields));
    return collected.result();
  } finally {
    await reader.close();
  }
}

function textsOf(
  table: PredictionTable,
  batch: ColumnBatch,
  wanted: { readonly lines: ReadonlySet<number>; readonly first: number; readonly maxBytes: number },
): Map<number, string> {
  const texts = new Map<number, string>();
  let bytes = 0;
  for (const line of wanted.lines) {
    const text = storable(table.text(batch, line - wanted.first));
    bytes += Buffer.byteLength(text);
    if (bytes > wanted.maxBytes) break;
    texts.set(line, text);
  }
  return texts;
}

function noRows(fields: readonly Field[]): ColumnBatch {
  return { rows: 0, columns: fields.map(({ type }) => absentColumn(type, 0)) };
}
