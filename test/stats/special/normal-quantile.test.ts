import { describe, expect, it } from 'vitest';
import { normalTail } from '../../../src/stats/special/normal.ts';
import { normalQuantile } from '../../../src/stats/special/normal-quantile.ts';

describe('normalQuantile', () => {
  it('undoes the normal law from the middle to the far tail', () => {
    expect(normalQuantile(0.5)).toBe(0);
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 14);
    for (const p of [1e-300, 1e-20, 1e-6, 0.01, 0.07, 0.3]) {
      expect(normalTail(-normalQuantile(p)) / p).toBeCloseTo(1, 10);
      if (p > 1e-15) expect(normalQuantile(1 - p)).toBeCloseTo(-normalQuantile(p), 8);
    }
  });
});
