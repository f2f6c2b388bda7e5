/**
 * JSON records (a line each, or the elements of one list) → columns, in two passes like a text table: types
 * from all records first, then typed batches. Nested objects become columns with dotted names; lists have no
 * place in a column and are left out, which is reported.
 */
import type { ColumnBatch, ColumnType, Field } from '../stats/column.ts';
import { BATCH_ROWS, batchRows, checkNames, columnPositions } from './batch-plan.ts';
import type { ByteSource } from './byte-source.ts';
import { type ColumnSink, columnSink } from './column-sink.ts';
import { type RecordBlock, RecordBlocks } from './json-blocks.ts';
import { fillFromCells } from './json-columns.ts';
import { JsonSurvey } from './json-survey.ts';
import type { TableLimits, TableReader } from './table.ts';
import { TextDictionary } from './text-dictionary.ts';

export type JsonSource = {
  readonly source: ByteSource;
  /** `json` is one list of records. */
  readonly format: 'ndjson' | 'json';
  readonly limits: TableLimits;
};

/** Opens a table of JSON records: reads it once for names and types. Throws `unreadable-data` with the line. */
export async function openJson(from: JsonSource): Promise<TableReader> {
  const blocks = new RecordBlocks(from);
  const survey = new JsonSurvey();
  let rows = 0;
  for await (const block of blocks.read()) {
    survey.add(block, blocks.names.length);
    rows += block.cells.rows;
  }
  const slots = survey.readableSlots(blocks.names.length);
  const fields = slots.map((slot): Field => ({ name: blocks.names[slot]!, type: survey.typeOf(slot) }));
  checkNames(blocks.names, from.limits.columns);
  return {
    format: from.format,
    fields,
    rows,
    warnings: survey.warnings(blocks.names),
    batches: (columns) => {
      const wanted = columnPositions(fields, columns).map((i) => ({ slot: slots[i]!, type: fields[i]!.type }));
      return batchesOf(blocks, wanted);
    },
    close: () => Promise.resolve(),
  };
}

type Wanted = { readonly slot: number; readonly type: ColumnType };

async function* batchesOf(blocks: RecordBlocks, wanted: readonly Wanted[]): AsyncGenerator<ColumnBatch> {
  const capacity = Math.min(BATCH_ROWS, batchRows(wanted.length));
  const dictionaries = wanted.map(() => new TextDictionary());
  const open = (): ColumnSink[] => wanted.map(({ type }, i) => columnSink(type, capacity, dictionaries[i]!));
  let sinks = open();
  let rows = 0;
  for await (const block of blocks.read()) {
    if (rows + block.cells.rows > capacity) {
      yield { rows, columns: sinks.map((sink) => sink.finish(rows)) };
      for (const dictionary of dictionaries) dictionary.startBatch();
      sinks = open();
      rows = 0;
    }
    fillBlock(block, { wanted, sinks, at: rows });
    rows += block.cells.rows;
  }
  if (rows > 0) yield { rows, columns: sinks.map((sink) => sink.finish(rows)) };
}

type Target = { readonly wanted: readonly Wanted[]; readonly sinks: readonly ColumnSink[]; readonly at: number };

function fillBlock({ buf, cells }: RecordBlock, { wanted, sinks, at }: Target): void {
  for (let i = 0; i < wanted.length; i++) fillFromCells({ buf, cells, slot: wanted[i]!.slot }, sinks[i]!, { at });
}
