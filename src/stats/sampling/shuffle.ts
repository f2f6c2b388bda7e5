import type { Uniform } from './xoshiro128.ts';

/**
 * Moves a random choice of `count` values to the front, every choice equally likely (the first steps of Fisher and
 * Yates' shuffle), in place. Cost O(count).
 */
export function shuffleFront(values: Float64Array, count: number, random: Uniform): void {
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(random() * (values.length - i));
    const v = values[i]!;
    values[i] = values[j]!;
    values[j] = v;
  }
}
