import { describe, expect, it } from 'vitest';
import { drawSeries } from '../../../src/webhook/adapters/draw-series.ts';

describe('a drawn series', () => {
  it.each([
    [[0, 0.1, 0.2, 0.4], 0.2, '▁▃▅█'],
    // Far below its limit: nothing to see.
    [[0.01, 0.02, 0.01], 0.2, '▁▁▁'],
    [[0.1, null, 0.1], 0.1, '█·█'],
    [[-0.4, 0.2], null, '█▅'],
    [[0, 0], null, '▁▁'],
    [[], 0.2, ''],
  ])('of %j below %j is %s', (series, limit, drawn) => {
    expect(drawSeries(series, limit)).toBe(drawn);
  });
});
