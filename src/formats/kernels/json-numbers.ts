/** The twin of the loop over numbers in `columns.ts` of `json`. */
import { DECIMAL, INTEGER } from './json-values.ts';

/** The kinds of the cells that `cellNumbers` went over: bit `kind` for each. */
export let seenKinds: i32 = 0;

/**
 * Writes the doubles of some cells that are `stride` apart, from row `from` on. Rows without a number, or with one that
 * is still open or beyond 2^53, are written to `oddRows`, counted from `from`, and their number returned; so is `3.0`
 * in a column of integers. Their slots are 0. `whole`: the column is int64, where -0 is 0.
 */
export function cellNumbers(
  kinds: usize,
  doubles: usize,
  stride: i32,
  from: i32,
  to: i32,
  slot: i32,
  whole: i32,
  out: usize,
  oddRows: usize,
): i32 {
  const plain = whole ? 1 << INTEGER : (1 << INTEGER) | (1 << DECIMAL);
  // Added to -0 it makes 0 of it, or leaves it as it is.
  const zero: f64 = whole ? 0 : -0.0;
  let seen = 0;
  let odds = 0;
  let cell = from * stride + slot;
  for (let i = 0; i < to - from; i++, cell += stride) {
    const kind = 1 << <i32>load<u8>(kinds + cell);
    const value = load<f64>(doubles + (cell << 3));
    seen |= kind;
    const odd = (kind & plain) == 0 || value != value;
    // Written always and counted only if odd: cheaper than to guess which are.
    store<i32>(oddRows + (odds << 2), i);
    odds += i32(odd);
    store<f64>(out + (i << 3), odd ? 0 : value + zero);
  }
  seenKinds = seen;
  return odds;
}
