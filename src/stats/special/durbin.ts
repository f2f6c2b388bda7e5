/** A square matrix and the power of two that was taken out of it. */
type Scaled = { readonly m: Float64Array; readonly exponent: number };

const RESCALE = 2 ** 128;

/** Row-major product of two k x k matrices. */
function multiply(a: Float64Array, b: Float64Array, k: number): Float64Array {
  const out = new Float64Array(k * k);
  for (let i = 0; i < k; i++) {
    for (let l = 0; l < k; l++) {
      const x = a[i * k + l]!;
      if (x === 0) continue;
      for (let j = 0; j < k; j++) out[i * k + j]! += x * b[l * k + j]!;
    }
  }
  return out;
}

function product(a: Scaled, b: Scaled, k: number): Scaled {
  const m = multiply(a.m, b.m, k);
  const centre = m[((k - 1) / 2) * (k + 1)]!;
  if (centre <= RESCALE) return { m, exponent: a.exponent + b.exponent };
  for (let i = 0; i < m.length; i++) m[i]! /= RESCALE;
  return { m, exponent: a.exponent + b.exponent + 128 };
}

/**
 * Durbin's matrix for d = (k - h) / n: ones above and on the diagonal band, divided by factorials, with the
 * first column and last row corrected for the fraction h.
 */
function durbinMatrix(k: number, h: number): Float64Array {
  const size = 2 * k - 1;
  const inverse = new Float64Array(size + 1);
  inverse[0] = 1;
  for (let i = 1; i <= size; i++) inverse[i] = inverse[i - 1]! / i;
  const m = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size && j <= i + 1; j++) m[i * size + j] = inverse[i - j + 1]!;
  }
  for (let i = 0; i < size; i++) {
    m[i * size]! -= h ** (i + 1) * inverse[i + 1]!;
    m[(size - 1) * size + i]! -= h ** (size - i) * inverse[size - i]!;
  }
  const corner = Math.max(2 * h - 1, 0) ** size;
  m[(size - 1) * size] = (1 - 2 * h ** size + corner) * inverse[size]!;
  return m;
}

/**
 * P(D < d) for the two-sided one-sample Kolmogorov-Smirnov statistic of `n` rows, by Durbin's matrix (1973)
 * as computed by Marsaglia, Tsang and Wang (2003): the middle element of (n! / n^n) Hⁿ. Accurate to about
 * 13 digits. Cost O((n d)³ log n), so for small n or small n d.
 */
export function durbinCdf(n: number, d: number): number {
  const k = Math.ceil(n * d);
  const size = 2 * k - 1;
  let base: Scaled = { m: durbinMatrix(k, k - n * d), exponent: 0 };
  let power: Scaled | null = null;
  for (let left = n; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) power = power === null ? base : product(power, base, size);
    if (left > 1) base = product(base, base, size);
  }
  if (power === null) return 0;
  let p = power.m[(k - 1) * (size + 1)]!;
  let exponent = power.exponent;
  for (let i = 1; i <= n; i++) {
    p = (p * i) / n;
    if (p < 1 / RESCALE) {
      p *= RESCALE;
      exponent -= 128;
    }
  }
  return Math.min(1, Math.max(0, p * 2 ** exponent));
}
