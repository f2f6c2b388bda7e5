import { describe, expect, it } from 'vitest';
import type { Outcomes } from '../../../src/domain/outcome/outcomes.ts';
import { outcomesAt } from '../../../src/domain/outcome/outcomes.ts';
import { estimateBinaryWindow } from '../../../src/domain/performance/estimate-binary.ts';
import { estimateSegments } from '../../../src/domain/performance/estimate-segments.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';

const random = xoshiro128(9);

/** A score is the probability of its label; in the south scores say little. */
function outcomesOf(regions: readonly string[]): Outcomes {
  const scores = regions.map((region) => (region === 'south' ? 0.45 + 0.1 * random() : random() < 0.5 ? 0.05 : 0.95));
  return {
    labels: scores.map((score) => String(Number(random() < score))),
    predictions: scores.map((score) => String(Number(score > 0.5))),
    scores,
    classScores: new Map(),
    queries: scores.map(() => null),
  };
}

const regionsOf = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => (i % 4 === 0 ? 'south' : 'north'));
const reference = outcomesOf(regionsOf(4000));
const regions = regionsOf(800);
const window = outcomesOf(regions);
const estimate = (rows: readonly number[]) =>
  estimateBinaryWindow({ reference, window: outcomesAt(window, rows), errors: {} }, '1');
const given = { most: 5, fewest: 50, estimate };

describe('estimates of segments', () => {
  it('are those of their rows alone, and hold what the labels say', () => {
    const [found] = estimateSegments([{ by: 'region', texts: regions }], given);
    expect(found?.values.map(({ value, rows }) => [value, rows])).toEqual([
      ['north', 600],
      ['south', 200],
    ]);
    for (const { value, metrics } of found?.values ?? []) {
      const own = regions.flatMap((region, row) => (region === value ? [row] : []));
      const labelled = outcomesAt(window, own);
      const right = labelled.labels.filter((label, i) => label === labelled.predictions[i]).length / own.length;
      expect(metrics.accuracy?.low).toBeLessThanOrEqual(right);
      expect(metrics.accuracy?.high).toBeGreaterThanOrEqual(right);
    }
    const [north, south] = found?.values ?? [];
    expect(north?.metrics.accuracy?.value).toBeGreaterThan((south?.metrics.accuracy?.value ?? 1) + 0.2);
  });

  it('are not made of few rows, nor of more values than are asked for', () => {
    const texts = regions.map((region, i) => (i < 10 ? null : i % 2 === 0 ? region : 'west'));
    const [found] = estimateSegments([{ by: 'region', texts }], { ...given, most: 2 });
    expect(found?.left_out.values).toBe(2);
    expect(found?.values).toHaveLength(2);
    const few = estimateSegments([{ by: 'region', texts }], { ...given, most: 9 })[0]?.values.at(-1);
    expect(few).toMatchObject({ value: null, rows: 10, metrics: {} });
    expect(few?.reason).toContain('10 rows are too few');
  });
});
