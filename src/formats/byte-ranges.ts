/** How a file of lines is cut into ranges that are read apart. It depends on the bytes alone, so results do too. */
import { type ByteSpan, bytesAt } from './byte-source.ts';

/** A range is worth its while from this size on; no file has longer ones than the latter. */
const SHORTEST = 4 * 2 ** 20;
const LONGEST = 64 * 2 ** 20;
/** Bytes of each column that a range is worth: what is counted of it has to be handed over and merged. */
const SHORTEST_COLUMN = 4 * 2 ** 10;
/** As many ranges, if the file has them, give several readers enough to do. */
const ENOUGH = 8;
const PROBE = 64 * 1024;

/** Into how many ranges a file of this size is cut that has so many columns. */
export function rangeCount(size: number, columns: number): number {
  const shortest = Math.max(SHORTEST, SHORTEST_COLUMN * columns);
  const longest = Math.max(LONGEST, shortest);
  return Math.max(1, Math.min(ENOUGH, Math.floor(size / shortest)), Math.ceil(size / longest));
}

/**
 * About `count` ranges that follow each other, each but the first beginning behind a line end. Whether a row begins
 * there too only the range before can tell, by where it ends.
 */
export function lineRanges(path: string, size: number, count: number): ByteSpan[] {
  const starts = [0];
  for (let k = 1; k < count; k++) {
    const start = behindLineEnd(path, Math.max(1, Math.floor((k * size) / count)), size);
    if (start > starts[starts.length - 1]! && start < size) starts.push(start);
  }
  return starts.map((start, k) => ({ start, end: starts[k + 1] ?? Number.POSITIVE_INFINITY }));
}

function behindLineEnd(path: string, from: number, size: number): number {
  for (let at = from - 1; at < size; at += PROBE) {
    const bytes = bytesAt(path, at, PROBE);
    for (let i = 0; i < bytes.length; i++) {
      if (bytes[i] === 10) return at + i + 1;
      // Half of CRLF, or a line end of its own; the former leaves a blank line, which no reader counts.
      if (bytes[i] === 13 && bytes[i + 1] !== 10) return at + i + 1;
    }
  }
  return size;
}

/** True when nothing but line ends lies between where one range ended and the next begins. */
export function connects(path: string, end: number, start: number): boolean {
  if (end === start) return true;
  if (end > start || start - end > PROBE) return false;
  return bytesAt(path, end, start - end).every((byte) => byte === 10 || byte === 13);
}
