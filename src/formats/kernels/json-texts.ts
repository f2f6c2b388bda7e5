/** The twin of the loop over texts in `columns.ts` of `json`. */
import { ESCAPED, NULL, NUMBERS } from './json-values.ts';
import { codeOf } from './text-dictionary.ts';

/**
 * Writes the codes of some cells that are `stride` apart, -1 for an absent one, from row `from` on; unknown texts get
 * the next code. Returns the first row that it did not do: one whose text is not what stands there, or one for which
 * there is no room.
 */
export function cellTexts(
  starts: usize,
  ends: usize,
  kinds: usize,
  stride: i32,
  from: i32,
  to: i32,
  slot: i32,
  dictionary: usize,
  codes: usize,
): i32 {
  let cell = from * stride + slot;
  for (let row = from; row < to; row++, cell += stride) {
    const kind: i32 = load<u8>(kinds + cell);
    let code = -1;
    if (kind > NULL) {
      if (kind == ESCAPED || kind == NUMBERS) return row;
      code = codeOf(dictionary, load<i32>(starts + (cell << 2)), load<i32>(ends + (cell << 2)));
      if (code < 0) return row;
    }
    store<i32>(codes + ((row - from) << 2), code);
  }
  return to;
}
