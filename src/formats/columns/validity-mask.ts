import type { Validity } from '../../stats/column.ts';

/** The mask's bytes for `rows`, with the bits past the last row cleared so that equal columns have equal bytes. */
export function trimmedMask(mask: Uint8Array, rows: number): Uint8Array {
  const bytes = mask.slice(0, (rows + 7) >> 3);
  if ((rows & 7) !== 0) bytes[bytes.length - 1]! &= (1 << (rows & 7)) - 1;
  return bytes;
}

/** The mask of rows `[from, to)`; `from` must be a multiple of 8. */
export function sliceValidity(valid: Validity, from: number, to: number): Validity {
  return valid === null ? null : trimmedMask(valid.subarray(from >> 3), to - from);
}
