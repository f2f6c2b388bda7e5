/** Ranks from 1 of the rows in rising `order`, tied values at their middle one; NaN for rows that are not in it. */
export function middleRanks(values: Float64Array, order: Uint32Array): Float64Array {
  const found = new Float64Array(values.length).fill(Number.NaN);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (let k = from; k < to; k++) found[order[k]!] = (from + to + 1) / 2;
    from = to;
  }
  return found;
}
