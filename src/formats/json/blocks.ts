/** Blocks of scanned records from a source of bytes; names of columns are collected on the way. */
import { type ByteSource, type ByteSpan, EVERYTHING } from '../byte-source.ts';
import type { TableLimits } from '../table.ts';
import { bomLength, checkEncoding } from '../text/text-encoding.ts';
import { tooLarge, unreadable } from '../unreadable.ts';
import { CellTable, MAX_BLOCK_CELLS } from './cells.ts';
import type { JsonKernels } from './kernels.ts';
import { skipSpace } from './scan.ts';
import { RecordScanner } from './shape.ts';

const BLOCK_ROWS = 512;

/** Valid until the next block is asked for. */
export type RecordBlock = { readonly buf: Buffer; readonly cells: CellTable };

/** What the bytes around a record are expected to be next. */
type ListState = 'before' | 'first' | 'record' | 'separator' | 'after';

export type RecordSource = {
  /** Begins at the span's start. */
  readonly source: ByteSource;
  readonly format: 'ndjson' | 'json';
  readonly limits: TableLimits;
  /** Columns that are known before; they get the first slots. */
  readonly names?: readonly string[];
  /** Only lines that begin in it are read. */
  readonly span?: ByteSpan;
  /** Kernels for one reading of lines. */
  readonly kernels?: JsonKernels | null;
};

export class RecordBlocks {
  /** Column names by slot, in order of first appearance. */
  readonly names: string[] = [];
  private readonly slots = new Map<string, number>();
  private readonly source: ByteSource;
  private readonly isList: boolean;
  private readonly limits: TableLimits;
  private buf = Buffer.alloc(0);
  private length = 0;
  private offset = 0;
  private line = 0;
  private state: ListState = 'before';
  private seen = new Set<number>();
  private readonly span: ByteSpan;
  private readonly kernels: JsonKernels | null;

  constructor(from: RecordSource) {
    this.source = from.source;
    this.isList = from.format === 'json';
    this.limits = from.limits;
    this.span = from.span ?? EVERYTHING;
    this.kernels = from.kernels ?? null;
    for (const name of from.names ?? []) this.slots.set(name, this.names.push(name) - 1);
  }

  /** Slots of the columns that the reading has met, in order of first appearance. */
  get met(): readonly number[] {
    return [...this.seen];
  }

  /** The byte of the file up to which records have been read. */
  get end(): number {
    return this.offset;
  }

  /** All records in file order. Throws `unreadable-data` at the first bad one: a file is right as a whole, or not. */
  async *read(): AsyncGenerator<RecordBlock> {
    const { kernels } = this;
    const cells = kernels?.cells ?? new CellTable(this.names.length + 1, MAX_BLOCK_CELLS);
    const scanner = new RecordScanner(cells, (path) => this.slotOf(path), kernels);
    this.buf = kernels?.text ?? Buffer.allocUnsafeSlow(2 ** 20);
    this.length = 0;
    this.offset = this.span.start;
    this.seen = new Set();
    this.line = 0;
    this.state = 'before';
    for await (const piece of this.source.pieces((more) => this.room(more))) {
      if (piece.buffer !== this.buf.buffer) this.room(piece.length).set(piece);
      this.length += piece.length;
      yield* this.scanned(scanner, cells, false);
      if (this.offset >= this.span.end) return;
    }
    yield* this.scanned(scanner, cells, true);
    if (this.offset + this.length === 0 || (this.isList && this.state === 'before')) {
      throw unreadable('The file is empty; it needs at least one record.');
    }
  }

  private *scanned(scanner: RecordScanner, cells: CellTable, last: boolean): Generator<RecordBlock> {
    let p = this.offset === 0 ? bomLength(this.buf.subarray(0, this.length)) : 0;
    const rows = this.kernels?.rows ?? BLOCK_ROWS;
    for (;;) {
      cells.rows = 0;
      const start = p;
      for (;;) {
        p = this.plainRecords(p);
        if (cells.rows === rows) break;
        const next = this.isList ? this.element(scanner, cells, { p, last }) : this.record(scanner, cells, { p, last });
        if (next < 0) break;
        p = next;
      }
      checkEncoding(this.buf.subarray(start, p), this.offset + start);
      if (cells.rows === 0) break;
      yield { buf: this.buf, cells };
    }
    this.buf.copyWithin(0, p, this.length);
    this.length -= p;
    this.offset += p;
    if (this.length > this.limits.lineBytes) {
      throw tooLarge(`Record ${this.line + 1} is longer than ${this.limits.lineBytes} bytes.`);
    }
  }

  /** Lines that the kernels can read; returns where the first other begins. */
  private plainRecords(p: number): number {
    const { kernels, buf, length } = this;
    if (kernels === null || p >= length || !kernels.holds(buf)) return p;
    buf[length] = 10;
    this.line += kernels.scan(p, this.span.end - this.offset, length);
    return kernels.next;
  }

  /** One line; returns where the next begins, or -1 when it is not whole yet. */
  private record(scanner: RecordScanner, cells: CellTable, { p, last }: Cursor): number {
    if (p >= this.length || this.offset + p >= this.span.end) return -1;
    const found = this.buf.subarray(0, this.length).indexOf(10, p);
    if (found < 0 && !last) return -1;
    const end = found < 0 ? this.length : found;
    this.buf[end] = 10;
    this.line++;
    const start = skipSpace(this.buf, p, end);
    if (start < end) {
      const behind = scanner.scan(this.buf, start, end);
      if (behind < 0) throw this.refusal(scanner, start);
      if (skipSpace(this.buf, behind, end) < end) throw this.refused('something follows the record', behind);
      cells.rows++;
    }
    return Math.min(end + 1, this.length);
  }

  /** One step through the list; returns the position behind it, or -1 when bytes are missing or it is over. */
  private element(scanner: RecordScanner, cells: CellTable, { p, last }: Cursor): number {
    this.buf[this.length] = 10;
    const start = skipSpace(this.buf, p, this.length);
    if (start >= this.length) {
      if (last && this.state !== 'after' && this.state !== 'before') throw this.refused('the list is cut off', start);
      return start > p ? start : -1;
    }
    const b = this.buf[start]!;
    if (this.state === 'first' || this.state === 'record') {
      if (b === 93 && this.state === 'first') return this.move('after', start);
      const behind = scanner.scan(this.buf, start, this.length);
      // Without its last bytes a record looks broken; only at the file's end, or when it grew too long, is it.
      if (behind < 0 && !last && this.length - start <= this.limits.lineBytes) return -1;
      this.line++;
      if (behind < 0) throw this.refusal(scanner, start);
      cells.rows++;
      this.state = 'separator';
      return behind;
    }
    if (this.state === 'before' && b === 91) return this.move('first', start);
    if (this.state === 'separator' && b === 44) return this.move('record', start);
    if (this.state === 'separator' && b === 93) return this.move('after', start);
    throw this.refused(
      this.state === 'before' ? 'the file is not a list of records' : 'a comma or ] is missing',
      start,
    );
  }

  private move(state: ListState, start: number): number {
    this.state = state;
    return start + 1;
  }

  private slotOf(path: readonly string[]): number {
    const name = path.join('.');
    const known = this.slots.get(name);
    if (known !== undefined) {
      this.seen.add(known);
      return known;
    }
    if (this.names.length >= this.limits.columns) {
      throw tooLarge(`The records name more than ${this.limits.columns} columns; is an id used as a key?`);
    }
    const slot = this.names.push(name) - 1;
    this.slots.set(name, slot);
    this.seen.add(slot);
    return slot;
  }

  /** Behind what is there, with a byte to spare. */
  private room(more: number): Buffer {
    if (this.length + more + 1 > this.buf.length) {
      const larger = Buffer.allocUnsafeSlow(2 * (this.length + more + 1));
      larger.set(this.buf.subarray(0, this.length));
      this.buf = larger;
    }
    return this.buf.subarray(this.length, this.length + more);
  }

  private refusal(scanner: RecordScanner, at: number): Error {
    // A foreign encoding breaks records too, and then it is the thing to be told.
    checkEncoding(this.buf.subarray(at, Math.min(this.length, at + 4096 - (4096 % 4))), this.offset + at);
    const problem = scanner.problem;
    const field = problem?.field === undefined ? '' : ` (${problem.field})`;
    return this.refused(`${problem?.detail ?? 'not a JSON object'}${field}`, at);
  }

  private refused(what: string, at: number): Error {
    const place = this.isList ? `Record ${this.line}` : `Line ${this.line}`;
    return unreadable(`${place} (byte ${this.offset + at}): ${what}.`);
  }
}

type Cursor = { readonly p: number; readonly last: boolean };
