import type { Uniform } from './xoshiro128.ts';

/** One standard normal number, by Box and Muller's (1958) transform of two uniform ones. */
export function normalDeviate(random: Uniform): number {
  // 1 - u lies in (0, 1]: its logarithm is finite.
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
