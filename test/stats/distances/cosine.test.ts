import { expect, it } from 'vitest';
import { cosineDistance } from '../../../src/stats/distances/cosine.ts';

const between = (a: readonly number[], b: readonly number[]) =>
  cosineDistance(Float64Array.from(a), Float64Array.from(b));

it('is 0 for one direction, 1 at a right angle, and 2 for the opposite direction', () => {
  expect(between([1, 0], [5, 0])).toBe(0);
  expect(between([1, 0], [0, -3])).toBe(1);
  expect(between([0, 2], [0, -7])).toBe(2);
  expect(between([1, 0], [1, 1])).toBeCloseTo(1 - Math.SQRT1_2, 15);
  expect(between([1, 2, 3], [3, 2, 1])).toBeCloseTo(1 - 10 / 14, 15);
});

it('is never below 0, whatever rounding makes of it', () => {
  for (let k = 1; k < 50; k++) {
    const vector = [Math.sin(k), Math.cos(k), Math.sin(3 * k)];
    const same = between(
      vector,
      vector.map((v) => v * 3),
    )!;
    expect(same).toBeGreaterThanOrEqual(0);
    expect(same).toBeLessThan(1e-15);
  }
});

it('has no angle with what is 0', () => {
  expect(between([0, 0], [1, 0])).toBeNull();
  expect(between([1, 0], [0, 0])).toBeNull();
});

it('does not depend on the length of either, however short or long', () => {
  const usual = between([1, 2, 3], [3, 2, 1]);
  for (const [p, q] of [
    [2 ** -1000, 1],
    [2 ** -900, 2 ** -900],
    [2 ** 1000, 2 ** -1000],
    [2 ** 1021, 2 ** 1021],
  ] as const) {
    expect(between([p, 2 * p, 3 * p], [3 * q, 2 * q, q])).toBe(usual);
  }
});
