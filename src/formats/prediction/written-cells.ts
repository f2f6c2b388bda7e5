/** Cells of CSV whose numbers and dates are written otherwise, written anew as a row of JSON has them. */
import { type CellWriting, isMissingWord } from '../csv/cell-writing.ts';
import { CELL } from '../json/cells.ts';
import { readWritten } from '../text/date-writing.ts';
import { BIG_INTEGER, DECIMAL, INTEGER, numberKind } from '../text/decimal.ts';
import { plainWriting } from '../text/number-marks.ts';
import { DATE_ONLY, LOCAL_TIME, NOT_A_TIME } from '../text/time-text.ts';

/** The longest that is written: `2024-12-31T23:59:59.123456Z`. */
const TIME_BYTES = 27;
/** The shortest that is read: `1/1/24`. */
const LEAST_BYTES = 6;

/** What a cell is, and where it is spelt. */
export type ReadCell = { readonly kind: number; readonly from: number; readonly to: number };

const KINDS: ReadonlyMap<number, number> = new Map([
  [INTEGER, CELL.integer],
  [BIG_INTEGER, CELL.bigInteger],
  [DECIMAL, CELL.decimal],
]);

/** Bytes for dates written anew, which may be longer than they were, of a table of so many bytes and rows. */
export function roomForDates(bytes: number, rows: number, writings: readonly (CellWriting | null)[]): number {
  const columns = writings.filter((writing) => writing !== null && writing.dates !== null).length;
  return Math.min(Math.ceil(bytes / LEAST_BYTES), rows * columns) * TIME_BYTES;
}

export class WrittenCells {
  private readonly buf: Buffer;
  private readonly time = new Float64Array(1);
  /** Where the next date goes. */
  private next: number;

  /** @param room where in the buffer dates may be written; as many bytes as `roomForDates` says */
  constructor(buf: Buffer, room: number) {
    this.buf = buf;
    this.next = room;
  }

  /**
   * Reads a cell without blanks around it; a number is written anew at its place. Null for what is no number or date in any
   * writing. What is a number only in another writing than its column's is a text.
   */
  read(writing: CellWriting, start: number, end: number): ReadCell | null {
    const { buf } = this;
    const { dates, marks } = writing;
    if (isMissingWord(writing, buf, start, end)) return { kind: CELL.null, from: start, to: end };
    // Before numbers, as in `cellEvidence`.
    const time = dates === null ? NOT_A_TIME : readWritten(dates, buf, { start, end }, this.time);
    if (time !== NOT_A_TIME) return this.written(isoText(this.time[0]!, time));
    if (marks === null) return null;
    const plain = plainWriting(buf, start, end, marks);
    const kind = plain === null ? undefined : KINDS.get(numberKind(plain, 0, plain.length));
    if (plain !== null && kind !== undefined) return { kind, from: start, to: start + plain.copy(buf, start) };
    return KINDS.has(numberKind(buf, start, end)) ? { kind: CELL.text, from: start, to: end } : null;
  }

  private written(text: string): ReadCell {
    const from = this.next;
    this.next += this.buf.write(text, from, 'latin1');
    return { kind: CELL.text, from, to: this.next };
  }
}

/** To the microsecond; with a zone where there was one. */
function isoText(at: number, kind: number): string {
  const millis = Math.floor(at);
  const text = new Date(millis).toISOString();
  if (kind === DATE_ONLY) return text.slice(0, 10);
  const micros = Math.round((at - millis) * 1000);
  const exact = `${text.slice(0, -1)}${micros === 0 ? '' : String(micros).padStart(3, '0')}`;
  return kind === LOCAL_TIME ? exact : `${exact}Z`;
}
