/** The twin of the loop over times in `cells.ts` of `csv`. */
import { instant, time } from './time-text.ts';

/** Evidence bits (see `csv/types.ts`) of the cells that were plain. */
export let seenTimes: i32 = 0;
/** How many cells there was nothing in. */
export let absentTimes: i32 = 0;

/**
 * Reads the cells of one column as points in time. Rows of other cells go to `oddRows`, and their number is returned; those
 * without anything in the cell go there as by `numbers`.
 */
export function times(
  starts: usize,
  ends: usize,
  width: i32,
  from: i32,
  to: i32,
  column: i32,
  out: usize,
  oddRows: usize,
): i32 {
  let odds = 0;
  let absents = 0;
  let evidence = 0;
  const step = width << 2;
  let at = (from * width + column) << 2;
  for (let i = 0; i < to - from; i++, at += step) {
    const s = load<i32>(starts + at);
    let e = load<i32>(ends + at);
    if (e < 0) e = ~e;
    if (s == e) {
      store<f64>(out + (i << 3), 0);
      store<i32>(oddRows + ((to - from - ++absents) << 2), i);
      continue;
    }
    const kind = time(s, e);
    if (kind == 0) {
      // Left to the careful reader, with 0 in its slot.
      store<f64>(out + (i << 3), 0);
      store<i32>(oddRows + (odds << 2), i);
      odds++;
      continue;
    }
    evidence |= kind;
    store<f64>(out + (i << 3), instant);
  }
  seenTimes = evidence;
  absentTimes = absents;
  return odds;
}
