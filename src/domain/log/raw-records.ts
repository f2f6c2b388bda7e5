import { eachElement, eachLine } from '../../formats/json-documents.ts';
import type { RecordEncoding } from '../../formats/record-types.ts';

/** Refused rows are kept as they were sent up to this many bytes a batch; beyond it only where and why. */
const KEPT_BYTES = 16 * 1024 ** 2;

/** The records at these lines (or positions in a JSON list) as they were sent, by line. */
export function rawRecords(
  bytes: Uint8Array,
  format: { readonly encoding: RecordEncoding; readonly maxLineBytes: number },
  wanted: ReadonlySet<number>,
): Map<number, string> {
  // The scanners stop at a line end, so there must be one behind the last byte.
  const buffer = Buffer.concat([bytes, Buffer.from('\n')]);
  const found = new Map<number, string>();
  let kept = 0;
  const take = (start: number, end: number, line: number): void => {
    if (!wanted.has(line) || kept + end - start > KEPT_BYTES) return;
    kept += end - start;
    found.set(line, storable(buffer.toString('utf8', start, end).trimEnd()));
  };
  const each = format.encoding === 'ndjson' ? eachLine : eachElement;
  each(buffer, bytes.length, { maxLineBytes: format.maxLineBytes, take });
  return found;
}

/** PostgreSQL's texts hold no U+0000. */
export const storable = (text: string): string => text.replaceAll('\u0000', '\ufffd');
