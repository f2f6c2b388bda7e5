/**
 * The twin of `csv/scan.ts`. Like all files here it is AssemblyScript, compiled to WebAssembly by the build: the loops
 * that all bytes of a text table go through. A twin decides only what is plain; whatever is odd it hands back, and
 * the TypeScript decides. Memory is laid out by `csv/kernels.ts`, which owns it.
 */

/** The byte behind the last row that `scan` took. */
export let next: i32 = 0;
/** 1 when the row at `next` is left to the careful scanner. */
export let odd: i32 = 0;
/**
 * Writes the bounds of the fields of at most `maxRows` rows that begin before `until` and end before `end`, where a
 * line end stands. Stops at a row with another number of fields than `width`, or with an open or stray quote.
 */
export function scan(
  from: i32,
  until: i32,
  end: i32,
  last: i32,
  delimiter: i32,
  skipBlank: i32,
  width: i32,
  starts: usize,
  ends: usize,
  maxRows: i32,
): i32 {
  const delimiters = i8x16.splat(<i8>delimiter);
  const feeds = i8x16.splat(10);
  const returns = i8x16.splat(13);
  const quotes = i8x16.splat(34);
  let rows = 0;
  let row = from;
  let column = 0;
  let cell: usize = 0;
  let field = from;
  let p = from;
  next = from;
  odd = 0;
  if (row >= until || maxRows == 0) return 0;
  if (skipBlank) while (load<u8>(field) == 32) field++;
  while (p < end) {
    const bytes = v128.load(p);
    let mask: i32 = i8x16.bitmask(
      v128.or(
        v128.or(i8x16.eq(bytes, delimiters), i8x16.eq(bytes, feeds)),
        v128.or(i8x16.eq(bytes, returns), i8x16.eq(bytes, quotes)),
      ),
    );
    let jump = p + 16;
    while (mask != 0) {
      const at = p + ctz(mask);
      mask &= mask - 1;
      if (at >= end) break;
      const b: i32 = load<u8>(at);
      if (b == 34) {
        if (at != field) continue;
        const close = closingQuote(at + 1, end);
        let behind = close + 1;
        if (close >= 0) while (load<u8>(behind) == 32) behind++;
        // An open quote, one at the very end, or text behind a closing one.
        if (close < 0 || behind >= end || column >= width || !isStop(load<u8>(behind), delimiter)) {
          next = row;
          odd = 1;
          return rows;
        }
        store<i32>(starts + cell, at + 1);
        store<i32>(ends + cell, ~close);
        field = -1;
        jump = behind;
        break;
      }
      if (b == delimiter) {
        if (column < width) {
          if (field >= 0) {
            store<i32>(starts + cell, field);
            store<i32>(ends + cell, at);
          }
          cell += 4;
        }
        column++;
        field = at + 1;
        if (skipBlank) while (load<u8>(field) == 32) field++;
        continue;
      }
      if (at == row) {
        row = at + 1;
      } else {
        if (column + 1 != width) {
          next = row;
          odd = 1;
          return rows;
        }
        if (field >= 0) {
          store<i32>(starts + cell, field);
          store<i32>(ends + cell, at);
        }
        cell += 4;
        rows++;
        row = at + 1;
      }
      column = 0;
      field = row;
      next = row;
      if (row >= until || rows == maxRows) return rows;
      if (skipBlank) while (load<u8>(field) == 32) field++;
    }
    p = jump;
  }
  // The last row may lack its line end; the careful scanner knows whether more bytes follow.
  if (last && row < end) odd = 1;
  next = row;
  return rows;
}

function isStop(b: i32, delimiter: i32): bool {
  return b == delimiter || b == 10 || b == 13;
}

/** The quote that closes a field, or -1 when none does for certain. */
function closingQuote(from: i32, end: i32): i32 {
  for (let p = from; p + 1 < end; p++) {
    if (load<u8>(p) != 34) continue;
    if (load<u8>(p + 1) != 34) return p;
    p++;
  }
  return -1;
}
