const PRECISION = 14;
const REGISTERS = 1 << PRECISION;
/** Bits of the hash after the register number: 18 of the first word and 32 of the second. */
const REST = 64 - PRECISION;
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const DIGIT_CODES = Uint8Array.from(DIGITS, (digit) => digit.charCodeAt(0));
const REGISTER_OF = new Uint8Array(128);
DIGIT_CODES.forEach((code, register) => {
  REGISTER_OF[code] = register;
});

/** Relative standard error of an estimate. */
export const HYPERLOGLOG_ERROR = 1.04 / Math.sqrt(REGISTERS);

/** HyperLogLog with 2^14 registers (Flajolet et al. 2007): counts different 64-bit hashes. */
export type HyperLogLog = Uint8Array;

export function emptyRegisters(): HyperLogLog {
  return new Uint8Array(REGISTERS);
}

/** The finaliser of MurmurHash3: every input bit changes every output bit with probability one half. */
function mix(h: number): number {
  let x = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}

function firstWord(low: number, high: number, seed: number): number {
  return mix(low ^ mix(high ^ seed ^ 0x9e3779b9));
}

function secondWord(first: number, high: number): number {
  return mix(high ^ Math.imul(first, 0x27d4eb2f) ^ 0x165667b1);
}

/** Counts a value whose content is the two words `low` and `high`; `seed` keeps kinds of value apart. */
export function addWords(registers: HyperLogLog, low: number, high: number, seed = 0): void {
  const a = firstWord(low, high, seed);
  const at = a >>> (32 - PRECISION);
  const first = a << PRECISION;
  // The second word of the hash is looked at once in 2^18 values.
  const rank = first !== 0 ? Math.clz32(first) + 1 : 32 - PRECISION + Math.clz32(secondWord(a, high)) + 1;
  if (rank > registers[at]!) registers[at] = Math.min(rank, REST + 1);
}

/** Tells texts from numbers. */
const TEXT_SEED = 0x7e87;

/** Counts the text with this code, of whose list these are the words. */
export function addTextWords(registers: HyperLogLog, words: Int32Array, code: number): void {
  addWords(registers, words[2 * code]!, words[2 * code + 1]!, TEXT_SEED);
}

/** The same of each text that `counts` has a row of, among the first `entries`. */
export function addUsedWords(registers: HyperLogLog, words: Int32Array, counts: Uint32Array, entries: number): void {
  for (let code = 0; code < entries; code++) if (counts[code]! > 0) addTextWords(registers, words, code);
}

/** Counts a text. */
export function addText(registers: HyperLogLog, text: string): void {
  let a = 0x811c9dc5;
  let b = 0x2545f491 ^ text.length;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    a = Math.imul(a ^ c, 0x01000193);
    b = Math.imul(b ^ c, 0xcc9e2d51);
    b = (b << 13) | (b >>> 19);
  }
  addWords(registers, a, b, TEXT_SEED);
}

/** Counts the text of the ASCII bytes in `[start, end)` as `addText` would; false when they are not all ASCII. */
export function addAscii(registers: HyperLogLog, bytes: Uint8Array, start: number, end: number): boolean {
  let a = 0x811c9dc5;
  let b = 0x2545f491 ^ (end - start);
  let bits = 0;
  for (let i = start; i < end; i++) {
    const c = bytes[i]!;
    bits |= c;
    a = Math.imul(a ^ c, 0x01000193);
    b = Math.imul(b ^ c, 0xcc9e2d51);
    b = (b << 13) | (b >>> 19);
  }
  if (bits >= 0x80) return false;
  addWords(registers, a, b, TEXT_SEED);
  return true;
}

/** Counts the (finite, never -0) values within ±`limit`, by their bits. */
export function addNumbers(registers: HyperLogLog, values: Float64Array, limit = Number.POSITIVE_INFINITY): void {
  const words = new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
  for (let i = 0; i < words.length; i += 2) {
    const first = firstWord(words[i]!, words[i + 1]!, 0);
    const rest = first << PRECISION;
    // Nearly all that come later change nothing.
    if (rest !== 0 && Math.clz32(rest) < registers[first >>> (32 - PRECISION)]!) continue;
    if (Math.abs(values[i >> 1]!) <= limit) addWords(registers, words[i]!, words[i + 1]!);
  }
}

/** The union's registers, written into `into`. */
export function mergeRegisters(into: HyperLogLog, from: HyperLogLog): void {
  for (let i = 0; i < REGISTERS; i++) if (from[i]! > into[i]!) into[i] = from[i]!;
}

/** Σ for the share of untouched registers: x + Σ x^(2^k) 2^(k-1). */
function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY;
  let x = share;
  let y = 1;
  let z = share;
  for (;;) {
    x *= x;
    const next = z + x * y;
    if (next === z) return z;
    z = next;
    y += y;
  }
}

/** τ for the share of registers that are not saturated; 0 where all of them are, or none. */
function tau(share: number): number {
  let x = share;
  let y = 1;
  let z = 1 - share;
  for (;;) {
    x = Math.sqrt(x);
    y *= 0.5;
    const next = z - (1 - x) ** 2 * y;
    if (next === z) return z / 3;
    z = next;
  }
}

/** The number of different hashes, by Ertl's improved raw estimator (arXiv 1702.01284), which needs no bias table. */
export function estimateDistinct(registers: HyperLogLog): number {
  const ranks = new Float64Array(REST + 2);
  for (let i = 0; i < REGISTERS; i++) ranks[registers[i]!]!++;
  let z = REGISTERS * tau(1 - ranks[REST + 1]! / REGISTERS);
  for (let k = REST; k >= 1; k--) z = 0.5 * (z + ranks[k]!);
  z += REGISTERS * sigma(ranks[0]! / REGISTERS);
  return Math.round((REGISTERS * REGISTERS) / (2 * Math.LN2 * z));
}

/** One base64 digit a register: a register is below 64. */
export function encodeRegisters(registers: HyperLogLog): string {
  const text = new Uint8Array(REGISTERS);
  for (let i = 0; i < REGISTERS; i++) text[i] = DIGIT_CODES[registers[i]!]!;
  return new TextDecoder('latin1').decode(text);
}

/** The registers back; digits that are none count as untouched. */
export function decodeRegisters(text: string): HyperLogLog {
  const registers = emptyRegisters();
  const length = Math.min(REGISTERS, text.length);
  for (let i = 0; i < length; i++) registers[i] = REGISTER_OF[text.charCodeAt(i)] ?? 0;
  return registers;
}
