/**
 * JSON records (a line each, or the elements of one list) → columns, in two passes like a text table: types
 * from all records first, then typed batches. Nested objects become columns with dotted names, lists of numbers that
 * all have one length vectors; other lists have no place in a column and are left out, which is reported.
 */
import type { ByteSource } from '../byte-source.ts';
import { checkNames, columnPositions } from '../columns/batch-plan.ts';
import type { AskedTypes, TableLimits, TableReader } from '../table.ts';
import { jsonBatches } from './batches.ts';
import { RecordBlocks } from './blocks.ts';
import { JsonSurvey } from './survey.ts';

export type JsonSource = {
  readonly source: ByteSource;
  /** `json` is one list of records. */
  readonly format: 'ndjson' | 'json';
  readonly limits: TableLimits;
};

/** Opens a table of JSON records: reads it once for names and types. Throws `unreadable-data` with the line. */
export async function openJson(from: JsonSource, asked?: AskedTypes): Promise<TableReader> {
  const blocks = new RecordBlocks(from);
  const survey = new JsonSurvey();
  let rows = 0;
  for await (const block of blocks.read()) {
    survey.add(block, blocks.names.length);
    rows += block.cells.rows;
  }
  const slots = survey.readableSlots(blocks.names.length);
  const fields = survey.fields(blocks.names, asked);
  checkNames(blocks.names, from.limits.columns);
  return {
    format: from.format,
    fields,
    rows,
    warnings: survey.warnings(blocks.names, fields),
    batches: (columns) => {
      const wanted = columnPositions(fields, columns).map((i) => ({ slot: slots[i]!, type: fields[i]!.type }));
      return jsonBatches(blocks.read(), wanted);
    },
    close: () => Promise.resolve(),
  };
}
