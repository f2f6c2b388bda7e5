/**
 * Logged predictions and labels: bytes → columns, with every record accounted for. A record that is wrong is
 * rejected with its line and reason and touches no column; a value of an unexpected type is kept as evidence
 * (counted, null in its column). This is the hot path of ingestion: see `json/shape.ts` for why it is fast.
 */
import { isUtf8 } from 'node:buffer';

import { CellTable } from '../json/cells.ts';
import { eachElement, eachLine } from '../json/documents.ts';
import type { RecordProblem } from '../json/record.ts';
import { skipSpace } from '../json/scan.ts';
import { RecordScanner } from '../json/shape.ts';
import { tooLarge } from '../unreadable.ts';
import { type CellRows, recordsAt } from './cells.ts';
import { RecordCheck } from './checks.ts';
import { predictionColumns } from './columns.ts';
import { PredictionCsv } from './csv.ts';
import { PredictionFields } from './fields.ts';
import { isColumnBody, PredictionLists } from './lists.ts';
import type { ParsedRecords, RecordOptions, RejectedRecord, TextEncoding } from './record-types.ts';

const DEFAULTS = { maxLineBytes: 2 ** 20, maxRows: 100_000, maxCells: 2 ** 24 } as const;

/**
 * Parses a whole body. Throws `too-large` when a line, the rows or the cells pass their limit, `invalid-body` when a
 * JSON list, the columns or a header are broken as such, and `unreadable-data` for CSV that cannot be told into rows;
 * everything else is a rejected record.
 */
export function parseRecords(bytes: Uint8Array, encoding: TextEncoding, options: RecordOptions): ParsedRecords {
  const maxLineBytes = options.maxLineBytes ?? DEFAULTS.maxLineBytes;
  const fields = new PredictionFields(options.shape);
  const source = cellRows(bytes, encoding, { fields, options });
  if (source !== null) {
    const rows = new RecordRows(source.buf, { options, fields });
    source.read(rows.cells, rows.keep);
    return rows.finish();
  }
  const buf = withLineEnd(bytes);
  const rows = new RecordRows(buf, { options, fields });
  const scanned = new ScannedRecords(buf, rows, isUtf8(bytes));
  const documents = { maxLineBytes, take: scanned.take };
  if (encoding === 'ndjson') eachLine(buf, bytes.length, documents);
  else eachElement(buf, bytes.length, documents);
  return rows.finish();
}

/**
 * The records at these lines as they can be sent again, by line, up to `maxBytes` in all: records of JSON as they
 * were sent, rows of columns and of CSV as JSON records.
 */
export function recordTexts(
  bytes: Uint8Array,
  encoding: TextEncoding,
  given: { readonly options: RecordOptions; readonly lines: ReadonlySet<number>; readonly maxBytes: number },
): Map<number, string> {
  const { options, lines, maxBytes } = given;
  const fields = new PredictionFields(options.shape);
  const source = cellRows(bytes, encoding, { fields, options });
  if (source !== null) return recordsAt(source, fields.names, { lines, maxBytes });
  const buf = withLineEnd(bytes);
  const found = new Map<number, string>();
  let kept = 0;
  const take = (start: number, end: number, line: number): void => {
    if (!lines.has(line) || kept + end - start > maxBytes) return;
    kept += end - start;
    found.set(line, buf.toString('utf8', start, end).trimEnd());
  };
  const documents = { maxLineBytes: options.maxLineBytes ?? DEFAULTS.maxLineBytes, take };
  if (encoding === 'ndjson') eachLine(buf, bytes.length, documents);
  else eachElement(buf, bytes.length, documents);
  return found;
}

/** `null` for a body of JSON records, which are scanned one by one. */
function cellRows(
  bytes: Uint8Array,
  encoding: TextEncoding,
  { fields, options }: { readonly fields: PredictionFields; readonly options: RecordOptions },
): CellRows | null {
  const maxBytes = options.maxLineBytes ?? DEFAULTS.maxLineBytes;
  if (encoding === 'csv') return new PredictionCsv(bytes, { fields, options, maxRowBytes: maxBytes });
  if (encoding === 'ndjson') return null;
  const buf = withLineEnd(bytes);
  if (!isColumnBody(buf, bytes.length)) return null;
  return new PredictionLists(buf, bytes.length, { fields, maxValueBytes: maxBytes });
}

/**
 * The scanners stop at a line end, so the body needs one at its end or behind it; copying is cheaper than a
 * bounds check per byte.
 */
function withLineEnd(bytes: Uint8Array): Buffer {
  if (bytes[bytes.length - 1] === 10) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const buf = Buffer.allocUnsafe(bytes.length + 1);
  buf.set(bytes);
  buf[bytes.length] = 10;
  return buf;
}

type Collecting = { readonly options: RecordOptions; readonly fields: PredictionFields };

/** The rows that are kept, and why the others are not. */
class RecordRows {
  readonly cells: CellTable;
  readonly fields: PredictionFields;
  private readonly buf: Buffer;
  private readonly options: RecordOptions;
  private readonly check: RecordCheck;
  private readonly maxRows: number;
  private readonly rejected: RejectedRecord[] = [];
  private readonly lines: number[] = [];
  private readonly times: number[] = [];

  constructor(buf: Buffer, { options, fields }: Collecting) {
    this.buf = buf;
    this.options = options;
    this.fields = fields;
    this.cells = new CellTable(32, options.maxCells ?? DEFAULTS.maxCells);
    this.check = new RecordCheck(options, fields.names);
    this.maxRows = options.maxRows ?? DEFAULTS.maxRows;
  }

  /** Keeps the table's current row unless something is wrong with it. */
  readonly keep = (line: number, found: RecordProblem | null): void => {
    this.checkRoom();
    const problem = found ?? this.check.problemOf(this.buf, this.cells);
    if (problem !== null) {
      this.rejected.push({ line, ...problem });
      return;
    }
    this.cells.rows++;
    this.lines.push(line);
    this.times.push(this.check.eventTime);
  };

  /** Throws `too-large` when no further row may come. */
  checkRoom(): void {
    if (this.cells.rows + this.rejected.length < this.maxRows) return;
    throw tooLarge(`The body holds more than ${this.maxRows} records; send fewer at a time.`);
  }

  finish(): ParsedRecords {
    const { columns, ...made } = predictionColumns({
      buf: this.buf,
      cells: this.cells,
      names: this.fields.names,
      eventTimes: this.times,
      options: this.options,
    });
    return {
      ...made,
      rows: this.cells.rows,
      batch: { rows: this.cells.rows, columns },
      eventTimes: Float64Array.from(this.times),
      lines: Int32Array.from(this.lines),
      rejected: this.rejected,
    };
  }
}

/** JSON records, each scanned into the current row of the table. */
class ScannedRecords {
  private readonly buf: Buffer;
  private readonly rows: RecordRows;
  private readonly allUtf8: boolean;
  private readonly scanner: RecordScanner;

  constructor(buf: Buffer, rows: RecordRows, allUtf8: boolean) {
    this.buf = buf;
    this.rows = rows;
    this.allUtf8 = allUtf8;
    this.scanner = new RecordScanner(rows.cells, rows.fields.slotOf);
  }

  readonly take = (start: number, end: number, line: number): void => {
    this.rows.checkRoom();
    this.rows.keep(line, this.problemOf(start, end));
  };

  private problemOf(start: number, end: number): RecordProblem | null {
    if (!this.allUtf8 && !isUtf8(this.buf.subarray(start, end))) {
      return { code: 'invalid-text', detail: 'the record is not UTF-8' };
    }
    const behind = this.scanner.scan(this.buf, start, end);
    if (behind < 0) return this.scanner.problem ?? { code: 'invalid-json', detail: 'the record cannot be read' };
    if (skipSpace(this.buf, behind, end) < end) return { code: 'invalid-json', detail: 'something follows the record' };
    return null;
  }
}
