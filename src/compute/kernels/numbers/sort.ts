/** The twin of `cell-sort.ts` of `stats`: an ascending sort of doubles without NaN and -0, given by their first byte. */

/** Cells of the first pass, and the most that one of these is divided into. */
const COARSE: i32 = 2048;
const MOST_FINE: i32 = 65536;
/** Up to so many values are inserted one by one. */
const FEW: i32 = 24;
/** Moves a value that insertion may cost. */
const MOVES_A_VALUE: i32 = 4;
/** Added to a number below 2^52 it leaves that, rounded, in the low bits. */
const ROUNDING: f64 = 4503599627370496.0;

/** Tables below `ROOM`: where the coarse cells end, where the fine ones do, and the counts of digits. */
const ends: usize = 0x10000;
const fine: usize = 0x12000;
const digits: usize = 0x52000;

let min: f64 = 0;
let max: f64 = 0;

/** Finds the extremes of the values in `[from, to)`. */
function extremes(from: usize, to: usize): void {
  let low = f64x2.splat(Infinity), high = f64x2.splat(-Infinity);
  let at = from;
  for (; at + 16 <= to; at += 16) {
    const two = v128.load(at);
    low = f64x2.pmin(low, two);
    high = f64x2.pmax(high, two);
  }
  min = Math.min(f64x2.extract_lane(low, 0), f64x2.extract_lane(low, 1));
  max = Math.max(f64x2.extract_lane(high, 0), f64x2.extract_lane(high, 1));
  if (at < to) {
    const v = load<f64>(at);
    min = Math.min(min, v);
    max = Math.max(max, v);
  }
}

/** Where the cell of a value stands in a table. */
function cellOf(v: f64, low: f64, scale: f64): usize {
  return <usize>(<u32>reinterpret<u64>((v - low) * scale + ROUNDING)) << 2;
}

/** Copies values, cell by cell, to the places of `into`; `table` becomes where each cell ends. */
function deal(from: usize, to: usize, into: usize, table: usize, cells: i32, low: f64, scale: f64): void {
  memory.fill(table, 0, <usize>cells << 2);
  for (let at = from; at < to; at += 8) {
    const cell = table + cellOf(load<f64>(at), low, scale);
    store<u32>(cell, load<u32>(cell) + 8);
  }
  let begin = <u32>into;
  for (let cell = table, last = table + (<usize>cells << 2); cell < last; cell += 4) {
    const bytes = load<u32>(cell);
    store<u32>(cell, begin);
    begin += bytes;
  }
  for (let at = from; at < to; at += 8) {
    const v = load<f64>(at);
    const cell = table + cellOf(v, low, scale);
    const place = load<u32>(cell);
    store<f64>(place, v);
    store<u32>(cell, place + 8);
  }
}

/** False, with the values in some other order, where that takes too many moves. */
function insert(from: usize, to: usize, most: i32): bool {
  let moves = most;
  let before = load<f64>(from);
  for (let next = from + 8; next < to; next += 8) {
    const v = load<f64>(next);
    if (before <= v) {
      before = v;
      continue;
    }
    let at = next;
    do {
      store<f64>(at, before);
      at -= 8;
      before = at > from ? load<f64>(at - 8) : -Infinity;
    } while (before > v);
    store<f64>(at, v);
    before = load<f64>(next);
    moves -= <i32>((next - at) >> 3);
    if (moves < 0) return false;
  }
  return true;
}

/** Sorts the values in `[at, at + 8 n)`; `room` has as many bytes. */
export function sort(at: usize, room: usize, n: i32): void {
  if (n < 2) return;
  const end = at + (<usize>n << 3);
  extremes(at, end);
  const scale = <f64>(COARSE - 1) / (max - min);
  if (!(scale > 0) || scale == Infinity) {
    if (max > min) radixSort(at, room, n);
    return;
  }
  deal(at, end, room, ends, COARSE, min, scale);
  let from = room;
  for (let cell = 0; cell < COARSE; cell++) {
    const to = <usize>load<u32>(ends + (<usize>cell << 2));
    if (to > from) sortCell(from, to, at + (from - room));
    from = to;
  }
}

/** Sorts what was dealt to one coarse cell back to its place. */
function sortCell(from: usize, to: usize, into: usize): void {
  const count = <i32>((to - from) >> 3);
  const end = into + (to - from);
  let most = FEW * count;
  let scale: f64 = 0;
  if (count > FEW) {
    extremes(from, to);
    const power = 1 << (32 - clz(count - 1));
    const cells = power < MOST_FINE ? power : MOST_FINE;
    scale = <f64>(cells - 1) / (max - min);
    if (scale > 0 && scale < Infinity) deal(from, to, into, fine, cells, min, scale);
    most = MOVES_A_VALUE * count;
  }
  if (!(scale > 0 && scale < Infinity)) memory.copy(into, from, to - from);
  if (count > FEW && max == min) return;
  if (!insert(into, end, most)) radixSort(into, from, count);
}

/** By the bits of the doubles, 11 at once, the lowest first; digits that all values share are passed over. */
function radixSort(at: usize, room: usize, n: i32): void {
  const bytes = <usize>n << 3;
  memory.fill(digits, 0, 6 * 8192);
  for (let p = at; p < at + bytes; p += 8) {
    const word = load<i64>(p);
    const key = <u64>word ^ (<u64>(word >> 63) | 0x8000000000000000);
    store<u64>(p, key);
    for (let pass: usize = 0; pass < 6; pass++) {
      const count = digits + pass * 8192 + ((<usize>(key >> (pass * 11)) & 2047) << 2);
      store<u32>(count, load<u32>(count) + 8);
    }
  }
  let from = at, to = room;
  for (let pass: usize = 0; pass < 6; pass++) {
    const table = digits + pass * 8192;
    const shift = <u64>(pass * 11);
    const first = table + ((<usize>(load<u64>(from) >> shift) & 2047) << 2);
    if (<usize>load<u32>(first) == bytes) continue;
    let begin = <u32>to;
    for (let digit = table; digit < table + 8192; digit += 4) {
      const size = load<u32>(digit);
      store<u32>(digit, begin);
      begin += size;
    }
    for (let p = from; p < from + bytes; p += 8) {
      const key = load<u64>(p);
      const digit = table + ((<usize>(key >> shift) & 2047) << 2);
      const place = load<u32>(digit);
      store<u64>(place, key);
      store<u32>(digit, place + 8);
    }
    const other = from;
    from = to;
    to = other;
  }
  for (let p: usize = 0; p < bytes; p += 8) {
    const key = load<u64>(from + p);
    const inverted = <i64>~key;
    store<u64>(at + p, key ^ (<u64>(inverted >> 63) | 0x8000000000000000));
  }
}
