/**
 * Numbers from bytes, correctly rounded, without making strings. Up to 15 digits the mantissa and the power
 * of ten are both exact doubles, so one operation rounds once (Clinger 1990). Up to 19 digits the product is
 * formed in double-double arithmetic with an error test (Dekker 1971); what stays undecided goes to `Number`.
 */

/** What the bytes are, as a number of a text table. */
export const NOT_A_NUMBER = 0;
/** An integer within ±2^53. */
export const INTEGER = 1;
/** An integer beyond ±2^53 and within int64. */
export const BIG_INTEGER = 2;
export const DECIMAL = 3;
/** An integer beyond int64, or a decimal beyond the largest double. */
export const OUT_OF_RANGE = 4;

const ZERO = 48;
const NINE = 57;
const MINUS = 45;
const DOT = 46;
const MAX_SAFE_DIGITS = '9007199254740992';
const MAX_INT64_DIGITS = '9223372036854775807';
const MIN_INT64_DIGITS = '9223372036854775808';

/**
 * Says what the bytes `[start, end)` are. Leading zeros and a leading plus make a text of it (codes like
 * `01234` must stay text); `5.` and `.5` are decimals.
 */
export function numberKind(buf: Uint8Array, start: number, end: number): number {
  let p = start;
  if (p < end && buf[p] === MINUS) p++;
  const first = p;
  let b = p < end ? buf[p]! : 0;
  while (b >= ZERO && b <= NINE) {
    p++;
    b = p < end ? buf[p]! : 0;
  }
  const digits = p - first;
  if (digits > 1 && buf[first] === ZERO) return NOT_A_NUMBER;
  if (p === end) return digits === 0 ? NOT_A_NUMBER : integerKind(buf, first, end);
  return fractionKind(buf, { start, end, dot: p, digits });
}

function integerKind(buf: Uint8Array, first: number, end: number): number {
  const digits = end - first;
  if (digits <= 15) return INTEGER;
  if (digits === 16 && !digitsAbove(buf, first, MAX_SAFE_DIGITS)) return INTEGER;
  if (digits < 19) return BIG_INTEGER;
  if (digits > 19) return OUT_OF_RANGE;
  const limit = first > 0 && buf[first - 1] === MINUS ? MIN_INT64_DIGITS : MAX_INT64_DIGITS;
  return digitsAbove(buf, first, limit) ? OUT_OF_RANGE : BIG_INTEGER;
}

function digitsAbove(buf: Uint8Array, first: number, limit: string): boolean {
  for (let i = 0; i < limit.length; i++) {
    const difference = buf[first + i]! - limit.charCodeAt(i);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

type Fraction = { readonly start: number; readonly end: number; readonly dot: number; readonly digits: number };

function fractionKind(buf: Uint8Array, at: Fraction): number {
  const { end } = at;
  let p = at.dot;
  let digits = at.digits;
  if (buf[p] === DOT) {
    p++;
    while (p < end && buf[p]! >= ZERO && buf[p]! <= NINE) {
      p++;
      digits++;
    }
  }
  if (digits === 0) return NOT_A_NUMBER;
  if (p === end) return digits > 300 && !Number.isFinite(slowValue(buf, at.start, end)) ? OUT_OF_RANGE : DECIMAL;
  if ((buf[p]! | 0x20) !== 0x65) return NOT_A_NUMBER;
  p++;
  if (p < end && (buf[p] === MINUS || buf[p] === 43)) p++;
  if (p === end) return NOT_A_NUMBER;
  for (let q = p; q < end; q++) if (buf[q]! < ZERO || buf[q]! > NINE) return NOT_A_NUMBER;
  return Number.isFinite(slowValue(buf, at.start, end)) ? DECIMAL : OUT_OF_RANGE;
}

/** The double nearest to the number in `[start, end)`; NaN when the bytes are no number. */
export function decimalValue(buf: Uint8Array, start: number, end: number): number {
  let p = start;
  const negative = p < end && buf[p] === MINUS;
  if (negative) p++;
  let high = 0;
  let low = 0;
  let lowScale = 1;
  let digits = 0;
  let point = -1;
  for (; p < end; p++) {
    const b = buf[p]!;
    if (b >= ZERO && b <= NINE) {
      if (digits < 15) high = high * 10 + (b - ZERO);
      else {
        low = low * 10 + (b - ZERO);
        lowScale *= 10;
      }
      // Leading zeros carry no information, so they must not push real digits out of the fast path.
      if (digits > 0 || b !== ZERO) digits++;
    } else if (b === DOT && point < 0) point = p;
    else return slowValue(buf, start, end);
  }
  if (end - start - (negative ? 1 : 0) - (point < 0 ? 0 : 1) <= 0) return Number.NaN;
  const fraction = point < 0 ? 0 : end - point - 1;
  if (digits > 19 || fraction > 40) return slowValue(buf, start, end);
  let value: number;
  if (digits <= 15) value = fraction === 0 ? high : fraction <= 22 ? high / POWERS[fraction]! : Number.NaN;
  else value = scaled(high, low, lowScale, fraction);
  // NaN here means "not decided", never "not a number".
  if (Number.isNaN(value)) return slowValue(buf, start, end);
  return negative ? -value : value;
}

/** The integer in `[start, end)`, exactly; the bytes must be an optional minus and digits. */
export function integerValue(buf: Buffer, start: number, end: number): bigint {
  return BigInt(buf.toString('latin1', start, end));
}

function slowValue(buf: Uint8Array, start: number, end: number): number {
  if (end - start > 10_000) return Number.NaN;
  let text = '';
  for (let i = start; i < end; i++) text += String.fromCharCode(buf[i]!);
  // Number() also takes hexadecimal, blanks and 'Infinity', which are no numbers in a table.
  return /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
}

const SPLIT = 134_217_729; // 2^27 + 1
const UNCERTAINTY = 2 ** -98;
const POWERS = Float64Array.from({ length: 23 }, (_, i) => Number(10n ** BigInt(i)));
/** 10^-k as an unevaluated sum of two doubles, for k up to 40. */
const TENTH_HIGH = Float64Array.from({ length: 41 }, (_, k) => Number(`1e-${k}`));
const TENTH_LOW = Float64Array.from({ length: 41 }, (_, k) => remainderOfTenth(k));

/** 10^-k minus the double nearest to it: with that double = m / 2^s, it is (2^s - m 10^k) / (10^k 2^s). */
function remainderOfTenth(k: number): number {
  const nearest = Number(`1e-${k}`);
  const shift = 53 - Math.floor(Math.log2(nearest));
  const mantissa = BigInt(nearest * 2 ** shift);
  const power = 10n ** BigInt(k);
  return Number(2n ** BigInt(shift) - mantissa * power) / Number(power) / 2 ** shift;
}

/** The tables above one after the other, for the twin of `scaled` in `kernels/decimal.ts`. */
export function powerTables(): Float64Array {
  const tables = new Float64Array(POWERS.length + 2 * TENTH_HIGH.length);
  tables.set(POWERS);
  tables.set(TENTH_HIGH, POWERS.length);
  tables.set(TENTH_LOW, POWERS.length + TENTH_HIGH.length);
  return tables;
}

/** (high * lowScale + low) / 10^fraction, correctly rounded, or NaN when rounding is not certain. */
function scaled(high: number, low: number, lowScale: number, fraction: number): number {
  // mantissa as mh + ml, exact: high and lowScale are below 2^53 and 10^4
  const product = high * lowScale;
  const ml0 = productError(high, lowScale, product) + low;
  const mh = product + ml0;
  const ml = ml0 - (mh - product);
  const th = TENTH_HIGH[fraction]!;
  const head = mh * th;
  const tail = productError(mh, th, head) + (mh * TENTH_LOW[fraction]! + ml * th);
  const slack = head * UNCERTAINTY;
  const below = head + (tail - slack);
  return below === head + (tail + slack) ? below : Number.NaN;
}

/** a*b - fl(a*b), exactly (Dekker's product). */
function productError(a: number, b: number, product: number): number {
  const ca = SPLIT * a;
  const ah = ca - (ca - a);
  const al = a - ah;
  const cb = SPLIT * b;
  const bh = cb - (cb - b);
  const bl = b - bh;
  return al * bl - (product - ah * bh - al * bh - ah * bl);
}
