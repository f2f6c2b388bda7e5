import { describe, expect, it } from 'vitest';
import { shareBetween } from '../../../src/stats/summaries/share-between.ts';

describe('the share of a distance', () => {
  it('is that of the way from the one to the other', () => {
    expect([2, 3, 3.5, 4].map((value) => shareBetween(2, 4, value))).toEqual([0, 0.5, 0.75, 1]);
    expect(shareBetween(-3, 5, -1)).toBe(0.25);
    expect(shareBetween(0, 1e-323, 5e-324)).toBe(0.5);
  });

  it('is one where the distance is beyond a double', () => {
    expect([-1.5e308, 0, 0.75e308, 1.5e308].map((value) => shareBetween(-1.5e308, 1.5e308, value))).toEqual([
      0, 0.5, 0.75, 1,
    ]);
  });
});
