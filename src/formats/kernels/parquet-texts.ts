/** The twin of the loop over plain texts in `text-values.ts` of `parquet`. */
import { codeOf } from './text-dictionary.ts';

/** The byte behind the last text that `plainTexts` did. */
export let behindPlain: i32 = 0;

/**
 * Writes the codes of at most `count` texts, each behind its length of four bytes, the first at `from`; unknown texts get
 * the next code. Returns how many it did: it stops at one that does not end before `end`, or for which there is no room.
 */
export function plainTexts(from: i32, end: i32, count: i32, dictionary: usize, codes: usize): i32 {
  let p = from;
  let done = 0;
  while (done < count && end - p >= 4) {
    const start = p + 4;
    const length = load<u32>(p);
    if (length > <u32>(end - start)) break;
    const code = codeOf(dictionary, start, start + length);
    if (code < 0) break;
    store<i32>(codes + (done << 2), code);
    p = start + length;
    done++;
  }
  behindPlain = p;
  return done;
}
