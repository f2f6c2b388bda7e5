import { describe, expect, it } from 'vitest';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { type Uniform, xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { compareColumn } from '../../../src/stats/verdict/compare-column.ts';
import { DEFAULT_POLICY } from '../../../src/stats/verdict/judge.ts';
import { neededValues } from '../../../src/stats/verdict/needed-values.ts';
import { numbers, profileOf, texts } from '../columns.ts';
import { given, JS, limited, W } from './limited-finding.ts';

/** The share of pairs of that many values that the standard test finds unlikely at the level. */
function power(
  each: number,
  level: number,
  draw: (random: Uniform, moved: boolean) => ReturnType<typeof numbers> | ReturnType<typeof texts>,
) {
  const random = xoshiro128(9);
  const trials = 300;
  let seen = 0;
  for (let t = 0; t < trials; t++) {
    const [reference, window] = [draw(random, false), draw(random, true)];
    const profile = profileOf({ x: reference }).columns[0]!;
    const { p } = compareColumn({ name: 'x', role: 'feature', profile, reference, window }, DEFAULT_POLICY);
    if (p !== null && p < level) seen++;
  }
  expect(each).toBeGreaterThan(0);
  return seen / trials;
}

describe('the values that it takes', () => {
  it.each([
    [0.3, 0.05],
    [0.3, 0.05 / 30],
    [0.5, 0.05 / 300],
  ])('to see a mean move by %f deviations at level %f are those that see it four times in five', (limit, level) => {
    const each = neededValues('number', [limited(W, limit)], { ...given, level }, DEFAULT_POLICY)?.window ?? 0;
    const found = power(each, level, (random, moved) =>
      numbers(Array.from({ length: each }, () => normalDeviate(random) + (moved ? limit : 0))),
    );
    expect(found).toBeGreaterThan(0.74);
    expect(found).toBeLessThan(0.9);
  });

  it.each([
    [5, 0.05],
    [5, 0.05 / 30],
    [50, 0.05 / 30],
  ])('to see the shares of %i texts change at level %f are too', (cells, level) => {
    const limit = 0.15;
    const each =
      neededValues('category', [limited(JS, limit)], { ...given, cells, level }, DEFAULT_POLICY)?.window ?? 0;
    // Half of the texts become rarer, half more frequent, by so much that the distance is the limit.
    const move = Math.sqrt(8 * Math.LN2) * limit;
    const half = Math.floor(cells / 2);
    const found = power(each, level, (random, moved) =>
      texts(
        Array.from({ length: each }, () => {
          const k = Math.floor(random() * 2 * half);
          return moved && k < half && random() < move ? `t${k + half}` : `t${k}`;
        }),
      ),
    );
    expect(found).toBeGreaterThan(0.74);
    expect(found).toBeLessThan(0.92);
  });
});
