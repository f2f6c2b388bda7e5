import { describe, expect, it } from 'vitest';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { type Uniform, xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { compareColumn } from '../../../src/stats/verdict/compare-column.ts';
import { DEFAULT_POLICY } from '../../../src/stats/verdict/judge.ts';
import type { Finding, JudgePolicy } from '../../../src/stats/verdict/judgement.ts';
import type { MeasureName } from '../../../src/stats/verdict/measures.ts';
import { neededText, neededValues } from '../../../src/stats/verdict/needed-values.ts';
import { numbers, profileOf, texts } from '../columns.ts';

const limited = (measure: MeasureName, limit: number | null): Finding => ({
  measure,
  value: 0,
  direction: 'higher',
  nullMean: null,
  null95: null,
  limit,
  p: null,
  q: null,
  parameters: {},
  reason: null,
});

const given = { n: 10, m: 10, cells: 0, anyMissing: false, level: 0.05 };
const W = 'wasserstein/reference-std@1';
const JS = 'js_distance/base2/reference-edges@1';

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

  it('fall on the side that has fewer, where the other has enough', () => {
    const findings = [limited(W, 0.1)];
    const both = neededValues('number', findings, given, DEFAULT_POLICY)!;
    expect(both.reference).toBe(both.window);
    const long = neededValues('number', findings, { ...given, n: 1e6 }, DEFAULT_POLICY)!;
    expect(long.reference).toBe(1e6);
    expect(long.window / both.window).toBeCloseTo(0.5, 2);
    expect(neededText(long, { n: 1e6, m: 10 })).toMatch(/takes about \d+ values of the window\.$/);
    const other = neededValues('number', findings, { ...given, m: 1e6 }, DEFAULT_POLICY)!;
    expect(neededText(other, { n: 10, m: 1e6 })).toMatch(/takes about \d+ values of the reference\.$/);
    expect(neededValues('number', findings, { ...given, n: 1e6, m: 1e6 }, DEFAULT_POLICY)).toBeNull();
  });

  it('are those of the limit that is hardest to see, by the tests that are made', () => {
    const hardest = neededValues('number', [limited(JS, 0.1), limited(W, 0.1)], given, DEFAULT_POLICY);
    expect(hardest?.measure).toBe(W);
    const only = (measures: readonly MeasureName[]): JudgePolicy => ({ ...DEFAULT_POLICY, measures });
    const ks = neededValues('number', [limited(W, 0.1)], given, only(['ks/two-sided@1']));
    expect(ks!.window).toBeGreaterThan(hardest!.window);
    // Of a change of spread the mean says nothing; an index decides nothing; a limit of 0 no number of values shows.
    expect(neededValues('number', [limited(W, 0.1)], given, only(['levene/median@1']))).toBeNull();
    expect(neededValues('category', [limited('psi/reference-edges@1', 0.1)], given, DEFAULT_POLICY)).toBeNull();
    expect(neededValues('number', [limited(W, 0)], given, DEFAULT_POLICY)).toBeNull();
  });
});
