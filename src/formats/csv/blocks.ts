/** Blocks of scanned rows from a source of bytes, with rows cut by a piece's end carried over to the next. */
import { type ByteSource, EVERYTHING } from '../byte-source.ts';
import type { TableLimits } from '../table.ts';
import type { CellWriting } from './cell-writing.ts';
import type { Dialect } from './dialect.ts';
import type { Header } from './header.ts';
import { RowIndex } from './row-index.ts';
import type { CsvScanner } from './scan.ts';

/** What the first megabyte of a text table tells. */
export type Layout = {
  readonly source: ByteSource;
  /** Bytes before the first row: a byte order mark, and lines of comments. */
  readonly begins: number;
  readonly dialect: Dialect;
  readonly header: Header;
  /** How numbers and dates are written, by the column's place; null where all of them plainly. */
  readonly writings: readonly (CellWriting | null)[] | null;
  readonly limits: TableLimits;
};

/** Valid until the next block is asked for. */
export type RowBlock = {
  readonly buf: Buffer;
  readonly index: RowIndex;
  /** First row of the index that holds data. */
  readonly from: number;
  /** Where the scanned bytes begin and end in the buffer, and in the file. */
  readonly start: number;
  readonly length: number;
  readonly offset: number;
  /** Whether it is the file's first. */
  readonly isFirst: boolean;
  readonly writings: Layout['writings'];
};

/**
 * All rows of the table, header excluded; with a span, those whose first byte lies in it. The layout's source then
 * begins at the span's start.
 */
export async function* rowBlocks(layout: Layout, scanner: CsvScanner, span = EVERYTHING): AsyncGenerator<RowBlock> {
  const index = scanner.kernels?.index ?? new RowIndex(layout.header.names.length);
  let buf = scanner.kernels?.text ?? Buffer.allocUnsafeSlow(2 ** 20);
  let length = 0;
  let offset = span.start;
  let from = layout.header.present && offset === 0 ? 1 : 0;
  function* scanned(last: boolean): Generator<RowBlock> {
    let start = offset === 0 ? layout.begins : 0;
    if (start > length && !last) return;
    for (;;) {
      const next = scanner.scan(buf, { start, end: length, until: span.end - offset, last, offset }, index);
      if (next > start)
        yield {
          buf,
          index,
          from: Math.min(from, index.rows),
          start,
          length: next - start,
          offset: offset + start,
          isFirst: offset + start === layout.begins,
          writings: layout.writings,
        };
      if (index.rows > 0) from = 0;
      if (next === start || next >= length || offset + next >= span.end) {
        buf.copyWithin(0, next, length);
        length -= next;
        offset += next;
        return;
      }
      start = next;
    }
  }
  const room = (more: number): Buffer => {
    if (length + more + 1 > buf.length) buf = enlarged(buf, length, more);
    return buf.subarray(length, length + more);
  };
  for await (const piece of layout.source.pieces(room)) {
    if (piece.buffer !== buf.buffer) room(piece.length).set(piece);
    length += piece.length;
    yield* scanned(false);
    if (offset >= span.end) return;
  }
  yield* scanned(true);
}

function enlarged(buf: Buffer<ArrayBuffer>, length: number, more: number): Buffer<ArrayBuffer> {
  const larger = Buffer.allocUnsafeSlow(2 * (length + more + 1));
  larger.set(buf.subarray(0, length));
  return larger;
}
