import { readFile } from 'node:fs/promises';
import { encodeArrow } from '../../../src/formats/arrow/writer.ts';
import { CodeSink, columnSink, ValueSink } from '../../../src/formats/columns/column-sink.ts';
import { writeParquet } from '../../../src/formats/parquet/writer.ts';
import { TextDictionary } from '../../../src/formats/text/text-dictionary.ts';
import type { Column, ColumnBatch, ColumnType, Field } from '../../../src/stats/column.ts';

type Cell = string | number | bigint | boolean | null;

/** Rows by flat names, as a table has them; what a column holds says its type. */
export type Table = { readonly columns: Readonly<Record<string, ColumnType>>; readonly rows: readonly Row[] };
export type Row = Readonly<Record<string, Cell>>;

const GROUPS = ['features', 'scores', 'tags'];
const FIXED = ['prediction_id', 'timestamp', 'model_version', 'prediction', 'label', 'segment', 'scores'];

/** The record of a row, as JSON text: integers keep all their digits. */
function record(row: Row): string {
  const members: string[] = [];
  const grouped = new Map<string, string[]>();
  for (const [name, value] of Object.entries(row)) {
    const [group = '', ...rest] = FIXED.includes(name) || name.includes('.') ? name.split('.') : ['features', name];
    if (rest.length === 0 || !GROUPS.includes(group)) members.push(`${JSON.stringify(name)}:${json(value)}`);
    else grouped.set(group, [...(grouped.get(group) ?? []), `${JSON.stringify(rest.join('.'))}:${json(value)}`]);
  }
  for (const [group, inner] of grouped) members.push(`"${group}":{${inner.join(',')}}`);
  return `{${members.join(',')}}`;
}

const json = (value: Cell): string => (typeof value === 'bigint' ? String(value) : JSON.stringify(value));

/** The same rows in every form that is taken: media type → body. `folder` is for the table file. */
export async function bodiesOf(table: Table, path: string): Promise<Map<string, Uint8Array>> {
  const { rows } = table;
  const names = Object.keys(table.columns);
  const lists = names.map(
    (name) => `${JSON.stringify(name)}:[${rows.map((row) => json(row[name] ?? null)).join(',')}]`,
  );
  const cells = [names, ...rows.map((row) => names.map((name) => row[name] ?? null))];
  const fields = names.map((name): Field => ({ name, type: table.columns[name] ?? 'text' }));
  const batch = columnBatch(table);
  await writeParquet(path, fields, once(batch));
  return new Map<string, Uint8Array>([
    ['application/x-ndjson', Buffer.from(rows.map((row) => `${record(row)}\n`).join(''))],
    ['application/json', Buffer.from(`[${rows.map(record).join(',\n')}]`)],
    ['application/json; columns', Buffer.from(`{"columns": {${lists.join(', ')}}}`)],
    ['text/csv', Buffer.from(cells.map((line) => `${line.map(csvCell).join(',')}\r\n`).join(''))],
    ['application/vnd.apache.arrow.stream', encodeArrow(fields, batch)],
    ['application/vnd.apache.parquet', await readFile(path)],
  ]);
}

async function* once(batch: ColumnBatch): AsyncGenerator<ColumnBatch> {
  yield batch;
}

function csvCell(value: Cell): string {
  if (value === null) return '';
  // As pandas writes them.
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value !== 'string') return String(value);
  return /[",\r\n]/.test(value) || value === '' ? `"${value.replaceAll('"', '""')}"` : value;
}

function columnBatch({ columns, rows }: Table): ColumnBatch {
  return { rows: rows.length, columns: Object.entries(columns).map(([name, type]) => column(type, rows, name)) };
}

function column(type: ColumnType, rows: readonly Row[], name: string): Column {
  const sink = columnSink(type, rows.length, new TextDictionary());
  for (const [i, row] of rows.entries()) {
    const value = row[name] ?? null;
    if (sink instanceof CodeSink) {
      if (value !== null) sink.codes[i] = type === 'boolean' ? Number(value) : sink.dictionary.codeOf(String(value));
    } else if (value === null) sink.setNull(i);
    else if (sink instanceof ValueSink && typeof value === 'bigint' && !Number.isSafeInteger(Number(value)))
      sink.setExact(i, value);
    else sink.values[i] = typeof value === 'string' ? Date.parse(value) : Number(value);
  }
  return sink.finish(rows.length);
}
