import { expect } from 'vitest';
import { kolmogorovTail } from '../../../src/stats/special/kolmogorov.ts';
import { REFERENCE } from '../samples.ts';

/** SciPy's P(D >= d) for n rows. */
export const REFERENCE_TAILS = REFERENCE.kolmogorov;

/** The tail is a probability that falls from 1 to 0 as d grows. */
export function expectFalling(n: number): void {
  let last = 1;
  for (let d = 0; d <= 1; d += 1 / 64) {
    const p = kolmogorovTail(n, d);
    expect(p).toBeGreaterThanOrEqual(0);
    expect(p, `n ${n}, d ${d}`).toBeLessThanOrEqual(last + 1e-12);
    last = p;
  }
  expect(kolmogorovTail(n, 1)).toBe(0);
}
