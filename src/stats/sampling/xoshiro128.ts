/** Uniform numbers from [0, 1), one a call; given as an argument wherever chance is needed, so that it can be replayed. */
export type Uniform = () => number;

/** A whole number, or the generator's own four words (not all zero). */
export type Seed = number | { readonly state: readonly [number, number, number, number] };

/**
 * Blackman and Vigna's xoshiro128++ (2021), its state filled from a seed by mixing steps: period 2^128 - 1, 53 bits
 * a number. The same seed gives the same numbers anywhere.
 */
export function xoshiro128(seed: Seed): Uniform {
  const state = Uint32Array.from(typeof seed === 'number' ? mixedWords(seed) : seed.state);
  return () => {
    const high = step(state) >>> 5;
    const low = step(state) >>> 6;
    return (high * 67_108_864 + low) / 9_007_199_254_740_992;
  };
}

function mixedWords(seed: number): number[] {
  let z = seed >>> 0;
  return Array.from({ length: 4 }, () => {
    z = (z + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  });
}

const rotated = (x: number, k: number): number => (x << k) | (x >>> (32 - k));

function step(state: Uint32Array): number {
  const result = (rotated(state[0]! + state[3]!, 7) + state[0]!) >>> 0;
  const t = state[1]! << 9;
  state[2]! ^= state[0]!;
  state[3]! ^= state[1]!;
  state[1]! ^= state[2]!;
  state[0]! ^= state[3]!;
  state[2]! ^= t;
  state[3] = rotated(state[3]!, 11);
  return result;
}
