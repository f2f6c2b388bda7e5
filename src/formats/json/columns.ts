/**
 * Cells of JSON and CSV → typed columns. Without an expectation the type follows from all cells of the column: integers
 * within int64 are int64, numbers float64, true and false boolean, lists of numbers of one length vectors; texts,
 * integers beyond int64 and any mixture are text (numbers and lists in their own spelling).
 */
import type { Column, ColumnType } from '../../stats/column.ts';
import { CodeSink, type ColumnSink, columnSink, type ValueSink } from '../columns/column-sink.ts';
import { VectorSink } from '../columns/vector-sink.ts';
import { columnTypeOf, SEEN, specialValue } from '../csv/types.ts';
import { decimalValue, integerValue } from '../text/decimal.ts';
import type { TextDictionary } from '../text/text-dictionary.ts';
import { DATE_ONLY, NOT_A_TIME, readTime } from '../text/time-text.ts';
import { CELL, type CellTable } from './cells.ts';
import { unescaped } from './record.ts';
import { numberListLength, readNumberList } from './scan.ts';

/** The evidence bits (see `csv/types.ts`) of each cell kind. */
const EVIDENCE = new Int32Array(16);
EVIDENCE[CELL.text] = SEEN.text;
EVIDENCE[CELL.escaped] = SEEN.text;
EVIDENCE[CELL.integer] = SEEN.integer;
EVIDENCE[CELL.bigInteger] = SEEN.bigInteger;
EVIDENCE[CELL.hugeInteger] = SEEN.text;
EVIDENCE[CELL.decimal] = SEEN.decimal;
EVIDENCE[CELL.true] = SEEN.boolean;
EVIDENCE[CELL.false] = SEEN.boolean;
EVIDENCE[CELL.special] = SEEN.special;
EVIDENCE[CELL.mark] = SEEN.mark;
EVIDENCE[CELL.numbers] = SEEN.numbers;

/** One column of a cell table; the cells' bounds are positions in `buf`. */
export type CellColumn = { readonly buf: Buffer; readonly cells: CellTable; readonly slot: number };

/** The kinds of a column's cells: bit `kind` for each. */
export function kindsOf({ cells, slot }: CellColumn): number {
  const { kinds, stride, rows } = cells;
  let found = 0;
  for (let i = slot; i < rows * stride; i += stride) found |= 1 << kinds[i]!;
  return found;
}

/** The evidence that cells of these kinds give together; 0 when all are absent or null. */
export function evidenceOfKinds(found: number): number {
  let seen = 0;
  for (let kind = 0; kind < EVIDENCE.length; kind++) if ((found & (1 << kind)) !== 0) seen |= EVIDENCE[kind]!;
  return seen;
}

/** The length of all lists of numbers in a column; 0 without one, -1 where they differ. */
export function dimensionIn({ buf, cells, slot }: CellColumn): number {
  const { kinds, starts, ends, stride, rows } = cells;
  let dimension = 0;
  for (let i = slot; i < rows * stride; i += stride) {
    if (kinds[i] === CELL.numbers) dimension = oneDimension(dimension, numberListLength(buf, starts[i]!, ends[i]!));
    if (dimension < 0) break;
  }
  return dimension;
}

/** The one length of what has these lengths; 0: no list, -1: they differ. */
export function oneDimension(a: number, b: number): number {
  if (a === 0 || a === b) return b;
  return b === 0 ? a : -1;
}

/** The type that all cells of a column have together. */
export function typeOfCells(column: CellColumn): ColumnType {
  const evidence = evidenceOfKinds(kindsOf(column));
  return columnTypeOf(evidence, (evidence & SEEN.numbers) === 0 ? 0 : dimensionIn(column));
}

/** What became of cells that do not fit a column's type: null in the column, and told to this function. */
export type Misfit = (row: number, raw: string) => void;

/** The whole column, of the given type. */
export function columnOfCells(
  from: CellColumn,
  type: ColumnType,
  into: { readonly dictionary: TextDictionary; readonly misfit?: Misfit },
): Column {
  const sink = columnSink(type, from.cells.rows, into.dictionary);
  fillFromCells(from, sink, { at: 0, ...into });
  return sink.finish(from.cells.rows);
}

/** Writes the cells to the sink, beginning at slot `at`. */
export function fillFromCells(
  from: CellColumn,
  sink: ColumnSink,
  into: { readonly at: number; readonly misfit?: Misfit },
): void {
  const misfit = into.misfit ?? ignore;
  if (sink instanceof CodeSink) {
    if (sink.type === 'text') fillTexts(from, sink, into.at, into.misfit);
    else fillBooleans(from, sink, into.at, misfit);
  } else if (sink instanceof VectorSink) fillVectors(from, sink, into.at, misfit);
  else if (sink.type === 'int64' || sink.type === 'float64') fillNumbers(from, sink, into.at, misfit);
  else fillTimes(from, sink, into.at, misfit);
}

function ignore(): void {
  // Cells of a column whose type came from these very cells all fit.
}

function fillNumbers({ buf, cells, slot }: CellColumn, sink: ValueSink, at: number, misfit: Misfit): void {
  const { kinds, starts, ends, stride, rows } = cells;
  const { values } = sink;
  const whole = sink.type === 'int64';
  for (let row = 0, i = slot; row < rows; row++, i += stride) {
    const kind = kinds[i]!;
    if (kind === CELL.integer || (kind === CELL.decimal && !whole)) {
      const value = decimalValue(buf, starts[i]!, ends[i]!);
      values[at + row] = whole ? value + 0 : value;
    } else if (!fillNumber({ buf, cells, i }, sink, at + row)) misfit(row, rawText(buf, cells, i));
  }
}

/** Writes any cell to a slot for a number; false for one that does not fit, which is null. */
export function fillNumber({ buf, cells, i }: CellPlace, sink: ValueSink, at: number): boolean {
  const missing = isMissing(cells.kinds[i]!);
  if (!missing && writeNumber({ buf, cells, i }, sink, at)) return true;
  sink.setNull(at);
  return missing;
}

type CellPlace = { readonly buf: Buffer; readonly cells: CellTable; readonly i: number };

/** True for a cell without a value, in a column that is not text. */
export function isMissing(kind: number): boolean {
  return kind === CELL.absent || kind === CELL.null || kind === CELL.mark;
}

/** All numbers, also those beyond ±2^53, not finite, or written `3.0` in a column of integers; false where none fits. */
function writeNumber({ buf, cells, i }: CellPlace, sink: ValueSink, slot: number): boolean {
  const kind = cells.kinds[i]!;
  const start = cells.starts[i]!;
  const end = cells.ends[i]!;
  if (kind === CELL.bigInteger && sink.type === 'int64') {
    sink.setExact(slot, integerValue(buf, start, end));
    return true;
  }
  if (kind === CELL.special && sink.type === 'float64') {
    sink.values[slot] = specialValue(buf, start, end)!;
    return true;
  }
  if (kind !== CELL.integer && kind !== CELL.bigInteger && kind !== CELL.hugeInteger && kind !== CELL.decimal)
    return false;
  const value = decimalValue(buf, start, end);
  if (sink.type === 'int64' && kind !== CELL.integer && !Number.isSafeInteger(value)) return false;
  sink.values[slot] = sink.type === 'int64' ? value + 0 : value;
  return true;
}

function fillTexts({ buf, cells, slot }: CellColumn, sink: CodeSink, at: number, misfit?: Misfit): void {
  const { kinds, starts, ends, stride, rows } = cells;
  const { codes, dictionary } = sink;
  for (let row = 0, i = slot; row < rows; row++, i += stride) {
    const kind = kinds[i]!;
    if (kind === CELL.text) codes[at + row] = dictionary.code(buf, starts[i]!, ends[i]!);
    else if (kind === CELL.escaped || (kind === CELL.numbers && misfit === undefined))
      codes[at + row] = dictionary.codeOf(respelled({ buf, cells, i }));
    else if (kind !== CELL.absent && kind !== CELL.null) {
      if (misfit === undefined) codes[at + row] = dictionary.code(buf, starts[i]!, ends[i]!);
      else misfit(row, rawText(buf, cells, i));
    }
  }
}

/** The text of a cell where that is not what stands in the bytes. */
export function respelled({ buf, cells, i }: CellPlace): string {
  const start = cells.starts[i]!;
  const end = cells.ends[i]!;
  return cells.kinds[i] === CELL.escaped ? unescaped(buf, start, end) : listText(buf, start, end);
}

/** A list in the spelling that it has as a vector: a row is the same whatever the lists of others are like. */
function listText(buf: Buffer, start: number, end: number): string {
  const values = new Float64Array(numberListLength(buf, start, end));
  readNumberList(buf, start, values, 0);
  return JSON.stringify(Array.from(values, (value) => (Number.isNaN(value) ? null : value)));
}

function fillBooleans({ buf, cells, slot }: CellColumn, sink: CodeSink, at: number, misfit: Misfit): void {
  const { kinds, stride, rows } = cells;
  for (let row = 0, i = slot; row < rows; row++, i += stride) {
    const kind = kinds[i]!;
    if (kind === CELL.true) sink.codes[at + row] = 1;
    else if (kind === CELL.false) sink.codes[at + row] = 0;
    else if (!isMissing(kind)) misfit(row, rawText(buf, cells, i));
  }
}

function fillTimes({ buf, cells, slot }: CellColumn, sink: ValueSink, at: number, misfit: Misfit): void {
  const { kinds, starts, ends, stride, rows } = cells;
  const out = new Float64Array(1);
  for (let row = 0, i = slot; row < rows; row++, i += stride) {
    const kind = kinds[i]!;
    const found = kind === CELL.text ? readTime(buf, starts[i]!, ends[i]!, out) : NOT_A_TIME;
    if (found === DATE_ONLY || (found !== NOT_A_TIME && sink.type === 'timestamp')) {
      sink.values[at + row] = out[0]!;
      continue;
    }
    sink.setNull(at + row);
    if (!isMissing(kind)) misfit(row, rawText(buf, cells, i));
  }
}

function fillVectors({ buf, cells, slot }: CellColumn, sink: VectorSink, at: number, misfit: Misfit): void {
  const { kinds, starts, ends, stride, rows } = cells;
  const { dimension, values } = sink;
  for (let row = 0, i = slot; row < rows; row++, i += stride) {
    const kind = kinds[i]!;
    if (kind === CELL.numbers && numberListLength(buf, starts[i]!, ends[i]!) === dimension) {
      readNumberList(buf, starts[i]!, values, (at + row) * dimension);
      continue;
    }
    sink.setNull(at + row);
    if (!isMissing(kind)) misfit(row, rawText(buf, cells, i));
  }
}

/** A cell as it was sent, without the quotes. */
export function rawText(buf: Buffer, cells: CellTable, i: number): string {
  return buf.toString('utf8', cells.starts[i]!, cells.ends[i]!);
}
