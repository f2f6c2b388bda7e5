/** Doubles end below 2 to the power of one more. */
const LARGEST_EXPONENT = 1023;

/**
 * A power of two as large as the largest of these numbers is without its sign, to a factor of two: divided by it, which
 * loses nothing, they are neither too large nor too small to be squared. 1 for zeros alone. Finite numbers; cost O(n).
 */
export function scaleOf(values: Float64Array): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return largest === 0 ? 1 : 2 ** Math.min(LARGEST_EXPONENT, Math.floor(Math.log2(largest)));
}
