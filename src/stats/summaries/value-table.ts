import type { Grid } from './point-gap-grid.ts';

const SLOTS = 16_384;
/** Different values that are counted exactly, whatever the number of rows. */
const TABLE_LIMIT = 4_096;

/** Exact counts of finite numbers (never -0) in an open-addressing hash table with linear probing. */
export type ValueTable = { readonly keys: Float64Array; readonly counts: Float64Array; used: number };

export function emptyTable(): ValueTable {
  return { keys: new Float64Array(SLOTS), counts: new Float64Array(SLOTS), used: 0 };
}

/**
 * Counts `values[from … n)`; returns how far it came: `n`, or less when one more different value would pass the
 * limit. Cost O(1) a value.
 */
export function countValues(table: ValueTable, values: Float64Array, options: { from: number; n: number }): number {
  const { keys, counts } = table;
  const words = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
  for (let i = options.from; i < options.n; i++) {
    const v = values[i]!;
    const h = Math.imul(words[2 * i]! ^ Math.imul(words[2 * i + 1]!, 0x9e3779b1), 0x85ebca6b);
    let slot = (h ^ (h >>> 15)) & (SLOTS - 1);
    while (counts[slot] !== 0 && keys[slot] !== v) slot = (slot + 1) & (SLOTS - 1);
    if (counts[slot] === 0) {
      if (table.used === TABLE_LIMIT) return i;
      table.used++;
      keys[slot] = v;
    }
    counts[slot]!++;
  }
  return options.n;
}

/** The table as a complete grid. Cost O(k log k). */
export function gridOfTable(table: ValueTable): Grid {
  const used: number[] = [];
  for (let s = 0; s < SLOTS; s++) if (table.counts[s] !== 0) used.push(s);
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
