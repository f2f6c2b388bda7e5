/**
 * The twin of `RecordScanner` in `shape.ts` of `json`: follows records along the paths that are known, which
 * `kernel-shape.ts` lays out, and leaves a record that has no path, or an odd value, to the careful parser.
 */
import { double, ESCAPED, kind, TEXT, valueEnd } from './json-values.ts';

/** A node: its first edge, and the piece of bytes behind which a record has ended here; 0 for none. */
const TAIL = 4;
/** A piece: the edge beside it, the node that it leads to, its slot, its length, which bytes of its last word count. */
const NEXT = 4;
const SLOT = 8;
const LENGTH = 12;
const MASK = 16;
const BYTES = 24;

/** Where cells are written: cell `slot` of row `r` at `r * stride + slot`; the stride is a multiple of 16. */
let starts: usize = 0;
let ends: usize = 0;
let kinds: usize = 0;
let doubles: usize = 0;
let stride: i32 = 0;

export function useCells(startsAt: usize, endsAt: usize, kindsAt: usize, doublesAt: usize, slots: i32): void {
  starts = startsAt;
  ends = endsAt;
  kinds = kindsAt;
  doubles = doublesAt;
  stride = slots;
}

/** The byte behind the last record that `records` took. */
export let nextRecord: i32 = 0;

/**
 * Writes the cells of the records that begin at `from`, a line each, to the rows from `row` on, at most `maxRows`.
 * Stops at one that begins at or behind `until`, does not end before `end`, where a line end stands, or is left to
 * the careful parser. Returns how many it took.
 */
export function records(root: usize, from: i32, until: i32, end: i32, row: i32, maxRows: i32): i32 {
  let rows = 0;
  nextRecord = from;
  while (rows < maxRows && nextRecord < until) {
    const behind = record(root, nextRecord, end, (row + rows) * stride);
    if (behind < 0) break;
    nextRecord = behind;
    rows++;
  }
  return rows;
}

function record(root: usize, from: i32, end: i32, cells: i32): i32 {
  for (let i = 0; i < stride; i += 16) v128.store(kinds + cells + i, i8x16.splat(0));
  let node = root;
  let p = from;
  while (true) {
    let edge: usize = load<u32>(node);
    while (edge != 0 && !stands(edge, p)) edge = load<u32>(edge);
    if (edge == 0) return recordEnd(load<u32>(node + TAIL), p, end);
    p += load<i32>(edge + LENGTH);
    const behind = valueEnd(p, end);
    if (behind < 0) return -1;
    const cell = cells + load<i32>(edge + SLOT);
    // The bounds of a text are without its quotes.
    const quote = i32(kind == TEXT || kind == ESCAPED);
    store<u8>(kinds + cell, kind);
    store<i32>(starts + (cell << 2), p + quote);
    store<i32>(ends + (cell << 2), behind - quote);
    store<f64>(doubles + (cell << 3), double);
    p = behind;
    node = load<u32>(edge + NEXT);
  }
}

/** Behind the line end that follows a record's last bytes. */
function recordEnd(tail: usize, from: i32, end: i32): i32 {
  if (tail == 0 || !stands(tail, from)) return -1;
  let p = from + load<i32>(tail + LENGTH);
  if (load<u8>(p) == 13) p++;
  return load<u8>(p) == 10 && p < end ? p + 1 : -1;
}

/** True when the bytes of the piece stand at `p`. */
function stands(piece: usize, p: i32): bool {
  const last = (load<i32>(piece + LENGTH) - 1) & ~7;
  const bytes = piece + BYTES;
  for (let i = 0; i < last; i += 8) if (load<u64>(bytes + i) != load<u64>(p + i)) return false;
  return (load<u64>(p + last) & load<u64>(piece + MASK)) == load<u64>(bytes + last);
}
