import type { Grid } from './point-gap-grid.ts';

const FIRST_SLOTS = 1_024;
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

function enlarge(table: ValueTable): void {
  const { keys, counts } = table;
  table.keys = new Float64Array(4 * keys.length);
  table.counts = new Float64Array(4 * keys.length);
  table.used = 0;
  for (let s = 0; s < keys.length; s++) if (counts[s] !== 0) addCount(table, keys[s]!, counts[s]!);
}

const word = new Float64Array(1);
const halves = new Uint32Array(word.buffer);

function addCount(table: ValueTable, value: number, count: number): void {
  const mask = table.keys.length - 1;
  word[0] = value;
  let slot = slotOf(halves[0]!, halves[1]!, mask);
  while (table.counts[slot] !== 0 && table.keys[slot] !== value) slot = (slot + 1) & mask;
  if (table.counts[slot] === 0) {
    table.used++;
    table.keys[slot] = value;
  }
  table.counts[slot]! += count;
}

/** The counts of both tables, or null when together they have more different values than one may hold. */
export function mergedTable(a: ValueTable, b: ValueTable): ValueTable | null {
  const [into, from] = a.used >= b.used ? [a, b] : [b, a];
  const merged: ValueTable = { keys: into.keys.slice(), counts: into.counts.slice(), used: into.used };
  for (let s = 0; s < from.keys.length; s++) {
    if (from.counts[s] === 0) continue;
    addCount(merged, from.keys[s]!, from.counts[s]!);
    if (merged.used > TABLE_LIMIT) return null;
    if (merged.used * ROOM > merged.keys.length) enlarge(merged);
  }
  return merged;
}

/** The table as a complete grid. Cost O(k log k). */
export function gridOfTable(table: ValueTable): Grid {
  const used: number[] = [];
  for (let s = 0; s < table.keys.length; s++) if (table.counts[s] !== 0) used.push(s);
  used.sort((a, b) => table.keys[a]! - table.keys[b]!);
  const edges = Float64Array.from(used, (s) => table.keys[s]!);
  const at = Float64Array.from(used, (s) => table.counts[s]!);
  const before = new Float64Array(used.length);
  let n = 0;
  for (let i = 0; i < at.length; i++) {
    before[i] = n;
    n += at[i]!;
  }
  return { n, error: 0, complete: true, edges, before, at };
}
