/**
 * Snappy's raw format (google/snappy, format_description.txt): a length, then pieces that are either bytes as they are
 * or a stretch of what was written before.
 */

/** The `size` bytes that were compressed; null where they are not so many, or the bytes are no Snappy. */
export function inflateSnappy(bytes: Uint8Array, size: number): Buffer | null {
  const out = Buffer.allocUnsafe(size);
  let p = behindLength(bytes, size);
  if (p < 0) return null;
  let at = 0;
  while (p < bytes.length) {
    const tag = bytes[p++]!;
    if ((tag & 3) === 0) {
      let length = (tag >> 2) + 1;
      if (length > 60) {
        const wide = length - 60;
        length = 1 + littleEndian(bytes, p, wide);
        p += wide;
      }
      if (length > size - at || length > bytes.length - p) return null;
      out.set(bytes.subarray(p, p + length), at);
      p += length;
      at += length;
      continue;
    }
    const wide = (tag & 3) === 3 ? 4 : tag & 3;
    if (wide > bytes.length - p) return null;
    const near = (tag & 3) === 1;
    const length = near ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    const offset = near ? ((tag >> 5) << 8) | bytes[p]! : littleEndian(bytes, p, wide);
    p += wide;
    if (offset === 0 || offset > at || length > size - at) return null;
    // The stretch may reach into what it writes, so it goes byte by byte.
    for (let i = 0, from = at - offset; i < length; i++) out[at + i] = out[from + i]!;
    at += length;
  }
  return at === size ? out : null;
}

/** Behind the length that all begins with; -1 where it is another one. */
function behindLength(bytes: Uint8Array, size: number): number {
  let length = 0;
  for (let p = 0; p < 5 && p < bytes.length; p++) {
    length += (bytes[p]! & 127) * 2 ** (7 * p);
    if (bytes[p]! < 128) return length === size ? p + 1 : -1;
  }
  return -1;
}

function littleEndian(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = 0; i < count; i++) value += (bytes[at + i] ?? 0) * 2 ** (8 * i);
  return value;
}
