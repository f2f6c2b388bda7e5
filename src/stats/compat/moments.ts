/** Mean, standard deviation (dividing by n) and skewness of values, in two passes as NumPy takes them. */
export function moments(values: Float64Array): { mean: number; std: number; skewness: number } {
  const n = values.length;
  let sum = 0;
  for (const x of values) sum += x;
  const mean = sum / n;
  let m2 = 0;
  let m3 = 0;
  for (const x of values) {
    const d = x - mean;
    m2 += d * d;
    m3 += d * d * d;
  }
  const std = Math.sqrt(m2 / n);
  return { mean, std, skewness: std > 0 ? m3 / n / std ** 3 : 0 };
}
