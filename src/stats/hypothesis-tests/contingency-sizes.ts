/** The sizes of a 2 x k table of counts: its row totals and how many columns have a count. */
type ContingencySizes = { readonly n: number; readonly m: number; readonly used: number };

/** Null when a row is empty or fewer than two columns have a count: then there is nothing to test. Cost O(k). */
export function contingencySizes(x: ArrayLike<number>, y: ArrayLike<number>): ContingencySizes | null {
  let n = 0;
  let m = 0;
  let used = 0;
  for (let i = 0; i < x.length; i++) {
    n += x[i]!;
    m += y[i]!;
    if (x[i]! + y[i]! > 0) used++;
  }
  return n === 0 || m === 0 || used < 2 ? null : { n, m, used };
}
