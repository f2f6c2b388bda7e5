/**
 * Logged predictions and labels: bytes → columns, with every record accounted for. A record that is wrong is
 * rejected with its line and reason and touches no column; a value of an unexpected type is kept as evidence
 * (counted, null in its column). This is the hot path of ingestion: see `json-shape.ts` for why it is fast.
 */
import { isUtf8 } from 'node:buffer';

import { CellTable } from './json-cells.ts';
import { eachElement, eachLine } from './json-documents.ts';
import { skipSpace } from './json-scan.ts';
import { RecordScanner } from './json-shape.ts';
import { RecordCheck } from './prediction-checks.ts';
import { predictionColumns } from './prediction-columns.ts';
import { PredictionFields } from './prediction-fields.ts';
import type { ParsedRecords, RecordEncoding, RecordOptions, RejectedRecord } from './record-types.ts';
import { tooLarge } from './unreadable.ts';

const DEFAULTS = { maxLineBytes: 2 ** 20, maxRows: 100_000, maxCells: 2 ** 24 } as const;

/**
 * Parses a whole body. Throws `too-large` when a line, the rows or the cells pass their limit, and
 * `invalid-body` when a JSON list is broken as such; everything else is a rejected record.
 */
export function parseRecords(bytes: Uint8Array, encoding: RecordEncoding, options: RecordOptions): ParsedRecords {
  const buf = withLineEnd(bytes);
  const rows = new RecordRows(buf, options, isUtf8(bytes));
  const documents = { maxLineBytes: options.maxLineBytes ?? DEFAULTS.maxLineBytes, take: rows.take };
  if (encoding === 'ndjson') eachLine(buf, bytes.length, documents);
  else eachElement(buf, bytes.length, documents);
  return rows.finish();
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

class RecordRows {
  private readonly buf: Buffer;
  private readonly options: RecordOptions;
  private readonly allUtf8: boolean;
  private readonly fields: PredictionFields;
  private readonly cells: CellTable;
  private readonly scanner: RecordScanner;
  private readonly check: RecordCheck;
  private readonly maxRows: number;
  private readonly rejected: RejectedRecord[] = [];
  private readonly lines: number[] = [];
  private readonly times: number[] = [];

  constructor(buf: Buffer, options: RecordOptions, allUtf8: boolean) {
    this.buf = buf;
    this.options = options;
    this.allUtf8 = allUtf8;
    this.fields = new PredictionFields(options.shape);
    this.cells = new CellTable(32, options.maxCells ?? DEFAULTS.maxCells);
    this.scanner = new RecordScanner(this.cells, this.fields.slotOf);
    this.check = new RecordCheck(options);
    this.maxRows = options.maxRows ?? DEFAULTS.maxRows;
  }

  readonly take = (start: number, end: number, line: number): void => {
    if (this.cells.rows + this.rejected.length >= this.maxRows) {
      throw tooLarge(`The body holds more than ${this.maxRows} records; send fewer at a time.`);
    }
    const problem = this.problemOf(start, end);
    if (problem !== null) {
      this.rejected.push({ line, ...problem });
      return;
    }
    this.cells.rows++;
    this.lines.push(line);
    this.times.push(this.check.eventTime);
  };

  finish(): ParsedRecords {
    const { fields, columns, ids, violations } = predictionColumns({
      buf: this.buf,
      cells: this.cells,
      names: this.fields.names,
      eventTimes: this.times,
      options: this.options,
    });
    return {
      rows: this.cells.rows,
      fields,
      batch: { rows: this.cells.rows, columns },
      ids,
      eventTimes: Float64Array.from(this.times),
      lines: Int32Array.from(this.lines),
      rejected: this.rejected,
      violations,
    };
  }

  private problemOf(start: number, end: number): Omit<RejectedRecord, 'line'> | null {
    if (!this.allUtf8 && !isUtf8(this.buf.subarray(start, end))) {
      return { code: 'invalid-text', detail: 'the record is not UTF-8' };
    }
    const behind = this.scanner.scan(this.buf, start, end);
    if (behind < 0) return this.scanner.problem;
    if (skipSpace(this.buf, behind, end) < end) return { code: 'invalid-json', detail: 'something follows the record' };
    return this.check.problemOf(this.buf, this.cells);
  }
}
