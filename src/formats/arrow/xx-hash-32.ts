const P1 = 0x9e37_79b1;
const P2 = 0x85eb_ca77;
const P3 = 0xc2b2_ae3d;
const P4 = 0x27d4_eb2f;
const P5 = 0x1656_67b1;
const STRIPE = 16;

const rotated = (x: number, k: number): number => (x << k) | (x >>> (32 - k));
const round = (sum: number, word: number): number => Math.imul(rotated((sum + Math.imul(word, P2)) | 0, 13), P1);

/** xxHash of 32 bits with seed 0, the checksum of LZ4 frames: https://github.com/Cyan4973/xxHash. Cost O(n). */
export function xxHash32(bytes: Buffer): number {
  let at = 0;
  let hash = P5;
  if (bytes.length >= STRIPE) {
    let [a, b, c, d] = [(P1 + P2) | 0, P2 | 0, 0, -P1 | 0];
    for (; at + STRIPE <= bytes.length; at += STRIPE) {
      a = round(a, bytes.readInt32LE(at));
      b = round(b, bytes.readInt32LE(at + 4));
      c = round(c, bytes.readInt32LE(at + 8));
      d = round(d, bytes.readInt32LE(at + 12));
    }
    hash = (rotated(a, 1) + rotated(b, 7) + rotated(c, 12) + rotated(d, 18)) | 0;
  }
  hash = (hash + bytes.length) | 0;
  for (; at + 4 <= bytes.length; at += 4) {
    hash = Math.imul(rotated((hash + Math.imul(bytes.readInt32LE(at), P3)) | 0, 17), P4);
  }
  for (; at < bytes.length; at++) hash = Math.imul(rotated((hash + Math.imul(bytes[at]!, P5)) | 0, 11), P1);
  hash = Math.imul(hash ^ (hash >>> 15), P2);
  hash = Math.imul(hash ^ (hash >>> 13), P3);
  return (hash ^ (hash >>> 16)) >>> 0;
}
