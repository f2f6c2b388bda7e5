/** What a text table's first megabyte tells: dialect, width, header. */

import type { ByteSource } from '../byte-source.ts';
import { checkNames } from '../columns/batch-plan.ts';
import type { CsvOptions, TableLimits, TableWarning } from '../table.ts';
import { bomLength, headBytes } from '../text/text-encoding.ts';
import { tooLarge, unreadable } from '../unreadable.ts';
import type { Layout } from './blocks.ts';
import { columnWritings, writingOfAll } from './cell-writing.ts';
import { type Comments, commentsOf, withoutComments } from './comments.ts';
import { separatorLine, sniffDialect } from './dialect.ts';
import { headerOf } from './header.ts';
import { RowIndex } from './row-index.ts';
import { CsvScanner } from './scan.ts';

export type CsvSource = {
  readonly source: ByteSource;
  readonly format: 'csv' | 'tsv';
  readonly options: CsvOptions;
  readonly limits: TableLimits;
};

/** Sniffs the layout. Throws `unreadable-data` when there is no first row, `too-large`. */
export async function layoutOf({ source, options, limits }: CsvSource): Promise<Layout> {
  const { head, complete } = await headBytes(source, limits.cellBytes);
  const bom = bomLength(head);
  const named = separatorLine(head.subarray(bom));
  const mark = bom + named.length;
  const given = { ...options, ...(named.delimiter && { delimiter: named.delimiter }) };
  const dialect = sniffDialect(withoutComments(head.subarray(mark)).subarray(0, 65_536), given);
  const comments = commentsOf(head.subarray(mark), dialect.delimiter);
  const start = mark + comments.length;
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
  const found = headerOf({ buf, index, writing: writingOfAll(dialect.marks, options) }, options);
  const header = { ...found, warnings: [...found.warnings, ...commentsWarning(comments)] };
  checkNames(header.names, limits.columns);
  const writings = columnWritings(header.names, dialect.marks, options);
  return { source, begins: start, dialect, header, writings, limits };
}

function commentsWarning({ lines }: Comments): TableWarning[] {
  const detail = 'Lines above the table that begin with # are left out.';
  return lines === 0 ? [] : [{ code: 'comment-lines', count: lines, detail }];
}

function noFirstRow(complete: boolean, limits: TableLimits): Error {
  if (complete) return unreadable('The file is empty; a table needs at least one row.');
  return unreadable(`The first row is longer than ${limits.cellBytes} bytes; is this a text table with line ends?`);
}
