/** Batches of columns → CSV by RFC 4180, with a header, LF and UTF-8; a batch in memory at a time. */
import type { Column, ColumnBatch, Field } from '../../stats/column.ts';
import { cellText } from '../columns/column-conversion.ts';

/** Rows whose text is made at once. */
const ROWS = 4096;

/** The text in pieces. An absent value is an empty cell; an empty text stands in quotes, to be told apart from it. */
export async function* csvText(fields: readonly Field[], batches: AsyncIterable<ColumnBatch>): AsyncGenerator<string> {
  yield `${fields.map(({ name }) => quoted(name)).join(',')}\n`;
  for await (const { rows, columns } of batches) {
    for (let from = 0; from < rows; from += ROWS) {
      const to = Math.min(rows, from + ROWS);
      let text = '';
      for (let row = from; row < to; row++) text += `${columns.map((column) => cell(column, row)).join(',')}\n`;
      yield text;
    }
  }
}

function cell(column: Column, row: number): string {
  const text = cellText(column, row);
  if (text === null) return '';
  return column.type === 'text' || column.kind === 'vector' ? quoted(text) : text;
}

const quoted = (text: string): string =>
  text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
