import type { Uniform } from './xoshiro128.ts';

/**
 * Moves a random choice of `count` values to the front, every choice equally likely (the first steps of Fisher and
 * Yates' shuffle), in place. Cost O(count).
 */
export function shuffleFront(values: Float64Array | Int32Array, count: number, random: Uniform): void {
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(random() * (values.length - i));
    const v = values[i]!;
    values[i] = values[j]!;
    values[j] = v;
  }
}

/** The numbers from 0 to `rows` - 1 in random order, at most `most` of them. Cost O(rows). */
export function shuffledRows(rows: number, random: Uniform, most: number = rows): Int32Array {
  const order = new Int32Array(rows);
  for (let row = 0; row < rows; row++) order[row] = row;
  const count = Math.min(rows, most);
  shuffleFront(order, count, random);
  return order.subarray(0, count);
}
