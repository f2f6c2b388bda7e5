import { scaleOf } from './scale-of.ts';

/**
 * 1 - cosine of the angle between two vectors of one length, from 0 to 2; null when one of them is 0. Each is measured in
 * a power of two of its own size, so that squares are neither lost nor too large. Cost O(length).
 */
export function cosineDistance(a: Float64Array, b: Float64Array): number | null {
  const [u, v] = [scaled(a), scaled(b)];
  const norms = Math.hypot(...u) * Math.hypot(...v);
  const dot = u.reduce((sum, value, j) => sum + value * v[j]!, 0);
  return norms > 0 ? Math.max(0, 1 - dot / norms) : null;
}

function scaled(vector: Float64Array): Float64Array {
  const scale = scaleOf(vector);
  return vector.map((value) => value / scale);
}
