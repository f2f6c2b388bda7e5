/** The twin of the loop over texts in `cells.ts` of `csv`. */
import { codeOf } from './text-dictionary.ts';

/** Cells of `texts` that hold only a question mark. */
export let questions: i32 = 0;

/**
 * Writes the codes of one column's cells, -1 for an absent one, from row `from` on; unknown texts get the next code.
 * Returns the first row that it did not do: one with doubled quotes, or one for which there is no room.
 */
export function texts(
  starts: usize,
  ends: usize,
  width: i32,
  from: i32,
  to: i32,
  column: i32,
  dictionary: usize,
  codes: usize,
): i32 {
  const step = width << 2;
  let at = (from * width + column) << 2;
  questions = 0;
  for (let row = from; row < to; row++, at += step) {
    const s = load<i32>(starts + at);
    let e = load<i32>(ends + at);
    let code = -1;
    if (e < 0) {
      e = ~e;
      for (let p = s; p < e; p++) if (load<u8>(p) == 34) return row;
    } else if (s == e) {
      store<i32>(codes + ((row - from) << 2), -1);
      continue;
    }
    if (e - s == 1 && load<u8>(s) == 63) questions++;
    else {
      code = codeOf(dictionary, s, e);
      if (code < 0) return row;
    }
    store<i32>(codes + ((row - from) << 2), code);
  }
  return to;
}
