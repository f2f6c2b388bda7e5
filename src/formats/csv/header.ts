/** Has the table a header row, and what are its columns called. */

import type { CsvOptions, TableWarning } from '../table.ts';
import type { CellWriting } from './cell-writing.ts';
import type { RowIndex } from './row-index.ts';
import { cellEvidence, columnTypeOf, SEEN } from './types.ts';

export type Header = {
  readonly present: boolean;
  readonly names: readonly string[];
  readonly warnings: readonly TableWarning[];
};

/** The table's first rows. */
type Rows = {
  readonly buf: Buffer;
  readonly index: RowIndex;
  /** How numbers and dates are written; null where plainly. */
  readonly writing: CellWriting | null;
};

/**
 * The first row is a header when all its cells are plain texts (or empty, but not all of them), and below it
 * either some column is typed in the sample, or no sample row repeats a first-row cell in its column. Years may stand
 * among the names of a table that has a column for each. Without
 * a header, or where a header cell is empty, a column is called `column_<position>`.
 */
export function headerOf(table: Rows, options: CsvOptions): Header {
  const { buf, index } = table;
  const { width } = index;
  const present = options.header ?? looksLikeHeader(table);
  const warnings: TableWarning[] = [];
  const names: string[] = [];
  for (let column = 0; column < width; column++) {
    const name = present ? textOf(buf, index, column).trim() : '';
    names.push(name === '' ? `column_${column + 1}` : name);
    if (present && name === '') {
      const detail = `Column ${column + 1} has no name in the header; it is called column_${column + 1}.`;
      warnings.push({ code: 'unnamed-column', column: `column_${column + 1}`, detail });
    }
  }
  if (present && options.header === undefined && !isTypedBelow(table)) {
    const detail =
      'The first row was taken for names although no column differs from it in kind; say so if it is data.';
    warnings.push({ code: 'guessed-header', detail });
  }
  if (!present) {
    const detail = 'The first row does not look like a header, so the columns are called column_1, column_2, …';
    warnings.push({ code: 'no-header', detail });
  }
  return { present, names, warnings };
}

function looksLikeHeader(table: Rows): boolean {
  const { buf, index } = table;
  const { width } = index;
  let named = 0;
  for (let column = 0; column < width; column++) {
    const evidence = evidenceAt(table, column);
    if (evidence === SEEN.integer && isYearName(table, column)) continue;
    if (evidence !== 0 && evidence !== SEEN.text) return false;
    if (evidence === SEEN.text) named++;
  }
  if (named === 0) return false;
  return isTypedBelow(table) || !repeatsBelow(buf, index);
}

/** Some column has a type of its own below the first row. */
function isTypedBelow(table: Rows): boolean {
  const { width, rows } = table.index;
  for (let column = 0; column < width; column++) {
    let evidence = 0;
    for (let row = 1; row < rows; row++) evidence |= evidenceAt(table, row * width + column);
    if (columnTypeOf(evidence) !== 'text') return true;
  }
  return false;
}

/** A year above values that are none. */
function isYearName(table: Rows, column: number): boolean {
  const { buf, index } = table;
  const isYear = (row: number): boolean => YEAR.test(textOf(buf, index, row * index.width + column));
  if (!isYear(0)) return false;
  for (let row = 1; row < index.rows; row++) {
    if (!isYear(row) && evidenceAt(table, row * index.width + column) !== 0) return true;
  }
  return false;
}

const YEAR = /^(?:19|20)\d\d$/;

function repeatsBelow(buf: Buffer, index: RowIndex): boolean {
  for (let column = 0; column < index.width; column++) {
    const name = textOf(buf, index, column);
    if (name === '') continue;
    for (let row = 1; row < index.rows; row++) {
      if (textOf(buf, index, row * index.width + column) === name) return true;
    }
  }
  return false;
}

function evidenceAt({ buf, index, writing }: Rows, i: number): number {
  const stop = index.ends[i]!;
  return cellEvidence(buf, index.starts[i]!, stop < 0 ? ~stop : stop, writing);
}

function textOf(buf: Buffer, index: RowIndex, i: number): string {
  const stop = index.ends[i]!;
  const text = buf.toString('utf8', index.starts[i]!, stop < 0 ? ~stop : stop);
  return stop < 0 ? text.replaceAll('""', '"') : text;
}
