import { TidemarkError } from '../errors.ts';

/** Bytes `[start, end)`. */
export type Range = { readonly start: number; readonly end: number };

/**
 * The one range that a `Range` header asks for, or null where the whole is to be sent: no header, another
 * unit, no bytes at all.
 * @throws TidemarkError `range-not-satisfiable` for more than one range and for one outside of the bytes.
 */
export function parseRange(header: string | undefined, size: number): Range | null {
  const [, set] = /^bytes=(.*)$/i.exec(header?.trim() ?? '') ?? [];
  if (set === undefined) return null;
  if (set.includes(',')) throw refused(size, 'one range at a time can be sent');
  const [, first = '', last = ''] = /^\s*(\d*)\s*-\s*(\d*)\s*$/.exec(set) ?? [];
  if (first === '' && last === '') throw refused(size, 'the range is not of the form "bytes=0-99"');
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  if (start >= end) throw refused(size, `the range lies outside of the ${size} bytes or is empty`);
  return { start, end };
}

function refused(size: number, why: string): TidemarkError {
  return new TidemarkError('range-not-satisfiable', `This range cannot be sent: ${why}.`, { details: { size } });
}

/** True when a list of entity tags (`If-None-Match`) names this one, weakly compared, or is `*`. */
export function namesEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  return header.split(',').some((item) => item.trim().replace(/^W\//, '') === etag);
}

/** True when a range may be sent: there is no `If-Range`, or it names this very representation. */
export function rangeStillFits(ifRange: string | undefined, etag: string): boolean {
  return ifRange === undefined || ifRange.trim() === etag;
}
