/** The first place of a sorted sample from which on all values are `beyond`. Cost O(log n). */
export function placeOf(sorted: Float64Array, beyond: (v: number) => boolean): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (beyond(sorted[middle]!)) to = middle;
    else from = middle + 1;
  }
  return from;
}
