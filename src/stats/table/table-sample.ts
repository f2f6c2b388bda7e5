import { type CategoryColumn, type Column, isValid, type NumberColumn } from '../column.ts';
import { shuffledRows } from '../sampling/shuffle.ts';
import { xoshiro128 } from '../sampling/xoshiro128.ts';
import type { ColumnPair } from './table-pair.ts';

/** Rows of a table that are kept at most: measures of whole rows need them all at once. */
const MOST_ROWS = 10_000;
/** Values of a table that are kept, as far as that leaves enough rows: wide tables have fewer of them. */
const MOST_VALUES = 4_000_000;
const LEAST_ROWS = 500;
/** Chance is an argument: the same table gives the same rows for ever. */
const REFERENCE_SEED = 1;
const WINDOW_SEED = 2;

export type Sides = { readonly reference: Column; readonly window: Column };

/**
 * The same random rows of every column of two tables with so many columns, which come one after another, so that the
 * tables themselves need not be held. Null for a column of times, or of two kinds: it has no place in a row of values.
 */
export function samplePair(name: string, { reference, window }: Sides, columns: number): ColumnPair | null {
  const most = sampledRows(columns);
  const r = drawRows(reference.length, { seed: REFERENCE_SEED, most });
  const w = drawRows(window.length, { seed: WINDOW_SEED, most });
  if (reference.kind === 'number' && window.kind === 'number') {
    return { name, reference: takeNumbers(reference, r), window: takeNumbers(window, w) };
  }
  if (reference.kind === 'category' && window.kind === 'category') {
    return { name, reference: takeCodes(reference, r), window: takeCodes(window, w) };
  }
  return null;
}

/** Rows of each side that are kept of a table of so many columns. */
export const sampledRows = (columns: number): number =>
  Math.max(LEAST_ROWS, Math.min(MOST_ROWS, Math.floor(MOST_VALUES / Math.max(1, columns))));

type Draw = { readonly seed: number; readonly most: number };

const drawn = new Map<string, Int32Array>();
/** Draws that are remembered: those of both sides, and of a table beside them. */
const MOST_DRAWN = 4;

/** In rising order: rows that lie together are read together. Remembered, since the next column has the same rows. */
function drawRows(rows: number, { seed, most }: Draw): Int32Array {
  const key = `${rows} ${seed} ${most}`;
  const known = drawn.get(key) ?? shuffledRows(rows, xoshiro128(seed), most).slice().sort();
  if (drawn.size >= MOST_DRAWN) drawn.clear();
  drawn.set(key, known);
  return known;
}

/** With the texts that these rows have, in the order that the column has them in. */
function takeCodes({ type, codes, dictionary }: CategoryColumn, rows: Int32Array): CategoryColumn {
  const taken = rows.map((row) => codes[row]!);
  const renamed = new Int32Array(dictionary.length);
  for (let i = 0; i < taken.length; i++) if (taken[i]! >= 0) renamed[taken[i]!] = 1;
  const texts: string[] = [];
  for (let code = 0; code < renamed.length; code++) {
    if (renamed[code] === 0) continue;
    renamed[code] = texts.length;
    texts.push(dictionary[code]!);
  }
  for (let i = 0; i < taken.length; i++) taken[i] = taken[i]! < 0 ? -1 : renamed[taken[i]!]!;
  return { kind: 'category', type, length: rows.length, codes: taken, dictionary: texts };
}

function takeNumbers(column: NumberColumn, rows: Int32Array): NumberColumn {
  const valid = new Uint8Array(Math.ceil(rows.length / 8));
  const values = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    if (!isValid(column.valid, row)) continue;
    values[i] = column.values[row]!;
    valid[i >> 3]! |= 1 << (i & 7);
  }
  return { kind: 'number', type: column.type, length: rows.length, values, valid, exact: null };
}
