import { radixSort } from '../summaries/radix-sort.ts';
import { type ColumnPair, isNumberPair, numberAt, rowsOf, type TablePair, textAt } from './table-pair.ts';

/** What holds of a row: a number from `lower` (included) to `upper` (not included), a text, or no value at all. */
export type SliceCondition = {
  readonly column: string;
  readonly kind: 'range' | 'value' | 'missing';
  readonly lower: number | null;
  readonly upper: number | null;
  readonly value: string | null;
};

/** A column as few codes, the reference's rows first, and the runs of codes that can be put into words. */
export type SliceColumn = {
  readonly name: string;
  readonly bins: number;
  readonly codes: Uint8Array;
  /** The reference has no value here at all: what it tells apart are rows of the window alone. */
  readonly windowOnly: boolean;
  readonly runs: readonly { readonly from: number; readonly to: number; readonly condition: SliceCondition }[];
};

/** Bins of numbers besides the one for missing: sixteenths of both tables together. */
const RANGES = 16;
/** Texts that can be named; the rarer ones share a bin without a name. */
const TEXTS = 30;

/** Both tables in few bins. Cost O(columns · rows log rows). */
export function sliceColumns(pair: TablePair): SliceColumn[] {
  const { n, m } = rowsOf(pair);
  return pair.map((column) => (isNumberPair(column) ? rangesOf(column, n, m) : textsOf(column, n, m)));
}

/** A number of each row, the reference's first, as few codes; nothing that could be put into words. */
export function scoreColumn(name: string, scores: Float64Array): SliceColumn {
  const edges = quantileEdges(scores);
  const missing = edges.length + 1;
  const codes = Uint8Array.from(scores, (score) => (Number.isNaN(score) ? missing : edgesUpTo(edges, score)));
  return { name, bins: missing + 1, codes, windowOnly: false, runs: [] };
}

const condition = (column: string, given: Partial<SliceCondition> & Pick<SliceCondition, 'kind'>): SliceCondition => ({
  column,
  lower: null,
  upper: null,
  value: null,
  ...given,
});

function rangesOf(pair: Extract<ColumnPair, { reference: { kind: 'number' } }>, n: number, m: number): SliceColumn {
  const { name } = pair;
  const values = new Float64Array(n + m);
  for (let i = 0; i < n; i++) values[i] = numberAt(pair.reference, i);
  for (let i = 0; i < m; i++) values[n + i] = numberAt(pair.window, i);
  const edges = quantileEdges(values);
  const missing = edges.length + 1;
  const codes = Uint8Array.from(values, (v) => (Number.isNaN(v) ? missing : edgesUpTo(edges, v)));
  const runs = [{ from: missing, to: missing, condition: condition(name, { kind: 'missing' }) }];
  for (let from = 0; from < missing; from++) {
    for (let to = from; to < missing; to++) {
      // All of the numbers are no slice of them.
      if (from === 0 && to === missing - 1) continue;
      const bounds = { lower: edges[from - 1] ?? null, upper: edges[to] ?? null };
      runs.push({ from, to, condition: condition(name, { kind: 'range', ...bounds }) });
    }
  }
  return { name, bins: missing + 1, codes, windowOnly: false, runs };
}

/** Lower ends of the bins but the first. */
function quantileEdges(values: Float64Array): number[] {
  const sorted = radixSort(values.filter((v) => !Number.isNaN(v)));
  const edges = new Set<number>();
  for (let b = 1; b < RANGES; b++) {
    const edge = sorted[Math.floor((b * sorted.length) / RANGES)];
    if (edge !== undefined && edge > sorted[0]!) edges.add(edge);
  }
  // What fills the first bin alone, as zeros often do, is told from what lies above it.
  const [first] = sorted;
  const above = sorted.find((v) => v > first!);
  if (above !== undefined && edges.size > 0) edges.add(above);
  return [...edges].sort((a, b) => a - b);
}

function edgesUpTo(edges: readonly number[], v: number): number {
  let count = 0;
  while (count < edges.length && edges[count]! <= v) count++;
  return count;
}

function textsOf(pair: Extract<ColumnPair, { reference: { kind: 'category' } }>, n: number, m: number): SliceColumn {
  const { name } = pair;
  const texts: (string | null)[] = [];
  for (let i = 0; i < n; i++) texts.push(textAt(pair.reference, i));
  for (let i = 0; i < m; i++) texts.push(textAt(pair.window, i));
  const counts = new Map<string, number>();
  for (const text of texts) if (text !== null) counts.set(text, (counts.get(text) ?? 0) + 1);
  const order = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const own = new Map(order.slice(0, TEXTS).map(([text], code) => [text, code]));
  const other = own.size;
  const missing = other + 1;
  const codes = Uint8Array.from(texts, (text) => (text === null ? missing : (own.get(text) ?? other)));
  const runs = [...own].map(([value, code]) => ({
    from: code,
    to: code,
    condition: condition(name, { kind: 'value', value }),
  }));
  runs.push({ from: missing, to: missing, condition: condition(name, { kind: 'missing' }) });
  const windowOnly = n > 0 && m > 0 && codes.subarray(0, n).every((code) => code === missing);
  return { name, bins: missing + 1, codes, windowOnly, runs };
}
