import { type Column, isValid, type NumberColumn } from '../column.ts';
import { shuffledRows } from '../sampling/shuffle.ts';
import { xoshiro128 } from '../sampling/xoshiro128.ts';
import type { ColumnPair, TablePair } from './table-pair.ts';

/** Rows of a table that are kept at most: measures of whole rows need them all at once. */
const MOST_ROWS = 10_000;
/** Values of a table that are kept, as far as that leaves enough rows: wide tables have fewer of them. */
const MOST_VALUES = 4_000_000;
const LEAST_ROWS = 500;
/** Chance is an argument: the same table gives the same rows for ever. */
const REFERENCE_SEED = 1;
const WINDOW_SEED = 2;

/**
 * The same random rows of every column of two tables, which are given one after another, so that the tables themselves
 * need not be held.
 */
export class TableSample {
  readonly #pairs: ColumnPair[] = [];
  readonly #most: number;
  #reference: Int32Array | null = null;
  #window: Int32Array | null = null;

  constructor(columns: number) {
    this.#most = Math.max(LEAST_ROWS, Math.min(MOST_ROWS, Math.floor(MOST_VALUES / Math.max(1, columns))));
  }

  /** Takes a column in; one of times, or of two kinds, has no place in a row of values. */
  add(name: string, { reference, window }: { readonly reference: Column; readonly window: Column }): void {
    this.#reference ??= drawRows(reference.length, { seed: REFERENCE_SEED, most: this.#most });
    this.#window ??= drawRows(window.length, { seed: WINDOW_SEED, most: this.#most });
    if (reference.kind === 'number' && window.kind === 'number') {
      const sides = { reference: takeNumbers(reference, this.#reference), window: takeNumbers(window, this.#window) };
      this.#pairs.push({ name, ...sides });
    } else if (reference.kind === 'category' && window.kind === 'category') {
      const [r, w] = [this.#reference, this.#window];
      const take = (column: typeof reference, rows: Int32Array) => ({
        ...column,
        length: rows.length,
        codes: Int32Array.from(rows, (row) => column.codes[row]!),
      });
      this.#pairs.push({ name, reference: take(reference, r), window: take(window, w) });
    }
  }

  get pair(): TablePair {
    return this.#pairs;
  }
}

/** In rising order: rows that lie together are read together. */
function drawRows(rows: number, { seed, most }: { readonly seed: number; readonly most: number }): Int32Array {
  return shuffledRows(rows, xoshiro128(seed), most).slice().sort();
}

function takeNumbers(column: NumberColumn, rows: Int32Array): NumberColumn {
  const valid = new Uint8Array(Math.ceil(rows.length / 8));
  const values = new Float64Array(rows.length);
  for (const [i, row] of rows.entries()) {
    if (!isValid(column.valid, row)) continue;
    values[i] = column.values[row]!;
    valid[i >> 3]! |= 1 << (i & 7);
  }
  return { kind: 'number', type: column.type, length: rows.length, values, valid, exact: null };
}
