import { expect, it } from 'vitest';
import { scaleOf } from '../../../src/stats/distances/scale-of.ts';

const of = (...values: number[]): number => scaleOf(Float64Array.from(values));

it('is the power of two that is as large as the largest number', () => {
  expect([of(1), of(3, -5, 0), of(-0.3), of(1e-100)]).toEqual([1, 4, 0.25, 2 ** -333]);
});

it('is one for zeros, and for no number at all', () => {
  expect([of(0, -0), of()]).toEqual([1, 1]);
});

it('ends where doubles end', () => {
  expect([of(Number.MAX_VALUE), of(1, 2 ** 1023)]).toEqual([2 ** 1023, 2 ** 1023]);
  expect([of(Number.MIN_VALUE), of(3 * Number.MIN_VALUE)]).toEqual([2 ** -1074, 2 ** -1073]);
});

it('loses nothing of what is divided by it and multiplied again', () => {
  for (const value of [Math.PI, -1e-300, 1.7e308, 2.5e-310]) expect((value / of(value)) * of(value)).toBe(value);
});
