import { isTidemarkError } from '../../../errors.ts';
import { eachElement } from '../../../formats/json/documents.ts';
import type { RecordEncoding } from '../../../formats/prediction/record-types.ts';

const LINE_END = 10;
const BLANK = 32;

/** Lines of several bodies, one body behind the other. */
export type JoinedBodies = {
  readonly bytes: Buffer;
  /** Which body a line comes from. @param line 1-based, of the whole */
  readonly bodyOfLine: (line: number) => number;
};

/** @param bodies each of whole lines of NDJSON */
export function joinBodies(bodies: readonly Buffer[]): JoinedBodies {
  const owners: number[] = [];
  bodies.forEach((bytes, body) => {
    for (const byte of bytes) if (byte === LINE_END) owners.push(body);
  });
  return { bytes: Buffer.concat(bodies), bodyOfLine: (line) => owners[line - 1] ?? 0 };
}

/**
 * The records of a body as whole lines of NDJSON; null for one that is no list of records. A record that is not JSON
 * stays what it is, on a line of its own.
 */
export function recordLines(body: Buffer, encoding: RecordEncoding): Buffer | null {
  if (encoding === 'ndjson') return body.at(-1) === LINE_END ? body : Buffer.concat([body, Buffer.of(LINE_END)]);
  if (encoding !== 'json') return null;
  const records: Buffer[] = [];
  const take = (start: number, end: number): void => {
    // Between the parts of a record a line end is blank space, and within a text it may not stand.
    records.push(Buffer.from(body.subarray(start, end).map((byte) => (byte === LINE_END ? BLANK : byte))));
    records.push(Buffer.of(LINE_END));
  };
  try {
    eachElement(Buffer.concat([body, Buffer.of(LINE_END)]), body.length, { maxLineBytes: body.length, take });
  } catch (error) {
    if (isTidemarkError(error)) return null;
    throw error;
  }
  return Buffer.concat(records);
}
