import { normalTail } from './normal.ts';

/** Within so many deviations of the mean the tail is that of its limit there: what it is made of else is 0 / 0. */
const NEAR_MEAN = 1e-4;

/** The cumulant generating function K(s) = -½ Σ ln(1 - 2 s λ) of Σ λ χ²₁, and its derivatives. */
type Cumulants = { readonly value: number; readonly first: number; readonly second: number };

/**
 * P(Σ λ χ²₁ > x) for weights λ >= 0, by Lugannani and Rice's saddlepoint (1980; Kuonen 1999, Biometrika 86): with K'(s) = x,
 * w = ±√(2 (s x - K(s))) and v = s √K''(s), the normal tail of w + ln(v / w) / w. Right to 9 % down to 1e-5 whatever the
 * weights, where a gamma law with the same mean and variance is too small a hundred times for one large weight among many
 * small ones. Cost O(weights), some fifty times.
 */
export function chiSquareSumTail(weights: Float64Array, x: number): number {
  const largest = weights.reduce((most, weight) => Math.max(most, weight), 0);
  if (!(largest > 0)) return x > 0 ? 0 : 1;
  if (!(x > 0)) return 1;
  const units = scaled(weights, largest);
  return tailAt(units, saddleOf(units, x / largest));
}

/** The x that Σ λ χ²₁ exceeds with that chance by the same law, 0 < tail < 1; 0 without a weight. */
export function chiSquareSumPoint(weights: Float64Array, tail: number): number {
  const largest = weights.reduce((most, weight) => Math.max(most, weight), 0);
  if (!(largest > 0)) return 0;
  const units = scaled(weights, largest);
  return (
    largest *
    cumulantsAt(
      units,
      bisected((gap) => tailAt(units, gap) < tail),
    ).first
  );
}

/** In units of the largest, so that s lies below ½. */
const scaled = (weights: Float64Array, largest: number): Float64Array => weights.map((weight) => weight / largest);

/** At s = ½ - gap: far out in the tail s is ½ to a double, and the gap is all that counts. */
function cumulantsAt(weights: Float64Array, gap: number): Cumulants {
  let [value, first, second] = [0, 0, 0];
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i]!;
    const rest = 1 - weight + 2 * gap * weight;
    const part = weight / rest;
    value -= Math.log(rest) / 2;
    first += part;
    second += 2 * part * part;
  }
  return { value, first, second };
}

const saddleOf = (weights: Float64Array, x: number): number => bisected((gap) => cumulantsAt(weights, gap).first > x);

/** The largest gap: what lies beyond it is 1 to a double. */
const FARTHEST = 1e30;

/** The gap up to which something holds, which does not after. */
function bisected(holds: (gap: number) => boolean): number {
  let far = 1;
  while (holds(far) && far < FARTHEST) far *= 4;
  let near = 0;
  // Between neighbours among the least doubles there is none.
  while (far - near > Math.max(1e-15 * far, Number.MIN_VALUE)) {
    const middle = near + (far - near) / 2;
    if (holds(middle)) near = middle;
    else far = middle;
  }
  return far;
}

function tailAt(weights: Float64Array, gap: number): number {
  const s = 0.5 - gap;
  const { value, first, second } = cumulantsAt(weights, gap);
  const size = Math.sqrt(Math.max(0, 2 * (s * first - value)));
  if (size < NEAR_MEAN) return normalTail(Math.sign(s) * size + skewnessOf(weights) / 6);
  const w = Math.sign(s) * size;
  return normalTail(w + Math.log((s * Math.sqrt(second)) / w) / w);
}

function skewnessOf(weights: Float64Array): number {
  let [squares, cubes] = [0, 0];
  for (let i = 0; i < weights.length; i++) {
    squares += weights[i]! ** 2;
    cubes += weights[i]! ** 3;
  }
  return (8 * cubes) / (2 * squares) ** 1.5;
}
