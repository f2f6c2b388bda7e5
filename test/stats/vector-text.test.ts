import { expect, it } from 'vitest';
import { vectorText, vectorValues } from '../../src/stats/vector-text.ts';
import { vectors } from './columns.ts';

it('writes a row as the list that JSON has for it', () => {
  const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
  const column = vectors(
    [
      [1, 2.5, -0.25],
      [nan, infinity, -infinity],
      [7, 8, 9],
    ],
    3,
  );
  expect(vectorText(column, 0)).toBe('[1,2.5,-0.25]');
  expect(vectorValues(column, 1)).toEqual([null, 'Infinity', '-Infinity']);
  expect(vectorText(column, 1)).toBe('[null,"Infinity","-Infinity"]');
  expect(vectorText(column, 2)).toBe('[7,8,9]');
});
