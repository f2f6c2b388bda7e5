/**
 * Predictions and labels as CSV → cells. Where the training data says that a column is text, its cells are the
 * texts they spell (`01` stays `01`); every other cell is read for what it is, by the rules of `csv/types.ts`, so
 * that a live table and the training table that looks like it agree.
 */
import { TidemarkError } from '../../errors.ts';
import { checkNames } from '../columns/batch-plan.ts';
import { type CellWriting, columnWritings, isMissingWord } from '../csv/cell-writing.ts';
import { type Dialect, sniffDialect } from '../csv/dialect.ts';
import { headerOf } from '../csv/header.ts';
import { RowIndex } from '../csv/row-index.ts';
import { CsvScanner } from '../csv/scan.ts';
import { booleanCode, cellEvidence, isBlank, SEEN, specialValue } from '../csv/types.ts';
import { CELL, type CellTable } from '../json/cells.ts';
import type { RecordProblem } from '../json/record.ts';
import { DEFAULT_LIMITS, type TableLimits } from '../table.ts';
import { numberKind, OUT_OF_RANGE } from '../text/decimal.ts';
import { bomLength, checkEncoding } from '../text/text-encoding.ts';
import { shown, tooLarge } from '../unreadable.ts';
import type { CellRows, TakeRow } from './cells.ts';
import { type PredictionFields, SLOT } from './fields.ts';
import { recordPath } from './names.ts';
import type { RecordOptions } from './record-types.ts';
import { roomForDates, WrittenCells } from './written-cells.ts';

/** Spellings that all cells of one value share, behind the body in the buffer. */
const WORDS = ['true', 'false', 'NaN', 'Infinity', '-Infinity'] as const;
const ROOM = 1 + WORDS.join('').length;

/** `text`: literally, though empty and `?` are missing; `id`: literally; `value`: what the cell spells. */
type Column = {
  readonly slot: number;
  readonly mode: 'text' | 'id' | 'value';
  /** How its numbers and dates are written; null where plainly. */
  readonly writing: CellWriting | null;
};

type Given = { readonly fields: PredictionFields; readonly options: RecordOptions; readonly maxRowBytes: number };

export class PredictionCsv implements CellRows {
  readonly buf: Buffer;
  private readonly end: number;
  private readonly maxRowBytes: number;
  private readonly words: ReadonlyMap<string, { readonly from: number; readonly to: number }>;
  private readonly dialect: Dialect;
  private readonly limits: TableLimits;
  /** Columns of the table; `null` for one that is left out. */
  private readonly columns: readonly (Column | null)[];
  /** Where the first row of data begins. */
  private readonly start: number;
  /** Null where all cells are written plainly. */
  private readonly written: WrittenCells | null;

  /** Reads the header. Throws `unreadable-data` where the bytes are no text table, `invalid-body` for its names. */
  constructor(bytes: Uint8Array, { fields, options, maxRowBytes }: Given) {
    this.end = bytes.length;
    this.maxRowBytes = maxRowBytes;
    this.limits = { ...DEFAULT_LIMITS, cellBytes: maxRowBytes, lineBytes: maxRowBytes };
    // A copy, since doubled quotes are closed up in place.
    this.buf = Buffer.allocUnsafe(bytes.length + ROOM);
    this.buf.set(bytes);
    const from = bomLength(bytes);
    checkEncoding(bytes.subarray(from), from);
    const { csv = {} } = options;
    this.dialect = sniffDialect(headLine(bytes, from), csv);
    const { names, next } = this.header(from);
    this.start = next;
    const writings = columnWritings(names, this.dialect.marks, csv);
    this.columns = columnsOf(names, fields, { options, writings });
    const rows = lineEnds(bytes, next, bytes.length) + 1;
    const dates = writings === null ? 0 : roomForDates(bytes.length, rows, writings);
    if (dates > 0) this.buf = Buffer.concat([this.buf, Buffer.allocUnsafe(dates)]);
    this.words = writtenWords(this.buf, bytes.length + 1);
    this.written = writings === null ? null : new WrittenCells(this.buf, bytes.length + ROOM);
  }

  read(cells: CellTable, take: TakeRow): void {
    const { buf, end, columns } = this;
    cells.reserve(Math.max(0, ...columns.map((column) => (column?.slot ?? -1) + 1)));
    const scanner = new CsvScanner(this.dialect, this.limits);
    const index = new RowIndex(columns.length, 1);
    let line = 1 + lineEnds(buf, 0, this.start);
    for (let p = this.start; p < end; ) {
      const next = scanner.scan(buf, { start: p, end, last: true, offset: 0 }, index);
      if (index.rows === 0) return;
      if (next - p > this.maxRowBytes)
        throw tooLarge(`The row at line ${line} is longer than ${this.maxRowBytes} bytes.`);
      const first = index.starts[0]!;
      line += lineEnds(buf, p, first);
      const inRow = lineEnds(buf, first, next);
      cells.beginRow();
      this.fill(cells, index);
      take(line, scanner.fields === columns.length ? null : fieldCount(scanner.fields, columns.length));
      line += inRow;
      p = next;
    }
  }

  private header(from: number): { readonly names: readonly string[]; readonly next: number } {
    const range = { start: from, end: this.end, last: true, offset: 0 };
    const probe = new CsvScanner(this.dialect, this.limits);
    probe.scan(this.buf, range, new RowIndex(1, 1));
    if (probe.rows === 0) throw invalid('it is empty; a table begins with the names of its columns');
    const index = new RowIndex(probe.fields, 1);
    const next = new CsvScanner(this.dialect, this.limits).scan(this.buf, range, index);
    const { names, warnings } = headerOf({ buf: this.buf, index, writing: null }, { header: true });
    const unnamed = warnings.find(({ code }) => code === 'unnamed-column');
    if (unnamed !== undefined) {
      throw invalid(`${unnamed.column} has no name in the header; with pandas, write the table with index=False`);
    }
    checkNames(names, this.limits.columns);
    return { names, next };
  }

  private fill(cells: CellTable, { starts, ends }: RowIndex): void {
    const base = cells.rows * cells.stride;
    for (let c = 0; c < this.columns.length; c++) {
      const column = this.columns[c]!;
      if (column === null) continue;
      const stop = ends[c]!;
      const quoted = stop < 0;
      const from = starts[c]!;
      const to = quoted ? this.unquoted(from, ~stop) : stop;
      const i = base + column.slot;
      cells.starts[i] = from;
      cells.ends[i] = to;
      cells.kinds[i] = this.kindOf(cells, i, { ...column, quoted });
    }
  }

  /** Closes up doubled quotes; returns where the text then ends. */
  private unquoted(from: number, to: number): number {
    const { buf } = this;
    let end = from;
    for (let p = from; p < to; p++) {
      buf[end++] = buf[p]!;
      if (buf[p] === 34) p++;
    }
    return end;
  }

  /** The kind of the cell between the bounds at `i`, which move to where its value is spelt. */
  private kindOf(cells: CellTable, i: number, given: Omit<Column, 'slot'> & { readonly quoted: boolean }): number {
    const { buf } = this;
    const s = cells.starts[i]!;
    const e = cells.ends[i]!;
    if (s === e) return given.quoted ? CELL.text : CELL.null;
    if (given.mode === 'id') return CELL.text;
    if (e - s === 1 && buf[s] === 63) return CELL.null;
    const { from, to } = trimmed(buf, s, e);
    if (given.mode === 'text') {
      return given.writing !== null && isMissingWord(given.writing, buf, from, to) ? CELL.null : CELL.text;
    }
    const found = given.writing === null ? null : (this.written?.read(given.writing, from, to) ?? null);
    if (found !== null) {
      cells.starts[i] = found.from;
      cells.ends[i] = found.to;
      return found.kind;
    }
    const seen = cellEvidence(buf, s, e, null);
    if (seen === SEEN.text) {
      if (numberKind(buf, from, to) !== OUT_OF_RANGE || !isWhole(buf, from, to)) return CELL.text;
    } else if (seen === SEEN.mark) return given.quoted ? CELL.text : CELL.mark;
    else if (seen === SEEN.boolean) return this.word(cells, i, booleanCode(buf, from, to) === 1 ? 'true' : 'false');
    else if (seen === SEEN.special) return this.word(cells, i, String(specialValue(buf, from, to)));
    cells.starts[i] = from;
    cells.ends[i] = to;
    if (seen === SEEN.integer) return CELL.integer;
    if (seen === SEEN.bigInteger) return CELL.bigInteger;
    if (seen === SEEN.decimal) return CELL.decimal;
    return seen === SEEN.text ? CELL.hugeInteger : CELL.text;
  }

  private word(cells: CellTable, i: number, word: string): number {
    const place = this.words.get(word)!;
    cells.starts[i] = place.from;
    cells.ends[i] = place.to;
    return word === 'true' ? CELL.true : word === 'false' ? CELL.false : CELL.special;
  }
}

function writtenWords(buf: Buffer, from: number): Map<string, { from: number; to: number }> {
  const places = new Map<string, { from: number; to: number }>();
  let at = from;
  for (const word of WORDS) {
    const to = at + buf.write(word, at, 'latin1');
    places.set(word, { from: at, to });
    at = to;
  }
  return places;
}

/** The first line that is not blank. The header alone decides how the table is written, never a row of data. */
export function headLine(bytes: Uint8Array, from: number): Uint8Array {
  let start = from;
  while (bytes[start] === 10 || bytes[start] === 13) start++;
  let end = start;
  while (end < bytes.length && bytes[end] !== 10 && bytes[end] !== 13) end++;
  return bytes.subarray(start, end);
}

function columnsOf(
  names: readonly string[],
  fields: PredictionFields,
  { options, writings }: { readonly options: RecordOptions; readonly writings: readonly (CellWriting | null)[] | null },
): (Column | null)[] {
  const taken = new Map<number, string>();
  return names.map((name, i) => {
    const path = recordPath(name, fields.shape);
    if (path === null) return null;
    const slot = fields.slotOf(path, CELL.null);
    if (typeof slot !== 'number') throw invalid(slot.detail);
    const other = taken.get(slot);
    if (other !== undefined) throw invalid(`the columns ${shown(other)} and ${shown(name)} name the same thing`);
    taken.set(slot, name);
    if (slot === SLOT.id || slot === SLOT.modelVersion) return { slot, mode: 'id', writing: null };
    const mode = options.expected?.get(fields.names[slot]!) === 'text' ? 'text' : 'value';
    return { slot, mode, writing: writings?.[i] ?? null };
  });
}

function isWhole(buf: Uint8Array, from: number, to: number): boolean {
  for (let p = buf[from] === 45 ? from + 1 : from; p < to; p++) if (buf[p]! < 48 || buf[p]! > 57) return false;
  return true;
}

function trimmed(buf: Uint8Array, start: number, end: number): { readonly from: number; readonly to: number } {
  let from = start;
  let to = end;
  while (from < to && isBlank(buf[from]!)) from++;
  while (to > from && isBlank(buf[to - 1]!)) to--;
  return { from, to };
}

/** How many lines end in these bytes: at LF, at CRLF, or at CR alone. */
export function lineEnds(buf: Uint8Array, from: number, to: number): number {
  let count = 0;
  for (let p = from; p < to; p++) if (buf[p] === 10 || (buf[p] === 13 && buf[p + 1] !== 10)) count++;
  return count;
}

function fieldCount(found: number, wanted: number): RecordProblem {
  return {
    code: 'field-count',
    detail: `the row has ${found} fields where the header has ${wanted}; check its quotes`,
  };
}

function invalid(what: string): TidemarkError {
  return new TidemarkError('invalid-body', `The table cannot be taken: ${what}.`);
}
