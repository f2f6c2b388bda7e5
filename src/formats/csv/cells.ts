/** Text cells → column slots, one small loop per type. The column's type already holds for every cell. */
import type { ColumnType } from '../../stats/column.ts';
import { CodeSink, type ColumnSink, type ValueSink } from '../columns/column-sink.ts';
import { VectorSink } from '../columns/vector-sink.ts';
import { type DateWriting, readWritten } from '../text/date-writing.ts';
import { decimalValue, integerValue } from '../text/decimal.ts';
import { type NumberMarks, plainWriting } from '../text/number-marks.ts';
import { NOT_A_TIME, readTime } from '../text/time-text.ts';
import { type CellWriting, isMissingWord } from './cell-writing.ts';
import type { RowIndex } from './row-index.ts';
import { booleanCode, isBlank, specialValue } from './types.ts';

/** Some rows of one column. */
export type CellBlock = {
  readonly buf: Buffer;
  readonly index: RowIndex;
  readonly column: number;
  /** First row of the index that holds data (1 when row 0 is the header). */
  readonly from: number;
  /** Rows beyond this one are left alone. */
  readonly to: number;
  /** How numbers and dates are written; null where plainly. */
  readonly writing: CellWriting | null;
};

/** Writes the block's cells to the sink, beginning at slot `at`. */
export function fillCells(block: CellBlock, sink: ColumnSink, at: number): void {
  fillValues(block, sink, at);
  if (block.writing !== null && block.writing.missing.length > 0) emptyMissing(block, block.writing, sink, at);
}

/** A word for no value may well be a number, or a text. */
function emptyMissing(
  { buf, index, column, from, to }: CellBlock,
  writing: CellWriting,
  sink: ColumnSink,
  at: number,
): void {
  const { starts, ends, width } = index;
  let slot = at;
  for (let i = from * width + column; i < to * width; i += width, slot++) {
    const { s, e } = trimmed(buf, starts[i]!, ends[i]! < 0 ? ~ends[i]! : ends[i]!);
    if (!isMissingWord(writing, buf, s, e)) continue;
    if (sink instanceof CodeSink) sink.codes[slot] = -1;
    else if (!(sink instanceof VectorSink)) sink.setNull(slot);
  }
}

function fillValues(block: CellBlock, sink: ColumnSink, at: number): void {
  if (sink instanceof CodeSink) {
    if (sink.type === 'text') fillTexts(block, sink, at);
    else fillBooleans(block, sink, at);
  } else if (sink instanceof VectorSink) throw new TypeError('no cell of text is a vector');
  else if (isNumberType(sink.type)) fillNumbers(block, sink, at);
  else fillTimes(block, timeReader(block.writing?.dates ?? null), sink, at);
}

function fillNumbers(block: CellBlock, sink: ValueSink, at: number): void {
  const marks = block.writing?.marks ?? null;
  if (marks !== null) fillMarked(block, marks, sink, at);
  else if (sink.type === 'int64') fillIntegers(block, sink, at);
  else fillDecimals(block, sink, at);
}

function fillIntegers({ buf, index, column, from, to }: CellBlock, sink: ValueSink, at: number): void {
  const { starts, ends, width } = index;
  const { values } = sink;
  let slot = at;
  for (let i = from * width + column; i < to * width; i += width, slot++) {
    const s = starts[i]!;
    const e = ends[i]! < 0 ? ~ends[i]! : ends[i]!;
    const value = s === e ? Number.NaN : decimalValue(buf, s, e);
    // `+ 0` turns the integer `-0` into 0.
    if (value > -9007199254740992 && value < 9007199254740992) values[slot] = value + 0;
    else fillOddInteger(buf, { s, e }, sink, slot);
  }
}

function fillOddInteger(buf: Buffer, cell: { s: number; e: number }, sink: ValueSink, slot: number): void {
  const { s, e } = trimmed(buf, cell.s, cell.e);
  const value = s === e ? Number.NaN : decimalValue(buf, s, e);
  if (Number.isNaN(value)) sink.setNull(slot);
  else if (Math.abs(value) < 9007199254740992) sink.values[slot] = value + 0;
  else sink.setExact(slot, integerValue(buf, s, e));
}

function fillDecimals({ buf, index, column, from, to }: CellBlock, sink: ValueSink, at: number): void {
  const { starts, ends, width } = index;
  const { values } = sink;
  let slot = at;
  for (let i = from * width + column; i < to * width; i += width, slot++) {
    const s = starts[i]!;
    const e = ends[i]! < 0 ? ~ends[i]! : ends[i]!;
    const value = s === e ? Number.NaN : decimalValue(buf, s, e);
    if (value - value === 0) values[slot] = value;
    else fillOddDecimal(buf, { s, e }, sink, slot);
  }
}

function fillOddDecimal(buf: Buffer, cell: { s: number; e: number }, sink: ValueSink, slot: number): void {
  const { s, e } = trimmed(buf, cell.s, cell.e);
  const value = s === e ? Number.NaN : decimalValue(buf, s, e);
  if (Number.isFinite(value)) {
    sink.values[slot] = value;
    return;
  }
  const special = specialValue(buf, s, e);
  if (special === undefined) sink.setNull(slot);
  else sink.values[slot] = special;
}

const isNumberType = (type: ColumnType): boolean => type === 'int64' || type === 'float64';

/** Numbers in another writing, one by one: the loops above know of a point alone. */
function fillMarked(
  { buf, index, column, from, to }: CellBlock,
  marks: NumberMarks,
  sink: ValueSink,
  at: number,
): void {
  const { starts, ends, width } = index;
  let slot = at;
  for (let i = from * width + column; i < to * width; i += width, slot++) {
    const { s, e } = trimmed(buf, starts[i]!, ends[i]! < 0 ? ~ends[i]! : ends[i]!);
    const plain = plainWriting(buf, s, e, marks);
    // What is no number is a word, which is the same in every writing.
    if (plain === null) fillOddDecimal(buf, { s, e }, sink, slot);
    else if (sink.type === 'int64') fillOddInteger(plain, { s: 0, e: plain.length }, sink, slot);
    else fillOddDecimal(plain, { s: 0, e: plain.length }, sink, slot);
  }
}

const timeReader = (dates: DateWriting | null): ReadTime =>
  dates === null ? readTime : (buf, start, end, out) => readWritten(dates, buf, { start, end }, out);

/** Writes the milliseconds of a cell's time to `out`; `NOT_A_TIME` where it has none. */
type ReadTime = (buf: Buffer, start: number, end: number, out: Float64Array) => number;

function fillTimes({ buf, index, column, from, to }: CellBlock, read: ReadTime, sink: ValueSink, at: number): void {
  const { starts, ends, width } = index;
  const out = new Float64Array(1);
  let slot = at;
  for (let i = from * width + column; i < to * width; i += width, slot++) {
    const { s, e } = trimmed(buf, starts[i]!, ends[i]! < 0 ? ~ends[i]! : ends[i]!);
    if (read(buf, s, e, out) === NOT_A_TIME) sink.setNull(slot);
    else sink.values[slot] = out[0]!;
  }
}

function fillBooleans({ buf, index, column, from, to }: CellBlock, sink: CodeSink, at: number): void {
  const { starts, ends, width } = index;
  let slot = at;
  for (let i = from * width + column; i < to * width; i += width, slot++) {
    const { s, e } = trimmed(buf, starts[i]!, ends[i]! < 0 ? ~ends[i]! : ends[i]!);
    sink.codes[slot] = booleanCode(buf, s, e);
  }
}

function fillTexts({ buf, index, column, from, to }: CellBlock, sink: CodeSink, at: number): void {
  const { starts, ends, width } = index;
  const { codes, dictionary } = sink;
  let slot = at;
  for (let i = from * width + column; i < to * width; i += width, slot++) {
    const s = starts[i]!;
    const stop = ends[i]!;
    if (stop < 0) codes[slot] = quotedCode(buf, s, ~stop, sink);
    else if (s !== stop && !(stop - s === 1 && buf[s] === 63)) codes[slot] = dictionary.code(buf, s, stop);
  }
}

/** A quoted empty cell is the empty text: only an unquoted one is absent. */
function quotedCode(buf: Buffer, s: number, e: number, sink: CodeSink): number {
  for (let i = s; i < e; i++) {
    if (buf[i] === 34) return sink.dictionary.codeOf(buf.toString('utf8', s, e).replaceAll('""', '"'));
  }
  if (e - s === 1 && buf[s] === 63) return -1;
  return sink.dictionary.code(buf, s, e);
}

function trimmed(buf: Uint8Array, start: number, end: number): { readonly s: number; readonly e: number } {
  let s = start;
  let e = end;
  while (s < e && isBlank(buf[s]!)) s++;
  while (e > s && isBlank(buf[e - 1]!)) e--;
  return { s, e };
}
