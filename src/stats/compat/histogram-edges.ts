import { moments } from './moments.ts';

/** The smallest and the largest of sorted, finite values. */
type Range = { readonly first: number; readonly last: number };

/**
 * `numpy.linspace` from end to end: `bins` equal steps, the last edge being the end itself. A range without width
 * becomes one of width 1 around it, as in `numpy.histogram_bin_edges`.
 */
function equalEdges({ first, last }: Range, bins: number): Float64Array {
  const [from, to] = first === last ? [first - 0.5, last + 0.5] : [first, last];
  const step = (to - from) / bins;
  return Float64Array.from({ length: bins + 1 }, (_, i) => (i === bins ? to : i * step + from));
}

const rangeOf = (sorted: Float64Array): Range => ({ first: sorted[0]!, last: sorted[sorted.length - 1]! });

function edgesOfWidth(sorted: Float64Array, width: number): Float64Array {
  const range = rangeOf(sorted);
  return equalEdges(range, width > 0 ? Math.ceil((range.last - range.first) / width) : 1);
}

/**
 * NumPy's `histogram_bin_edges(…, 'doane')` of sorted, finite values: Sturges' rule (log2(n) + 1 equal widths) widened by the
 * skewness. Source: Doane (1976), as coded in NumPy 2.
 */
export function doaneEdges(sorted: Float64Array): Float64Array {
  const n = sorted.length;
  const { std, skewness } = moments(sorted);
  if (n <= 2 || !(std > 0)) return edgesOfWidth(sorted, 0);
  const spread = Math.sqrt((6 * (n - 2)) / ((n + 1) * (n + 3)));
  const { first, last } = rangeOf(sorted);
  return edgesOfWidth(sorted, (last - first) / (1 + Math.log2(n) + Math.log2(1 + Math.abs(skewness) / spread)));
}

/** Counts in `[e0, e1), [e1, e2), … [ek-1, ek]`, as `numpy.histogram`; values outside are not counted. */
export function countInEdges(sorted: Float64Array, edges: Float64Array): Float64Array {
  const counts = new Float64Array(edges.length - 1);
  const last = edges.length - 1;
  let below = firstNotBelow(sorted, edges[0]!);
  for (let i = 1; i <= last; i++) {
    const upTo = i === last ? firstAbove(sorted, edges[i]!) : firstNotBelow(sorted, edges[i]!);
    counts[i - 1] = Math.max(0, upTo - below);
    below = upTo;
  }
  return counts;
}

function firstNotBelow(sorted: Float64Array, value: number): number {
  return search(sorted, (x) => x >= value);
}

function firstAbove(sorted: Float64Array, value: number): number {
  return search(sorted, (x) => x > value);
}

function search(sorted: Float64Array, reached: (x: number) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (reached(sorted[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}
