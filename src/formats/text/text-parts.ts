/** Large bodies of NDJSON and CSV, cut where a record ends, so that each part can be read without the others. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { sniffDialect } from '../csv/dialect.ts';
import { RowIndex } from '../csv/row-index.ts';
import { CsvScanner } from '../csv/scan.ts';
import { headLine, lineEnds } from '../prediction/csv.ts';
import { type CsvOptions, DEFAULT_LIMITS, type TableLimits } from '../table.ts';
import { bomLength } from './text-encoding.ts';

/** A body of its own: whole lines of NDJSON, or a header with whole rows of CSV. */
export type TextPart = {
  readonly bytes: Uint8Array;
  /** What its line numbers have to grow by to be those of the file. */
  readonly lineOffset: number;
};

export type PartOptions = {
  /** Bytes of a part, about. */
  readonly partBytes: number;
  /** A longer record is not looked for the end of. */
  readonly maxLineBytes: number;
  /** How CSV is written. */
  readonly csv?: CsvOptions;
};

/** Parts of whole lines. A line longer than a part, or the limit, comes as it is: its reader refuses it. */
export function* ndjsonParts(file: string, { partBytes, maxLineBytes }: PartOptions): Generator<TextPart> {
  let lineOffset = 0;
  const cut = (bytes: Buffer): number => {
    const end = bytes.lastIndexOf(10) + 1;
    return end === 0 && bytes.length > maxLineBytes ? bytes.length : end;
  };
  for (const bytes of cutPieces(file, partBytes, cut)) {
    yield { bytes, lineOffset };
    for (const byte of bytes) if (byte === 10) lineOffset++;
  }
}

/** Parts of whole rows, each behind the header. Throws `unreadable-data` where rows cannot be told apart. */
export function* csvParts(file: string, { partBytes, maxLineBytes, csv = {} }: PartOptions): Generator<TextPart> {
  const limits = { ...DEFAULT_LIMITS, cellBytes: maxLineBytes, lineBytes: maxLineBytes };
  const made: { cutter?: CsvCutter } = {};
  const cut = (bytes: Buffer): number => {
    made.cutter ??= new CsvCutter(bytes, limits, csv);
    return made.cutter.cut(bytes);
  };
  let first = true;
  let linesBefore = 0;
  for (const bytes of cutPieces(file, partBytes, cut)) {
    // The first part has the header itself.
    const header = first ? NO_BYTES : (made.cutter?.header ?? NO_BYTES);
    const lineOffset = linesBefore - lineEnds(header, 0, header.length);
    yield { bytes: first ? bytes : Buffer.concat([header, bytes]), lineOffset };
    linesBefore += lineEnds(bytes, 0, bytes.length);
    first = false;
  }
}

const NO_BYTES = new Uint8Array(0);

/** Finds where the last whole row of some bytes ends. */
class CsvCutter {
  readonly header: Uint8Array;
  private readonly scanner: CsvScanner;

  constructor(bytes: Buffer, limits: TableLimits, csv: CsvOptions) {
    const start = bomLength(bytes);
    this.scanner = new CsvScanner(sniffDialect(headLine(bytes, start), csv), limits);
    const padded = Buffer.concat([bytes, Buffer.alloc(1)]);
    const range = { start, end: bytes.length, last: false, offset: 0 };
    this.header = Uint8Array.from(bytes.subarray(0, this.scanner.scan(padded, range, new RowIndex(1, 1))));
  }

  cut(bytes: Buffer): number {
    const padded = Buffer.concat([bytes, Buffer.alloc(1)]);
    const index = new RowIndex(1);
    for (let p = bomLength(bytes); ; ) {
      const next = this.scanner.scan(padded, { start: p, end: bytes.length, last: false, offset: 0 }, index);
      if (index.rows === 0 || next === p) return next;
      p = next;
    }
  }
}

/** Pieces of the file that end where `cut` says; what stands behind that comes with the next. */
function* cutPieces(file: string, pieceBytes: number, cut: (bytes: Buffer) => number): Generator<Buffer> {
  const handle = openSync(file, 'r');
  try {
    const { size } = fstatSync(handle);
    let rest = Buffer.alloc(0);
    for (let read = 0; read < size; ) {
      const piece = Buffer.allocUnsafeSlow(Math.min(pieceBytes, size - read));
      const count = readSync(handle, piece, 0, piece.length, null);
      if (count === 0) return;
      read += count;
      const bytes = Buffer.concat([rest, piece.subarray(0, count)]);
      // The last record need not end its line.
      const end = read === size ? bytes.length : cut(bytes);
      if (end > 0) yield bytes.subarray(0, end);
      rest = bytes.subarray(end);
    }
  } finally {
    closeSync(handle);
  }
}
