const CR = 0x0d;
const LF = 0x0a;

/** Share of bytes outside printable ASCII up to which DVC 2 takes a block for text. */
const NON_TEXT_SHARE = 0.3;

const TEXT_BYTES = textBytes();

function textBytes(): Uint8Array {
  const table = new Uint8Array(256);
  table.fill(1, 0x20, 0x7f);
  for (const control of '\n\r\t\f\b') table[control.charCodeAt(0)] = 1;
  return table;
}

/** DVC 2's guess, made on a block's first 512 bytes: no NUL, and at most 30 % of non-text bytes. Nothing is text. */
export function looksLikeText(head: Uint8Array): boolean {
  let other = 0;
  for (const byte of head) {
    if (byte === 0) return false;
    if (TEXT_BYTES[byte] === 0) other++;
  }
  return head.length === 0 || other / head.length <= NON_TEXT_SHARE;
}

/** The bytes with every CR LF replaced by LF; a lone CR stays. */
export function withUnixLineEnds(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length);
  let length = 0;
  bytes.forEach((byte, i) => {
    if (byte !== CR || bytes[i + 1] !== LF) out[length++] = byte;
  });
  return out.subarray(0, length);
}
