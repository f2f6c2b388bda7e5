import { describe, expect, it } from 'vitest';
import { numberBins } from '../../../src/stats/verdict/number-bins.ts';
import { numberSample } from '../../../src/stats/verdict/samples.ts';
import { numbers } from '../columns.ts';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const sampleOf = (...values: (number | null)[]) => numberSample(numbers(values));

describe('the bins of numbers', () => {
  it('are closed on the right, the first on both sides, with what lies outside and what is missing apart', () => {
    const reference = sampleOf(0, 0, 0.5, 1, 1, 1, 2, 3, null, nan);
    const window = sampleOf(-inf, -1, 0, 2, 2.5, 3, 3.5, inf, null, null, nan);
    const bins = numberBins(reference, window, [0, 1, 1, 2, 3]);
    expect(bins).toEqual([
      { kind: 'below', label: 'below 0', lower: null, upper: 0, reference: 0, window: 2 },
      { kind: 'range', label: '[0, 1]', lower: 0, upper: 1, reference: 6, window: 1 },
      { kind: 'range', label: '1', lower: 1, upper: 1, reference: 0, window: 0 },
      { kind: 'range', label: '(1, 2]', lower: 1, upper: 2, reference: 1, window: 1 },
      { kind: 'range', label: '(2, 3]', lower: 2, upper: 3, reference: 1, window: 2 },
      { kind: 'above', label: 'above 3', lower: 3, upper: null, reference: 0, window: 2 },
      { kind: 'missing', label: 'missing', lower: null, upper: null, reference: 2, window: 3 },
    ]);
  });

  it('are one of any number where the reference has none', () => {
    expect(numberBins(sampleOf(null, nan), sampleOf(1, 2, null), [])).toEqual([
      { kind: 'above', label: 'any number', lower: null, upper: null, reference: 0, window: 2 },
      { kind: 'missing', label: 'missing', lower: null, upper: null, reference: 2, window: 1 },
    ]);
  });
});
