import { describe, expect, it } from 'vitest';
import { classAverage } from '../../../src/stats/performance/class-averages.ts';
import { confusionCounts } from '../../../src/stats/performance/confusion-matrix.ts';
import { Z95 } from '../../../src/stats/performance/metric.ts';

const RATES = ['precision', 'recall', 'f1', 'specificity'] as const;
const AVERAGES = ['macro', 'weighted'] as const;

/** Rows of labels, columns of predictions; no two classes are alike. */
const CONFUSION = { classes: 3, n: 100, counts: Float64Array.of(30, 5, 2, 8, 20, 4, 1, 9, 21) };

/** The delta method with slopes by differences: of each share, the others as they are. */
function errorByDifferences(rate: (typeof RATES)[number], average: (typeof AVERAGES)[number]): number {
  const { n, counts } = CONFUSION;
  const step = 1e-3;
  const moved = (cell: number, by: number): number =>
    classAverage({ ...CONFUSION, counts: counts.with(cell, counts[cell]! + by) }, rate, average).value!;
  let mean = 0;
  let squares = 0;
  for (let cell = 0; cell < counts.length; cell++) {
    const slope = ((moved(cell, step) - moved(cell, -step)) / (2 * step)) * n;
    mean += (counts[cell]! / n) * slope;
    squares += (counts[cell]! / n) * slope * slope;
  }
  return Math.sqrt((squares - mean * mean) / n);
}

describe('classAverage', () => {
  for (const rate of RATES) {
    it.each(AVERAGES)(`has the interval that the slopes of ${rate} make: %s`, (average) => {
      const found = classAverage(CONFUSION, rate, average);
      expect(found.method).toBe(`${rate}_${average}/delta@1`);
      expect((found.high! - found.value!) / Z95 / errorByDifferences(rate, average)).toBeCloseTo(1, 6);
    });
  }

  it.each(RATES)('counts %s as 0 where there is nothing to divide by', (rate) => {
    // The second class is never labelled, the third one never predicted.
    const counts = confusionCounts([0, 0, 2], [0, 1, 0], 3);
    const expected = { precision: [0.5, 0, 0], recall: [0.5, 0, 0], f1: [0.5, 0, 0], specificity: [0, 2 / 3, 1] };
    const mean = expected[rate].reduce((sum, one) => sum + one, 0) / 3;
    expect(classAverage(counts, rate, 'macro').value).toBeCloseTo(mean, 12);
  });

  it('of one class alone has no specificity to speak of', () => {
    expect(classAverage(confusionCounts([0, 0], [0, 0], 1), 'specificity', 'macro').value).toBe(0);
  });

  it('of no rows says so', () => {
    const reason = 'no row has both label and predicted class';
    expect(classAverage(confusionCounts([], [], 2), 'recall', 'weighted')).toMatchObject({ value: null, n: 0, reason });
  });
});
