/** One bit a row, least significant first; set where the row repeats an earlier one. */

/** @returns null when no row repeats, which is what is stored then. */
export function repeatsBitmap(rows: number, repeated: Iterable<number>): Uint8Array | null {
  const bits = new Uint8Array((rows + 7) >> 3);
  let any = false;
  for (const row of repeated) {
    bits[row >> 3] = (bits[row >> 3] ?? 0) | (1 << (row & 7));
    any = true;
  }
  return any ? bits : null;
}

/** True where the row repeats an earlier one and is not to be counted. */
export function isRepeat(bitmap: Uint8Array | null, row: number): boolean {
  return bitmap !== null && ((bitmap[row >> 3] ?? 0) & (1 << (row & 7))) !== 0;
}
