/** Bits of a number that are looked at in a pass, and as many values of them. */
const BITS = 11;
const DIGITS = 2 ** BITS;
/** Passes over the lower half of a number, and over the upper one. */
const PASSES = Math.ceil(32 / BITS);

/** Words of a number, and the row that it is in. */
type Order = { readonly low: Uint32Array; readonly high: Uint32Array; readonly rows: Uint32Array };

/** The rows that have a number in the order of these, smallest first; equal ones, as 0 and -0 are, as they lie. Cost O(n). */
export function risingRows(values: Float64Array): Uint32Array {
  let order = keysOf(values);
  let free: Order = { low: order.low.slice(), high: order.high.slice(), rows: order.rows.slice() };
  for (const half of ['low', 'high'] as const) {
    for (let pass = 0; pass < PASSES; pass++) {
      if (byDigit(order, free, { half, shift: pass * BITS })) [order, free] = [free, order];
    }
  }
  return order.rows;
}

/** As whole numbers that rise as the values do. */
function keysOf(values: Float64Array): Order {
  const plain = values.map((value) => value + 0);
  const words = new Uint32Array(plain.buffer);
  const [low, high, rows] = [0, 1, 2].map(() => new Uint32Array(values.length)) as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ];
  let n = 0;
  for (let row = 0; row < values.length; row++) {
    if (Number.isNaN(plain[row]!)) continue;
    const sign = words[2 * row + 1]! >> 31;
    low[n] = words[2 * row]! ^ sign;
    high[n] = words[2 * row + 1]! ^ (sign | 0x80000000);
    rows[n++] = row;
  }
  return { low: low.subarray(0, n), high: high.subarray(0, n), rows: rows.subarray(0, n) };
}

type Digit = { readonly half: 'low' | 'high'; readonly shift: number };

/** Puts them in the order of a digit; false, and nothing is done, where all have the same. */
function byDigit(from: Order, to: Order, { half, shift }: Digit): boolean {
  const { low, high, rows } = from;
  const keys = from[half];
  const starts = new Uint32Array(DIGITS + 1);
  for (let i = 0; i < keys.length; i++) starts[((keys[i]! >>> shift) & (DIGITS - 1)) + 1]!++;
  if (starts.includes(keys.length)) return false;
  for (let digit = 1; digit < DIGITS; digit++) starts[digit]! += starts[digit - 1]!;
  for (let i = 0; i < keys.length; i++) {
    const at = starts[(keys[i]! >>> shift) & (DIGITS - 1)]!++;
    to.low[at] = low[i]!;
    to.high[at] = high[i]!;
    to.rows[at] = rows[i]!;
  }
  return true;
}
