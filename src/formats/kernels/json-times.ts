/** The twin of the loop over times in `columns.ts` of `json`. */
import { TEXT } from './json-values.ts';
import { instant, time } from './time-text.ts';

/** Evidence bits of the cells that `cellTimes` read. */
export let seenCellTimes: i32 = 0;

/**
 * Reads some cells that are `stride` apart, from row `from` on, as points in time. Rows of cells that are no text, or
 * none that is plain, are written to `oddRows`, counted from `from`, and their number returned; their
 * slots are 0.
 */
export function cellTimes(
  starts: usize,
  ends: usize,
  kinds: usize,
  stride: i32,
  from: i32,
  to: i32,
  slot: i32,
  out: usize,
  oddRows: usize,
): i32 {
  let seen = 0;
  let odds = 0;
  let cell = from * stride + slot;
  for (let i = 0; i < to - from; i++, cell += stride) {
    // The bounds of an absent cell are those of a former one.
    const isText = load<u8>(kinds + cell) == TEXT;
    const evidence = isText ? time(load<i32>(starts + (cell << 2)), load<i32>(ends + (cell << 2))) : 0;
    if (evidence == 0) {
      store<f64>(out + (i << 3), 0);
      store<i32>(oddRows + (odds << 2), i);
      odds++;
      continue;
    }
    seen |= evidence;
    store<f64>(out + (i << 3), instant);
  }
  seenCellTimes = seen;
  return odds;
}
