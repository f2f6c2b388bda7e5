import { placeOf } from '../summaries/place-of.ts';
import type { JudgedBin } from './judgement.ts';
import type { NumberSample } from './samples.ts';

/** Rows of a sorted sample below the first edge, in each right-closed bin, and above the last edge. Cost O(edges log n). */
function countSorted(sorted: Float64Array, edges: readonly number[]): number[] {
  const ends = [placeOf(sorted, (v) => v >= edges[0]!)];
  for (let k = 1; k < edges.length; k++) ends.push(placeOf(sorted, (v) => v > edges[k]!));
  ends.push(sorted.length);
  return ends.map((end, k) => end - (ends[k - 1] ?? 0));
}

function label(edges: readonly number[], k: number): string {
  const lower = edges[k]!;
  const upper = edges[k + 1]!;
  if (lower === upper) return String(upper);
  return `${k === 0 ? '[' : '('}${lower}, ${upper}]`;
}

/**
 * Both samples on the reference's stored edges: below, the bins, above, and missing (null or NaN) as bins of
 * their own; the infinities lie below and above. Without edges (a reference without numbers) every number is
 * above.
 */
export function numberBins(reference: NumberSample, window: NumberSample, edges: readonly number[]): JudgedBin[] {
  const missing = {
    kind: 'missing' as const,
    label: 'missing',
    lower: null,
    upper: null,
    reference: reference.nulls + reference.nan,
    window: window.nulls + window.nan,
  };
  const first = edges[0];
  const last = edges[edges.length - 1];
  if (first === undefined || last === undefined) {
    const all = { reference: reference.sorted.length, window: window.sorted.length };
    return [{ kind: 'above', label: 'any number', lower: null, upper: null, ...all }, missing];
  }
  const r = countSorted(reference.sorted, edges);
  const w = countSorted(window.sorted, edges);
  const sides = (k: number) => ({ reference: r[k]!, window: w[k]! });
  const bins: JudgedBin[] = [{ kind: 'below', label: `below ${first}`, lower: null, upper: first, ...sides(0) }];
  for (let k = 0; k + 1 < edges.length; k++) {
    const range = { lower: edges[k]!, upper: edges[k + 1]! };
    bins.push({ kind: 'range', label: label(edges, k), ...range, ...sides(k + 1) });
  }
  bins.push({ kind: 'above', label: `above ${last}`, lower: last, upper: null, ...sides(edges.length) });
  return [...bins, missing];
}
