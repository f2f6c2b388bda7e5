/** Crockford's alphabet: no I, L, O, U, so that an id can be read out. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * A ULID in lower case (github.com/ulid/spec): 48 bits of milliseconds, 80 random bits, 26 characters that sort
 * by time.
 * @param random 10 bytes.
 */
export function ulid(milliseconds: number, random: Uint8Array): string {
  let time = '';
  for (let rest = milliseconds, i = 0; i < 10; i++) {
    time = ALPHABET.charAt(rest % 32) + time;
    rest = Math.floor(rest / 32);
  }
  let chance = '';
  // Five bytes are eight digits; no number here has more bits than a shift takes.
  for (let bits = 0, held = 0, i = 0; i < 10; i++) {
    held = ((held & 31) << 8) | (random[i] ?? 0);
    for (bits += 8; bits >= 5; bits -= 5) chance += ALPHABET.charAt((held >> (bits - 5)) & 31);
  }
  return time + chance;
}
