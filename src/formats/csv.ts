/**
 * Delimited text → columns, in two passes over the bytes: the first decides every column's type from all of
 * its cells (a word in the last row makes the column text), the second fills typed batches. Nothing is held
 * but the current block and batch.
 */
import type { ColumnBatch, Field } from '../stats/column.ts';
import { batchRows, checkNames, columnPositions } from './batch-plan.ts';
import type { ByteSource } from './byte-source.ts';
import { type ColumnSink, columnSink } from './column-sink.ts';
import { type Layout, rowBlocks } from './csv-blocks.ts';
import { fillCells } from './csv-cells.ts';
import { sniffDialect } from './csv-dialect.ts';
import { headerOf } from './csv-header.ts';
import { CsvScanner, RowIndex } from './csv-scan.ts';
import { CsvSurvey } from './csv-survey.ts';
import type { CsvOptions, TableLimits, TableReader, TableWarning } from './table.ts';
import { TextDictionary } from './text-dictionary.ts';
import { bomLength, headBytes } from './text-encoding.ts';
import { tooLarge, unreadable } from './unreadable.ts';

/** The share of ragged rows above which a file is refused; a single one is always taken. */
const MAX_RAGGED_SHARE = 0.01;

const MAX_BATCH_TEXT = 32 * 2 ** 20;

export type CsvSource = {
  readonly source: ByteSource;
  readonly format: 'csv' | 'tsv';
  readonly options: CsvOptions;
  readonly limits: TableLimits;
};

/** Opens a text table: sniffs its dialect, then reads it once for the types. Throws `unreadable-data`. */
export async function openCsv(from: CsvSource): Promise<TableReader> {
  const layout = await layoutOf(from);
  const survey = new CsvSurvey(layout.header.names.length);
  const scanner = new CsvScanner(layout.dialect, from.limits);
  for await (const block of rowBlocks(layout, scanner)) survey.add(block);
  const rows = scanner.rows - (layout.header.present ? 1 : 0);
  checkRagged(scanner, rows, layout.header.names.length);
  const fields = layout.header.names.map((name, i): Field => ({ name, type: survey.typeOf(i) }));
  return {
    format: from.format,
    fields,
    rows,
    warnings: [...layout.header.warnings, ...survey.warnings(fields), ...raggedWarning(scanner, fields.length)],
    batches: (columns) => batchesOf(layout, fields, columnPositions(fields, columns)),
    close: () => Promise.resolve(),
  };
}

/** What the file's first megabyte tells: dialect, width, header. */
async function layoutOf({ source, options, limits }: CsvSource): Promise<Layout> {
  const { head, complete } = await headBytes(source, limits.cellBytes);
  const start = bomLength(head);
  const dialect = sniffDialect(head.subarray(start, start + 65_536), options);
  const range = { start, end: head.length, last: complete, offset: 0 };
  const buf = Buffer.concat([head, Buffer.alloc(1)]);
  const probe = new CsvScanner(dialect, limits);
  probe.scan(buf, range, new RowIndex(1, 1));
  if (probe.rows === 0) throw noFirstRow(complete, limits);
  if (probe.fields > limits.columns) {
    throw tooLarge(`The table has ${probe.fields} columns; at most ${limits.columns} can be read.`);
  }
  const index = new RowIndex(probe.fields);
  new CsvScanner(dialect, limits).scan(buf, range, index);
  const header = headerOf(buf, index, options);
  checkNames(header.names, limits.columns);
  return { source, dialect, header, limits };
}

function noFirstRow(complete: boolean, limits: TableLimits): Error {
  if (complete) return unreadable('The file is empty; a table needs at least one row.');
  return unreadable(`The first row is longer than ${limits.cellBytes} bytes; is this a text table with line ends?`);
}

function checkRagged(scanner: CsvScanner, rows: number, width: number): void {
  if (scanner.ragged <= Math.max(1, rows * MAX_RAGGED_SHARE)) return;
  throw unreadable(
    `${scanner.ragged} of ${rows} rows do not have ${width} fields, first row ${scanner.firstRagged}; ` +
      'at most 1 % may differ. Check the delimiter and the quoting.',
  );
}

function raggedWarning(scanner: CsvScanner, width: number): TableWarning[] {
  if (scanner.ragged === 0) return [];
  const detail = `Rows without exactly ${width} fields, first row ${scanner.firstRagged}: missing fields read as absent, extra ones are dropped.`;
  return [{ code: 'ragged-rows', count: scanner.ragged, detail }];
}

async function* batchesOf(layout: Layout, fields: readonly Field[], wanted: readonly number[]) {
  const capacity = batchRows(wanted.length);
  const dictionaries = wanted.map(() => new TextDictionary());
  const open = () => wanted.map((column, i) => columnSink(fields[column]!.type, capacity, dictionaries[i]!));
  let sinks = open();
  let rows = 0;
  let bytes = 0;
  const scanner = new CsvScanner(layout.dialect, layout.limits);
  for await (const { buf, index, from, length } of rowBlocks(layout, scanner)) {
    bytes += length;
    for (let row = from; row < index.rows; ) {
      const to = Math.min(index.rows, row + capacity - rows);
      fillBlock({ buf, index, from: row, to }, { wanted, sinks, at: rows });
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
type Target = { readonly wanted: readonly number[]; readonly sinks: readonly ColumnSink[]; readonly at: number };

function fillBlock(range: RowRange, { wanted, sinks, at }: Target): void {
  for (let i = 0; i < wanted.length; i++) fillCells({ ...range, column: wanted[i]! }, sinks[i]!, at);
}

function finishBatch(sinks: readonly ColumnSink[], rows: number): ColumnBatch {
  return { rows, columns: sinks.map((sink) => sink.finish(rows)) };
}
