import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { chiSquareSumPoint, chiSquareSumTail } from '../../../src/stats/special/chi-square-sum.ts';
import { relativeError } from '../samples.ts';

type Case = {
  readonly name: string;
  readonly weights: readonly number[];
  readonly points: readonly { readonly x: number; readonly saddlepoint: number; readonly exact: number }[];
};

/** Written by test/fixtures/stats/generate_chi_square_sums.py, so its shape is known. */
const CASES: readonly Case[] = JSON.parse(
  readFileSync(new URL('../../fixtures/stats/chi-square-sums.json', import.meta.url), 'utf8'),
);

describe('the tail of a sum of chi-square variables', () => {
  it.each(CASES)('agrees with SciPy and lies near the exact one: $name', ({ weights, points }) => {
    const given = Float64Array.from(weights);
    expect(points.length).toBeGreaterThan(4);
    for (const { x, saddlepoint, exact } of points) {
      const tail = chiSquareSumTail(given, x);
      expect(relativeError(tail, saddlepoint), `${x}`).toBeLessThan(1e-8);
      expect(relativeError(tail, exact), `${x}`).toBeLessThan(0.09);
      // The point is where the tail is so large.
      expect(relativeError(chiSquareSumPoint(given, tail), x), `${x}`).toBeLessThan(1e-9);
    }
  });

  it('is that of the normal law of three moments at the mean, where the rest is 0 / 0', () => {
    const weights = Float64Array.from({ length: 60 }, (_, i) => 1 / (i + 1));
    const mean = weights.reduce((sum, weight) => sum + weight, 0);
    const at = (x: number) => chiSquareSumTail(weights, x);
    const far = 1e-2 * mean;
    // Between two points that are not there it is what lies between their tails.
    expect(relativeError(at(mean), (at(mean - far) + at(mean + far)) / 2)).toBeLessThan(1e-3);
    for (const step of [1e-3, 1e-5, 1e-7, 1e-12]) {
      expect(at(mean * (1 - step))).toBeGreaterThanOrEqual(at(mean));
      expect(at(mean)).toBeGreaterThanOrEqual(at(mean * (1 + step)));
    }
  });

  it('is 1 from 0 on, falls, and does not depend on the unit', () => {
    const weights = Float64Array.of(0.5, 3, 1);
    expect([-1, 0, Number.MIN_VALUE].map((x) => chiSquareSumTail(weights, x))).toEqual([1, 1, 1]);
    const tails = [1e-9, 0.1, 4.4, 4.5, 4.6, 30, 300, 3_000, 1e5, 1e17, 1e300, Number.MAX_VALUE].map((x) =>
      chiSquareSumTail(weights, x),
    );
    expect(tails).toEqual([...tails].sort((a, b) => b - a));
    expect(tails.every((tail) => tail >= 0 && tail <= 1)).toBe(true);
    for (const unit of [1e-150, 1e-30, 1e30, 1e150]) {
      const scaled = weights.map((weight) => unit * weight);
      expect(relativeError(chiSquareSumTail(scaled, 12 * unit), chiSquareSumTail(weights, 12))).toBeLessThan(1e-12);
      expect(relativeError(chiSquareSumPoint(scaled, 0.05), unit * chiSquareSumPoint(weights, 0.05))).toBeLessThan(
        1e-12,
      );
    }
  });

  it('of no weights is of 0', () => {
    for (const none of [Float64Array.of(), Float64Array.of(0, 0)]) {
      expect([-1, 0, 1].map((x) => chiSquareSumTail(none, x))).toEqual([1, 1, 0]);
      expect(chiSquareSumPoint(none, 0.05)).toBe(0);
    }
    // A weight of 0 adds nothing.
    expect(chiSquareSumTail(Float64Array.of(2, 0), 5)).toBe(chiSquareSumTail(Float64Array.of(2), 5));
  });
});
