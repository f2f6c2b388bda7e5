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
  next = from;
  odd = 0;
  if (from >= until || maxRows == 0) return 0;
  let rows = skipBlank || width == 1 ? 0 : plainRows(from, until, end, delimiter, width, starts, ends, maxRows);
  if (rows == maxRows || next >= until) return rows;
  let row = next;
  let column = 0;
  let cell = (<usize>rows * width) << 2;
  let field = row;
  let p = row;
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

/** Fields of so many bytes are looked for at once. */
const STRETCH = 64;

/**
 * As `scan`, for rows without quotes and carriage returns: sets `next` to the first that is not such a row, or not as wide, or
 * near the end of the bytes or of the room. Where the next field ends is no branch here, which could not be guessed.
 */
function plainRows(
  from: i32,
  until: i32,
  end: i32,
  delimiter: i32,
  width: i32,
  starts: usize,
  ends: usize,
  maxRows: i32,
): i32 {
  const delimiters = i8x16.splat(<i8>delimiter);
  const feeds = i8x16.splat(10);
  const room = maxRows * width - STRETCH - 1;
  let rows = 0;
  // Fields so far, and of those the one that ends its row next.
  let fields = 0;
  let last = width - 1;
  store<i32>(starts, from);
  for (let p = from; p + STRETCH <= end && fields <= room; p += STRETCH) {
    const a = v128.load(p), b = v128.load(p, 16), c = v128.load(p, 32), d = v128.load(p, 48);
    if (v128.any_true(v128.or(v128.or(odds(a), odds(b)), v128.or(odds(c), odds(d))))) break;
    const af = i8x16.eq(a, feeds), bf = i8x16.eq(b, feeds), cf = i8x16.eq(c, feeds), df = i8x16.eq(d, feeds);
    const stops =
      bits(v128.or(af, i8x16.eq(a, delimiters))) |
      (bits(v128.or(bf, i8x16.eq(b, delimiters))) << 16) |
      (bits(v128.or(cf, i8x16.eq(c, delimiters))) << 32) |
      (bits(v128.or(df, i8x16.eq(d, delimiters))) << 48);
    let lines = bits(af) | (bits(bf) << 16) | (bits(cf) << 32) | (bits(df) << 48);
    let more = true;
    for (; more && lines != 0; lines &= lines - 1) {
      const at = ctz(lines);
      more = fields + <i32>popcnt(stops & ((<u64>1 << at) - 1)) == last;
      if (!more) break;
      last += width;
      rows++;
      next = p + <i32>at + 1;
      more = next < until;
    }
    writeFields(stops, p, starts + (<usize>fields << 2), ends + (<usize>fields << 2));
    if (!more) break;
    fields += <i32>popcnt(stops);
  }
  return rows;
}

/** The quotes and carriage returns among some bytes. */
// @ts-ignore: how AssemblyScript is told; TypeScript knows no decorators of functions.
@inline
function odds(bytes: v128): v128 {
  return v128.or(i8x16.eq(bytes, i8x16.splat(34)), i8x16.eq(bytes, i8x16.splat(13)));
}

// @ts-ignore: as above.
@inline
function bits(found: v128): u64 {
  return <u64>(<u32>i8x16.bitmask(found));
}

/** Ends fields at the bits of `stops`, which begin at the byte `p`, and begins the next ones behind them. */
// @ts-ignore: as above.
@inline
function writeFields(stops: u64, p: i32, starts: usize, ends: usize): void {
  let rest = stops;
  let to: usize = 0;
  // Eight at a time, whether there are as many or not: what is written of too many is written over.
  do {
    rest = writeFour(rest, p, starts + to, ends + to);
    rest = writeFour(rest, p, starts + to + 16, ends + to + 16);
    to += 32;
  } while (rest != 0);
}

// @ts-ignore: as above.
@inline
function writeFour(stops: u64, p: i32, starts: usize, ends: usize): u64 {
  let rest = writeField(stops, p, starts, ends);
  rest = writeField(rest, p, starts + 4, ends + 4);
  rest = writeField(rest, p, starts + 8, ends + 8);
  return writeField(rest, p, starts + 12, ends + 12);
}

/** Returns the other stops. */
// @ts-ignore: as above.
@inline
function writeField(stops: u64, p: i32, start: usize, end: usize): u64 {
  const at = p + <i32>ctz(stops);
  store<i32>(end, at);
  store<i32>(start + 4, at + 1);
  return stops & (stops - 1);
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
