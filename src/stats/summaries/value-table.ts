import type { Grid } from './point-gap-grid.ts';
import { radixSort } from './radix-sort.ts';
import type { Extremes } from './rank-selection.ts';

/** Few, since a wide table has one for each of its thousands of columns. */
const FIRST_SLOTS = 64;
/** Different values that are counted exactly, whatever the number of rows. */
const TABLE_LIMIT = 4_096;
/** Slots per value: a quarter filled at most, so that probes stay short. */
const ROOM = 4;

/** Exact counts of finite numbers (never -0) in an open-addressing hash table with linear probing. */
export type ValueTable = { keys: Float64Array; counts: Float64Array; used: number };

export function emptyTable(): ValueTable {
  return { keys: new Float64Array(FIRST_SLOTS), counts: new Float64Array(FIRST_SLOTS), used: 0 };
}

function slotOf(low: number, high: number, mask: number): number {
  const h = Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b);
  return (h ^ (h >>> 15)) & mask;
}

/**
 * Counts `values[from … n)`; returns how far it came: `n`, or less when one more different value would pass the
 * limit. Cost O(1) a value.
 */
export function countValues(table: ValueTable, values: Float64Array, options: { from: number; n: number }): number {
  let { keys, counts } = table;
  let mask = keys.length - 1;
  const words = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
  for (let i = options.from; i < options.n; i++) {
    const v = values[i]!;
    let slot = slotOf(words[2 * i]!, words[2 * i + 1]!, mask);
    while (counts[slot] !== 0 && keys[slot] !== v) slot = (slot + 1) & mask;
    if (counts[slot] === 0) {
      if (table.used === TABLE_LIMIT) return i;
      table.used++;
      keys[slot] = v;
      if (table.used * ROOM > keys.length) {
        counts[slot] = 1;
        enlarge(table);
        ({ keys, counts } = table);
        mask = keys.length - 1;
        continue;
      }
    }
    counts[slot]!++;
  }
  return options.n;
}

/** Fewer values are not worth a look at all the places; farther apart there are too many of those. */
const LEAST_CLOSE = 512;
const MOST_PLACES = TABLE_LIMIT;
const places = new Uint32Array(MOST_PLACES);

/**
 * Counts the first `n` values where they are whole numbers that lie close together: each is counted by its place, and each
 * different one looked for once. False, with nothing counted, where they are others or might pass the limit. Cost O(n).
 */
export function countClose(
  table: ValueTable,
  values: Float64Array,
  { n, min, max }: { n: number } & Extremes,
): boolean {
  const count = max - min + 1;
  if (n < LEAST_CLOSE || !(count <= MOST_PLACES) || table.used + count > TABLE_LIMIT) return false;
  if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max)) return false;
  places.fill(0, 0, count);
  for (let i = 0; i < n; i++) {
    const place = values[i]! - min;
    const at = place | 0;
    if (at !== place) return false;
    places[at]!++;
  }
  for (let at = 0; at < count; at++) {
    if (places[at] === 0) continue;
    addCount(table, min + at, places[at]!);
    if (table.used * ROOM > table.keys.length) enlarge(table);
  }
  return true;
}

function enlarge(table: ValueTable): void {
  const { keys, counts } = table;
  table.keys = new Float64Array(4 * keys.length);
  table.counts = new Float64Array(4 * keys.length);
  table.used = 0;
  for (let s = 0; s < keys.length; s++) if (counts[s] !== 0) addCount(table, keys[s]!, counts[s]!);
}

const word = new Float64Array(1);
const halves = new Uint32Array(word.buffer);

/** Where a value is, or would be. */
function findSlot({ keys, counts }: ValueTable, value: number): number {
  const mask = keys.length - 1;
  word[0] = value;
  let slot = slotOf(halves[0]!, halves[1]!, mask);
  while (counts[slot] !== 0 && keys[slot] !== value) slot = (slot + 1) & mask;
  return slot;
}

function addCount(table: ValueTable, value: number, count: number): void {
  const slot = findSlot(table, value);
  if (table.counts[slot] === 0) {
    table.used++;
    table.keys[slot] = value;
  }
  table.counts[slot]! += count;
}

/** Adds the counts of another table. False, with nothing added, when both have more different values than one may hold. */
export function addTable(into: ValueTable, from: ListedCounts): boolean {
  let used = into.used;
  for (let i = 0; i < from.keys.length; i++) if (into.counts[findSlot(into, from.keys[i]!)] === 0) used++;
  if (used > TABLE_LIMIT) return false;
  for (let i = 0; i < from.keys.length; i++) {
    addCount(into, from.keys[i]!, from.counts[i]!);
    if (into.used * ROOM > into.keys.length) enlarge(into);
  }
  return true;
}

/** The values of a table in some order, and how often each occurs: in a quarter of the room or less. */
export type ListedCounts = { readonly keys: Float64Array; readonly counts: Float64Array };

/** What a table holds. */
export function listTable(table: ValueTable): ListedCounts {
  const keys = new Float64Array(table.used);
  const counts = new Float64Array(table.used);
  let k = 0;
  for (let s = 0; s < table.keys.length; s++) {
    if (table.counts[s] === 0) continue;
    keys[k] = table.keys[s]!;
    counts[k++] = table.counts[s]!;
  }
  return { keys, counts };
}

/** The table as a complete grid. Cost O(k log k). */
export function gridOfTable(table: ValueTable): Grid {
  const edges = radixSort(listTable(table).keys);
  const at = new Float64Array(edges.length);
  for (let i = 0; i < at.length; i++) at[i] = table.counts[findSlot(table, edges[i]!)]!;
  const before = new Float64Array(at.length);
  let n = 0;
  for (let i = 0; i < at.length; i++) {
    before[i] = n;
    n += at[i]!;
  }
  return { n, error: 0, complete: true, edges, before, at };
}
