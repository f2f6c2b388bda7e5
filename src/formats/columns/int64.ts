/** Doubles ⇄ 64-bit integers without a BigInt per value: the two halves are written as 32-bit words. */

const WORD = 4_294_967_296;
const SAFE = Number.MAX_SAFE_INTEGER;

/** Writes integers of at most ±2^53 to `out` and returns it. Little-endian, as every platform Node runs on here. */
export function writeIntegers(values: Float64Array, out: BigInt64Array<ArrayBuffer>): BigInt64Array<ArrayBuffer> {
  const words = new Int32Array(out.buffer, out.byteOffset, out.length * 2);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    // Stored as its lowest 32 bits.
    words[2 * i] = value;
    words[2 * i + 1] = Math.floor(value / WORD);
  }
  return out;
}

/** Writes milliseconds as whole microseconds to `out` and returns it. */
export function writeMicroseconds(millis: Float64Array, out: BigInt64Array<ArrayBuffer>): BigInt64Array<ArrayBuffer> {
  const words = new Int32Array(out.buffer, out.byteOffset, out.length * 2);
  for (let i = 0; i < millis.length; i++) {
    const whole = Math.floor(millis[i]!);
    const micros = whole * 1000 + Math.round((millis[i]! - whole) * 1000);
    if (Math.abs(micros) <= SAFE) {
      words[2 * i] = micros;
      words[2 * i + 1] = Math.floor(micros / WORD);
    } else {
      out[i] = BigInt(whole) * 1000n + BigInt(Math.round((millis[i]! - whole) * 1000));
    }
  }
  return out;
}

/** Reads int64 as doubles into `out`; true when a value lies beyond ±2^53, where doubles no longer tell all apart. */
export function readIntegers(values: BigInt64Array, out: Float64Array): boolean {
  const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  let beyond = false;
  for (let i = 0; i < values.length; i++) {
    const value = words[2 * i + 1]! * WORD + (words[2 * i]! >>> 0);
    out[i] = value;
    if (value > SAFE || value < -SAFE) beyond = true;
  }
  return beyond;
}

/**
 * Writes the thousandth part of int64, cut towards the past, to `out`: microseconds of nanoseconds. From the halves, since
 * a double of today's nanoseconds is a multiple of 256. Exact to ±2^53, beyond which it is the nearest double.
 */
export function readThousands(values: BigInt64Array, out: Float64Array): void {
  const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  for (let i = 0; i < values.length; i++) {
    const high = words[2 * i + 1]!;
    const whole = Math.floor(high / 1000);
    out[i] = whole * WORD + Math.floor(((high - whole * 1000) * WORD + (words[2 * i]! >>> 0)) / 1000);
  }
}
