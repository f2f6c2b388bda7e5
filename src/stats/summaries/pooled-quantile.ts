/** Where in the order, and what is subtracted from the values first: far from zero an interpolation would be coarse. */
export type QuantilePlace = { readonly probability: number; readonly origin: number };

/**
 * The quantile of two sorted, non-empty samples taken together, measured from `origin`, with linear interpolation
 * (Hyndman and Fan's type 7, NumPy's default), without putting them together. Cost O(log n).
 */
export function quantileOfPooled(x: Float64Array, y: Float64Array, { probability, origin }: QuantilePlace): number {
  const position = probability * (x.length + y.length - 1);
  const rank = Math.floor(position);
  const fraction = position - rank;
  const lower = orderStatistic(x, y, rank) - origin;
  if (fraction === 0) return lower;
  const upper = orderStatistic(x, y, rank + 1) - origin;
  // NumPy interpolates from the nearer end, which differs in the last bit.
  return fraction < 0.5 ? lower + fraction * (upper - lower) : upper - (1 - fraction) * (upper - lower);
}

/** The value with `rank` values before it: how many of them are from `x` is found by bisection. */
export function orderStatistic(x: Float64Array, y: Float64Array, rank: number): number {
  let low = Math.max(0, rank - y.length);
  let high = Math.min(rank, x.length);
  while (low < high) {
    const i = (low + high) >> 1;
    if (y[rank - i - 1]! > x[i]!) low = i + 1;
    else high = i;
  }
  const [a, b] = [x[low], y[rank - low]];
  if (a === undefined) return b!;
  return b === undefined ? a : Math.min(a, b);
}
