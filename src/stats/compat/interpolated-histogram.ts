import { type CountedQuantiles, sketchedQuantiles } from './quantile-sketch.ts';

/** Values from `low` to `high`; one point, or an infinity, where both are the same. */
export type Bucket = { readonly low: number; readonly high: number; readonly count: number };

const BUCKETS = 10;
const QUANTILES = 1000;

/**
 * TFDV's standard histogram of `values`, of which none is NaN, in the order of their rows: ten buckets of equal width
 * over the finite ones, with counts that are interpolated between a thousand quantiles of its sketch; infinities have
 * buckets of their own. Source: its `utils/quantiles_util.py`. Cost O(n log n).
 */
export function interpolatedHistogram(values: Float64Array): Bucket[] {
  const finite = { min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY };
  let above = 0;
  for (const value of values) {
    if (value === Number.POSITIVE_INFINITY) above++;
    if (!Number.isFinite(value)) continue;
    finite.min = Math.min(finite.min, value);
    finite.max = Math.max(finite.max, value);
  }
  if (finite.min > finite.max) return [{ low: finite.min, high: finite.max, count: values.length }];
  const edges = edgesOf(finite);
  if (!edges.every(Number.isFinite)) return [];
  const { below, quantiles } = finitePart(sketchedQuantiles(values, QUANTILES), above, finite.max);
  const spread = spreadOf(quantiles);
  const buckets = edges.slice(1).map((high, i): Bucket => {
    const low = edges[i]!;
    return { low, high, count: spread.reduce((sum, one) => sum + one.count * shareIn(one, { low, high }, i === 0), 0) };
  });
  return [...infinite(Number.NEGATIVE_INFINITY, below), ...buckets, ...infinite(Number.POSITIVE_INFINITY, above)];
}

const infinite = (end: number, count: number): Bucket[] => (count === 0 ? [] : [{ low: end, high: end, count }]);

/** As `numpy.linspace` has them. */
function edgesOf({ min, max }: { readonly min: number; readonly max: number }): number[] {
  if (min === max) return [min, max];
  const step = (max - min) / BUCKETS;
  return Array.from({ length: BUCKETS + 1 }, (_, i) => (i === BUCKETS ? max : i * step + min));
}

/** The quantiles but infinities, and how many values are below those: a quantile may be infinite before all above are. */
function finitePart({ values, counts }: CountedQuantiles, above: number, max: number) {
  const first = values.lastIndexOf(Number.NEGATIVE_INFINITY) + 1;
  const below = first === 0 ? 0 : counts[first - 1]!;
  const found = {
    values: [...values.subarray(first)],
    counts: [...counts.subarray(first)].map((count) => count - below),
  };
  if (above === 0) return { below, quantiles: found };
  const end = found.values.indexOf(Number.POSITIVE_INFINITY);
  const last = found.counts[found.counts.length - 1]! - above;
  const cut = end === -1 ? found.values.length : end;
  const quantiles = {
    values: [...found.values.slice(0, cut), max],
    counts: [...found.counts.slice(0, cut), last],
  };
  return { below, quantiles };
}

/**
 * How values are spread between their quantiles: what lies between equal ones goes in equal parts to all intervals that
 * end there, the values at the lower end to the first.
 */
function spreadOf({ values, counts }: { readonly values: readonly number[]; readonly counts: readonly number[] }) {
  const spread = values.slice(1).map((high, i) => ({ low: values[i]!, high, count: counts[i + 1]! - counts[i]! }));
  for (let start = 0; start < spread.length; ) {
    let end = start + 1;
    while (end < spread.length && spread[end]!.high === spread[start]!.high) end++;
    const sum = spread.slice(start, end).reduce((all, { count }) => all + count, 0);
    for (let i = start; i < end; i++) spread[i]!.count = sum / (end - start);
    start = end;
  }
  const alike = spread.findIndex(({ low, high }) => low !== spread[0]!.low || high !== spread[0]!.high);
  const first = alike === -1 ? spread.length : alike;
  for (let i = 0; i < first; i++) spread[i]!.count += counts[0]! / first;
  return spread;
}

type Interval = { readonly low: number; readonly high: number };

/** The share of an interval that lies in another; a point at an edge belongs to what is below, at the first one to that. */
function shareIn(one: Interval, { low, high }: Interval, first: boolean): number {
  const point = one.low === one.high;
  if (point && one.high === low) return first ? 1 : 0;
  if (one.high < low || one.low > high) return 0;
  if (low <= one.low && one.high <= high) return 1;
  return (Math.min(high, one.high) - Math.max(low, one.low)) / (one.high - one.low);
}
