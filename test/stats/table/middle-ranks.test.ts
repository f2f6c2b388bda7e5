import { expect, it } from 'vitest';
import { middleRanks } from '../../../src/stats/table/middle-ranks.ts';

it('ranks from 1, ties in the middle, and leaves out what is in no order', () => {
  const values = Float64Array.of(7, 3, 7, Number.NaN, 5, 7);
  expect([...middleRanks(values, Uint32Array.of(1, 4, 0, 2, 5))]).toEqual([4, 1, 4, Number.NaN, 2, 4]);
});
