/** Where records begin and end in a body: lines of NDJSON, or the elements of a JSON list. */
import { TidemarkError } from '../../errors.ts';
import { tooLarge } from '../unreadable.ts';
import { balancedEnd, skipSpace, stringEnd } from './scan.ts';

/** Calls back for each record with its bounds and 1-based number; the callback returns the position behind it. */
export type TakeRecord = (start: number, end: number, line: number) => void;

/** Every line that is not blank. `end` must be the body's length; a longer line is error `too-large`. */
export function eachLine(
  buf: Buffer,
  end: number,
  options: { readonly maxLineBytes: number; readonly take: TakeRecord },
) {
  let line = 0;
  for (let start = buf[0] === 0xef && buf[1] === 0xbb && buf[2] === 0xbf ? 3 : 0; start < end; ) {
    line++;
    const found = buf.indexOf(10, start);
    const stop = found < 0 || found > end ? end : found;
    if (stop - start > options.maxLineBytes) {
      throw tooLarge(`Line ${line} is longer than ${options.maxLineBytes} bytes; a record must fit into one line.`);
    }
    const first = skipSpace(buf, start, stop);
    if (first < stop) options.take(first, stop, line);
    start = stop + 1;
  }
}

/** Every element of `[…]` or of `{"records": […]}`. Throws `invalid-body` when the list itself is broken. */
export function eachElement(
  buf: Buffer,
  end: number,
  options: { readonly maxLineBytes: number; readonly take: TakeRecord },
) {
  let p = listStart(buf, end);
  const wrapped = buf[skipSpace(buf, 0, end)] === 123;
  p = skipSpace(buf, p + 1, end);
  let line = 0;
  if (buf[p] === 93 && p < end) return checkTail(buf, p + 1, { end, wrapped });
  for (;;) {
    line++;
    const stop = balancedEnd(buf, p, end);
    if (stop < 0) throw broken(`record ${line} is not closed`);
    if (stop - p > options.maxLineBytes) {
      throw tooLarge(`Record ${line} is longer than ${options.maxLineBytes} bytes.`);
    }
    options.take(p, stop, line);
    p = skipSpace(buf, stop, end);
    if (p < end && buf[p] === 93) return checkTail(buf, p + 1, { end, wrapped });
    if (p >= end || buf[p] !== 44) throw broken(`a comma or ] is missing after record ${line}`);
    p = skipSpace(buf, p + 1, end);
  }
}

function listStart(buf: Buffer, end: number): number {
  let p = skipSpace(buf, 0, end);
  if (p < end && buf[p] === 91) return p;
  if (p < end && buf[p] === 123) {
    p = skipSpace(buf, p + 1, end);
    const behind = buf[p] === 34 ? stringEnd(buf, p) : -1;
    if (behind > 0 && buf.toString('utf8', p + 1, behind - 1) === 'records') {
      p = skipSpace(buf, behind, end);
      p = buf[p] === 58 ? skipSpace(buf, p + 1, end) : end;
      if (p < end && buf[p] === 91) return p;
    }
  }
  throw broken('expected a list of records, or an object with only the key "records" or only the key "columns"');
}

function checkTail(
  buf: Buffer,
  from: number,
  { end, wrapped }: { readonly end: number; readonly wrapped: boolean },
): void {
  let p = skipSpace(buf, from, end);
  if (wrapped) {
    if (p >= end || buf[p] !== 125) throw broken('only the key "records" may stand in the body');
    p = skipSpace(buf, p + 1, end);
  }
  if (p < end) throw broken('something follows the list of records');
}

function broken(what: string): TidemarkError {
  return new TidemarkError('invalid-body', `The body is not the JSON it should be: ${what}.`);
}
