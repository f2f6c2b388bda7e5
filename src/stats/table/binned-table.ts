import { radixSort } from '../summaries/radix-sort.ts';
import { type ColumnPair, isNumberPair, numberAt, textAt } from './table-pair.ts';

/** Rows of both tables that are used, by number. */
export type UsedRows = { readonly reference: Int32Array; readonly window: Int32Array };

/** A column as small codes, the reference's used rows first. The last bin is that of missing values. */
export type BinnedFeature = {
  readonly name: string;
  /** Whether the bins but the last have an order that means something. */
  readonly ordered: boolean;
  readonly bins: number;
  readonly codes: Uint8Array;
};

/** Bins of a column besides the one for missing values. */
const BINS = 63;

/**
 * Puts a column into at most 63 bins and one for missing: numbers by quantiles of both tables together, texts by
 * frequency in both, the rarer ones sharing the last of the 63. Cost O(rows log rows).
 */
export function binFeature(pair: ColumnPair, rows: UsedRows): BinnedFeature {
  return isNumberPair(pair) ? binNumbers(pair, rows) : binTexts(pair, rows);
}

function binNumbers(pair: Extract<ColumnPair, { reference: { kind: 'number' } }>, rows: UsedRows): BinnedFeature {
  const n = rows.reference.length;
  const values = new Float64Array(n + rows.window.length);
  for (const [i, row] of rows.reference.entries()) values[i] = numberAt(pair.reference, row);
  for (const [i, row] of rows.window.entries()) values[n + i] = numberAt(pair.window, row);
  const edges = quantileEdges(values, n);
  const missing = edges.length + 1;
  const codes = Uint8Array.from(values, (v) => (Number.isNaN(v) ? missing : binOf(edges, v)));
  return { name: pair.name, ordered: true, bins: missing + 1, codes };
}

/**
 * Lower edges of the bins but the first: quantiles of all values, and where the reference begins and where what lies beyond
 * it does, so that no bin holds both a table's end and the other table.
 */
function quantileEdges(values: Float64Array, n: number): number[] {
  const isNumber = (v: number): boolean => !Number.isNaN(v);
  const reference = radixSort(values.slice(0, n).filter(isNumber));
  const sorted = radixSort(values.filter(isNumber));
  const [least, most] = [reference[0], reference[reference.length - 1]];
  const beyond = most === undefined ? undefined : sorted[binOf(sorted, most)];
  const edges = new Set([least, beyond].filter((edge) => edge !== undefined));
  for (let b = 1; b + 2 < BINS; b++) {
    const edge = sorted[Math.floor((b * sorted.length) / (BINS - 2))];
    if (edge !== undefined) edges.add(edge);
  }
  const [first] = sorted;
  return [...edges].filter((edge) => edge !== first).sort((a, b) => a - b);
}

/** How many edges are at most `v`. */
function binOf(edges: ArrayLike<number>, v: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (edges[mid]! <= v) low = mid + 1;
    else high = mid;
  }
  return low;
}

function binTexts(pair: Extract<ColumnPair, { reference: { kind: 'category' } }>, rows: UsedRows): BinnedFeature {
  const texts: (string | null)[] = [];
  for (const row of rows.reference) texts.push(textAt(pair.reference, row));
  for (const row of rows.window) texts.push(textAt(pair.window, row));
  const counts = new Map<string, number>();
  for (const text of texts) if (text !== null) counts.set(text, (counts.get(text) ?? 0) + 1);
  const order = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([text]) => text);
  const own = new Map(order.slice(0, BINS - 1).map((text, code) => [text, code]));
  const other = own.size;
  const missing = order.length > own.size ? other + 1 : other;
  const codes = Uint8Array.from(texts, (text) => (text === null ? missing : (own.get(text) ?? other)));
  return { name: pair.name, ordered: false, bins: missing + 1, codes };
}
