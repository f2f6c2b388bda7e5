/** Crockford's alphabet: no I, L, O, U, so that an id can be read out. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * A ULID in lower case (github.com/ulid/spec): 48 bits of milliseconds, 80 random bits, 26 characters that sort
 * by time.
 * @param random 10 bytes.
 */
export function ulid(milliseconds: number, random: Uint8Array): string {
  let value = BigInt(milliseconds);
  for (const byte of random.subarray(0, 10)) value = (value << 8n) | BigInt(byte);
  let text = '';
  for (let i = 0; i < 26; i++) {
    text = ALPHABET.charAt(Number(value & 31n)) + text;
    value >>= 5n;
  }
  return text;
}
