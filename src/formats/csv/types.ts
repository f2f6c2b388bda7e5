/**
 * Types of text cells, decided from the whole column. A column is
 * - int64, when every value is an integer within int64, without leading zero or plus;
 * - float64, when every value is a decimal or such an integer, or `NaN`, `inf`, `Infinity` with optional minus;
 * - boolean, when every value is true or false in one of the spellings `true` `True` `TRUE`;
 * - date or timestamp, when every value is an ISO date, or a date or date and time, that exists, or one in the writing
 *   that was said;
 * - text otherwise: codes like `01234`, `1e999`, integers beyond int64, and any mixture.
 * Blanks around a value do not count here. An empty cell is absent, `?` is absent, and in every column that is
 * not text so are `NA`, `N/A`, `null`, `NULL`, `None` and `\N`; in a text column these are texts.
 */
import { type ColumnType, vectorType } from '../../stats/column.ts';
import { readWritten } from '../text/date-writing.ts';
import { BIG_INTEGER, DECIMAL, INTEGER, numberKind } from '../text/decimal.ts';
import { markedNumberKind } from '../text/number-marks.ts';
import { DATE_ONLY, LOCAL_TIME, NOT_A_TIME, readTime, ZONED_TIME } from '../text/time-text.ts';
import { type CellWriting, isMissingWord } from './cell-writing.ts';

/** Evidence bits of a column; a cell sets one of them. */
export const SEEN = {
  integer: 1,
  bigInteger: 2,
  decimal: 4,
  special: 8,
  boolean: 16,
  date: 32,
  zonedTime: 64,
  localTime: 128,
  text: 256,
  /** A word that means "missing" unless the column is text. */
  mark: 512,
  /** A lone question mark: missing in every column. */
  question: 1024,
  /** A list of numbers, which JSON has. */
  numbers: 2048,
} as const;

const INTEGERS = SEEN.integer | SEEN.bigInteger;
const NUMBERS = INTEGERS | SEEN.decimal | SEEN.special;
const TIMES = SEEN.zonedTime | SEEN.localTime;
const MARKS = SEEN.mark | SEEN.question;

const MARK_WORDS = wordTable(['NA', 'N/A', 'null', 'NULL', 'None', '\\N', 'n/a']);
const TRUE_WORDS = wordTable(['true', 'True', 'TRUE']);
const FALSE_WORDS = wordTable(['false', 'False', 'FALSE']);
const SPECIAL_WORDS: readonly (readonly [Uint8Array, number])[] = [
  ...['NaN', 'nan', 'NAN', '-nan'].map((word) => [Buffer.from(word), Number.NaN] as const),
  ...['inf', 'Inf', 'INF', 'Infinity', 'infinity'].map((word) => [Buffer.from(word), Infinity] as const),
  ...['-inf', '-Inf', '-INF', '-Infinity', '-infinity'].map((word) => [Buffer.from(word), -Infinity] as const),
];
/** First bytes of all words above, and `?`: any other byte begins a plain text. */
const WORD_STARTS = new Uint8Array(256);
for (const start of 'nNtTfFiI\\?') WORD_STARTS[start.charCodeAt(0)] = 1;
const scratch = new Float64Array(1);

/**
 * The evidence that one cell gives; 0 for an empty one. `[start, end)` excludes quotes.
 * @param writing how numbers and dates are written; null where plainly
 */
export function cellEvidence(buf: Uint8Array, start: number, end: number, writing: CellWriting | null): number {
  let s = start;
  let e = end;
  while (s < e && isBlank(buf[s]!)) s++;
  while (e > s && isBlank(buf[e - 1]!)) e--;
  if (s === e) return start === end ? 0 : SEEN.text;
  const b = buf[s]!;
  if (writing !== null && isMissingWord(writing, buf, s, e)) return 0;
  if (writing !== null && writing.dates !== null) {
    // Before numbers: 20241231 is one too.
    const kind = readWritten(writing.dates, buf, { start: s, end: e }, scratch);
    if (kind !== NOT_A_TIME) return evidenceOf(kind);
  }
  const marks = writing?.marks ?? null;
  if ((b >= 48 && b <= 57) || b === 45 || b === 46 || b === marks?.decimal) {
    const kind = marks === null ? numberKind(buf, s, e) : markedNumberKind(buf, s, e, marks);
    if (kind === INTEGER) return SEEN.integer;
    if (kind === DECIMAL) return SEEN.decimal;
    if (kind === BIG_INTEGER) return SEEN.bigInteger;
    if (e - s >= 10 && buf[s + 4] === 45) return evidenceOf(readTime(buf, s, e, scratch));
    return b === 45 && specialValue(buf, s, e) !== undefined ? SEEN.special : SEEN.text;
  }
  return e - s > 9 || WORD_STARTS[b] === 0 ? SEEN.text : wordEvidence(buf, s, e);
}

function wordEvidence(buf: Uint8Array, s: number, e: number): number {
  if (e - s === 1) return buf[s] === 63 ? SEEN.question : SEEN.text;
  if (booleanCode(buf, s, e) >= 0) return SEEN.boolean;
  if (specialValue(buf, s, e) !== undefined) return SEEN.special;
  return isOneOf(MARK_WORDS, buf, s, e) ? SEEN.mark : SEEN.text;
}

function evidenceOf(kind: number): number {
  if (kind === DATE_ONLY) return SEEN.date;
  if (kind === ZONED_TIME) return SEEN.zonedTime;
  return kind === LOCAL_TIME ? SEEN.localTime : SEEN.text;
}

/** The type that fits all evidence of a column. @param dimension of all its lists of numbers; else 0 */
export function columnTypeOf(evidence: number, dimension = 0): ColumnType {
  const seen = evidence & ~MARKS;
  if (seen === 0) return 'text';
  if (seen === SEEN.numbers) return vectorType(dimension) ?? 'text';
  if ((seen & ~INTEGERS) === 0) return 'int64';
  if ((seen & ~NUMBERS) === 0) return 'float64';
  if (seen === SEEN.boolean) return 'boolean';
  if (seen === SEEN.date) return 'date';
  return (seen & ~(TIMES | SEEN.date)) === 0 ? 'timestamp' : 'text';
}

/** True when cells with this evidence can be read as the type: integers as decimals, dates as times, all as text. */
export function readsAs(evidence: number, type: ColumnType, dimension = 0): boolean {
  const seen = evidence & ~MARKS;
  if (seen === 0 || type === 'text') return true;
  const found = columnTypeOf(seen, dimension);
  return found === type || (found === 'int64' && type === 'float64') || (found === 'date' && type === 'timestamp');
}

/** True when the evidence holds values of different kinds, so that a typed column became text. */
export function isMixed(evidence: number): boolean {
  const seen = evidence & ~MARKS;
  return columnTypeOf(seen) === 'text' && (seen & ~SEEN.text) !== 0;
}

/** 0 for a spelling of false, 1 for true, -1 for anything else. */
export function booleanCode(buf: Uint8Array, s: number, e: number): number {
  if (isOneOf(TRUE_WORDS, buf, s, e)) return 1;
  return isOneOf(FALSE_WORDS, buf, s, e) ? 0 : -1;
}

/** NaN or an infinity when the bytes spell one. */
export function specialValue(buf: Uint8Array, s: number, e: number): number | undefined {
  for (const [word, value] of SPECIAL_WORDS) if (equals(word, buf, s, e)) return value;
  return undefined;
}

export function isBlank(b: number): boolean {
  return b === 32 || b === 9;
}

function wordTable(words: readonly string[]): readonly Uint8Array[] {
  return words.map((word) => Buffer.from(word));
}

function isOneOf(words: readonly Uint8Array[], buf: Uint8Array, s: number, e: number): boolean {
  for (const word of words) if (equals(word, buf, s, e)) return true;
  return false;
}

function equals(word: Uint8Array, buf: Uint8Array, s: number, e: number): boolean {
  if (word.length !== e - s) return false;
  for (let i = 0; i < word.length; i++) if (word[i] !== buf[s + i]) return false;
  return true;
}
