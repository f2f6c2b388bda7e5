/**
 * One measure of performance with its 95 % confidence interval. Numbers are finite or null; `reason` says why
 * `value` is null. `n`: the rows it rests on.
 */
export type Metric = {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number;
  readonly method: string;
  readonly reason: string | null;
};

/** The two-sided 5 % point of the standard normal distribution. */
export const Z95 = 1.959963984540054;

function finiteOrNull(x: number): number | null {
  return Number.isFinite(x) ? x : null;
}

export function noMetric(method: string, n: number, reason: string): Metric {
  return { value: null, low: null, high: null, n, method, reason };
}

/** A value with its interval, cut off at the bounds that the measure cannot pass. */
export function metric(
  method: string,
  n: number,
  result: { value: number; low: number; high: number; least?: number; most?: number },
): Metric {
  const value = finiteOrNull(result.value);
  if (value === null) return noMetric(method, n, 'the result is beyond the range of numbers');
  const low = finiteOrNull(Math.max(result.least ?? Number.NEGATIVE_INFINITY, result.low));
  const high = finiteOrNull(Math.min(result.most ?? Number.POSITIVE_INFINITY, result.high));
  return { value, low, high, n, method, reason: null };
}

/**
 * A value with its normal interval, value ± z error. An error of 0 means that nothing varied among these rows, which
 * is no certainty about others: there is no interval then, nor where the error is not known (NaN).
 */
export function normalMetric(
  method: string,
  n: number,
  result: { value: number; error: number; least?: number; most?: number },
): Metric {
  const { value, error, ...bounds } = result;
  const half = error > 0 ? Z95 * error : Number.NaN;
  return metric(method, n, { value, low: value - half, high: value + half, ...bounds });
}

/** A share of rows with Wilson's score interval (1927), which stays inside [0, 1] and serves small n. */
export function shareMetric(method: string, hits: number, n: number): Metric {
  if (n === 0) return noMetric(method, n, 'no row to take a share of');
  const share = hits / n;
  const z2 = Z95 * Z95;
  const middle = (share + z2 / (2 * n)) / (1 + z2 / n);
  const half = (Z95 / (1 + z2 / n)) * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n));
  return metric(method, n, { value: share, low: middle - half, high: middle + half, least: 0, most: 1 });
}

/** A mean of losses with its normal interval: mean ± z s / √n; no interval for a single row. */
export function meanMetric(method: string, losses: Float64Array, n: number): Metric {
  if (n === 0) return noMetric(method, n, 'no row to take a mean of');
  const { mean, error } = meanAndError(losses, n);
  return metric(method, n, { value: mean, low: mean - Z95 * error, high: mean + Z95 * error, least: 0 });
}

/** Mean of the first `n` values and its standard error, NaN for a single one. */
export function meanAndError(values: Float64Array, n: number): { mean: number; error: number } {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += values[i]!;
  const mean = sum / n;
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (values[i]! - mean) ** 2;
  return { mean, error: n > 1 ? Math.sqrt(squares / (n - 1) / n) : Number.NaN };
}
