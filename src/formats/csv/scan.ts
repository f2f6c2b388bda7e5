/**
 * Where the fields are: one pass over the bytes of a text table that writes start and end of every field of
 * a block of rows, row by row. Cells are read from there column by column, in small loops of one type.
 */

import type { TableLimits } from '../table.ts';
import { shown, unreadable } from '../unreadable.ts';
import type { Dialect } from './dialect.ts';
import type { CsvKernels } from './kernels.ts';
import type { RowIndex, ScanRange } from './row-index.ts';

const QUOTE = 34;

export class CsvScanner {
  /** Rows with fewer or more fields than the table has columns; missing ones read as absent, extra ones are dropped. */
  ragged = 0;
  firstRagged = 0;
  /** Rows scanned so far, blank lines not counted. */
  rows = 0;
  /** Fields of the row scanned last. */
  fields = 0;
  private readonly stops = new Uint8Array(256);
  /** Scans what is plain, in memory of its own. */
  readonly kernels: CsvKernels | null;
  private readonly dialect: Dialect;
  private readonly limits: TableLimits;

  constructor(dialect: Dialect, limits: TableLimits, kernels: CsvKernels | null = null) {
    this.dialect = dialect;
    this.limits = limits;
    this.kernels = kernels;
    for (const stop of [dialect.delimiter, 10, 13]) this.stops[stop] = 1;
  }

  /**
   * Fills `index` with the rows that lie wholly in the range and returns where the first other row begins.
   * The byte at `range.end` must be writable: a line end is put there so that no loop needs a bounds check.
   */
  scan(buf: Buffer, range: ScanRange, index: RowIndex): number {
    const { end, last } = range;
    const until = Math.min(end, range.until ?? end);
    const { width, capacity } = index;
    let p = range.start;
    index.rows = 0;
    buf[end] = 10;
    const kernels = this.kernels?.holds(buf) === true ? this.kernels : null;
    while (index.rows < capacity && p < until) {
      if (kernels !== null) {
        const rows = kernels.scan({ ...range, start: p, until }, this.dialect, index);
        index.rows += rows;
        this.rows += rows;
        p = kernels.next;
        // What the kernel stopped at is read the careful way: one row, or a line end.
        if (index.rows === capacity || p >= until) break;
      }
      if (buf[p] === 10 || buf[p] === 13) {
        p++;
        continue;
      }
      const next = this.scanRow(buf, p, range, index);
      if (next < 0) {
        this.checkPending(buf, p, range);
        return p;
      }
      if (next > end && !last) {
        this.checkLength(p, range);
        return p;
      }
      index.rows++;
      this.rows++;
      if (this.fields !== width) this.countRagged();
      p = next;
    }
    return Math.min(p, end);
  }

  /** Scans one row; returns where the next begins, `end + 1` when the row ends with the buffer, -1 inside quotes. */
  private scanRow(buf: Buffer, from: number, range: ScanRange, index: RowIndex): number {
    const { end } = range;
    const { delimiter, skipBlank } = this.dialect;
    const { stops } = this;
    const { starts, ends, width } = index;
    const base = index.rows * width;
    let p = from;
    let column = 0;
    for (;;) {
      if (skipBlank) while (buf[p] === 32) p++;
      let start = p;
      let stop: number;
      if (buf[p] === QUOTE) {
        start++;
        p = this.closingQuote(buf, start, range);
        if (p < 0) return -1;
        stop = ~p;
        p++;
        while (buf[p] === 32) p++;
        if (stops[buf[p]!] === 0) throw this.strayQuote(buf, p, range);
      } else {
        while (stops[buf[p]!] === 0) p++;
        stop = p;
      }
      if (column < width) {
        starts[base + column] = start;
        ends[base + column] = stop;
      }
      column++;
      if (buf[p] !== delimiter) break;
      p++;
    }
    this.fields = column;
    for (; column < width; column++) {
      starts[base + column] = 0;
      ends[base + column] = 0;
    }
    if (p >= end) return end + 1;
    // A carriage return as the buffer's last byte may be half of CRLF; the blank-line rule takes the other half.
    return p + 1;
  }

  private closingQuote(buf: Buffer, from: number, range: ScanRange): number {
    const { end } = range;
    for (let p = from; p < end; p++) {
      if (buf[p] !== QUOTE) continue;
      if (buf[p + 1] !== QUOTE) return p + 1 === end && !range.last ? -1 : p;
      if (p + 1 >= end) return range.last ? p : -1;
      p++;
    }
    return -1;
  }

  private countRagged(): void {
    this.ragged++;
    if (this.firstRagged === 0) this.firstRagged = this.rows;
  }

  /** A row that does not end within the limits never ends for us: better said at once than read for gigabytes. */
  private checkPending(buf: Buffer, p: number, range: ScanRange): void {
    const pending = range.end - p;
    if (!range.last && pending <= this.limits.cellBytes) return;
    const at = `row ${this.rows + 1} (byte ${range.offset + p})`;
    const text = shown(buf.toString('utf8', p, Math.min(range.end, p + 40)), 40);
    throw unreadable(
      range.last
        ? `A quoted cell that begins in ${at} is never closed: ${text}. Close the quote or double it.`
        : `A quoted cell in ${at} is longer than ${this.limits.cellBytes} bytes; is a closing quote missing? It begins: ${text}`,
    );
  }

  private checkLength(p: number, range: ScanRange): void {
    if (range.end - p <= this.limits.lineBytes) return;
    throw unreadable(
      `Row ${this.rows + 1} (byte ${range.offset + p}) is longer than ${this.limits.lineBytes} bytes; is this a text table with line ends?`,
    );
  }

  private strayQuote(buf: Buffer, p: number, range: ScanRange): Error {
    const text = shown(buf.toString('utf8', Math.max(0, p - 30), Math.min(range.end, p + 10)), 40);
    return unreadable(
      `Row ${this.rows + 1} has text after a closing quote (byte ${range.offset + p}): …${text}. Quotes inside a quoted cell must be doubled.`,
    );
  }
}
