import { expect, it } from 'vitest';
import { takeFinite } from '../../../src/stats/summaries/finite-numbers.ts';
import { numbers } from '../columns.ts';

const { NaN: NAN, POSITIVE_INFINITY: UP, NEGATIVE_INFINITY: DOWN } = Number;

it('tells what the rows of a batch have, and leaves the finite numbers', () => {
  const out = new Float64Array(13).fill(7);
  const values = [null, 4, NAN, 0, -0, UP, null, DOWN, UP, -2.5, 3, -1, null];
  expect(takeFinite(numbers(values), out)).toEqual({
    n: 6,
    nulls: 3,
    nan: 1,
    positiveInfinity: 2,
    negativeInfinity: 1,
    zeros: 2,
    negatives: 2,
    min: -2.5,
    max: 4,
    sum: 3.5,
  });
  expect(out).toEqual(Float64Array.of(4, 0, 0, -2.5, 3, -1, 7, 7, 7, 7, 7, 7, 7));
});

it('tells of no number by extremes that any number moves', () => {
  const none = { n: 0, zeros: 0, negatives: 0, min: UP, max: DOWN, sum: 0 };
  expect(takeFinite(numbers([]), new Float64Array(0))).toMatchObject({ ...none, nulls: 0 });
  expect(takeFinite(numbers([null, NAN]), new Float64Array(2))).toMatchObject({ ...none, nulls: 1, nan: 1 });
});
