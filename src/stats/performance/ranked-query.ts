/** The rows of one query, the highest score first. Rows with equal scores have no order among themselves. */
export type RankedQuery = { readonly labels: Float64Array; readonly scores: Float64Array };

/** Runs of equal scores, as `[from, to)` of places. */
export function* tiedRuns(scores: Float64Array): Generator<readonly [from: number, to: number]> {
  for (let from = 0; from < scores.length; ) {
    let to = from + 1;
    while (to < scores.length && scores[to] === scores[from]) to++;
    yield [from, to];
    from = to;
  }
}
