import { describe, expect, it } from 'vitest';
import { studentTwoSidedQuantile, studentTwoSidedTail } from '../../../src/stats/special/student-t.ts';

describe("Student's quantile", () => {
  it('is where the tail is what was asked for', () => {
    for (const df of [1, 8, 14, 200]) {
      for (const tail of [0.5, 0.05, 0.001, 1e-9]) {
        expect(studentTwoSidedTail(studentTwoSidedQuantile(tail, df), df) / tail).toBeCloseTo(1, 9);
      }
    }
    // Tables: 97.5 % point with 8 degrees of freedom.
    expect(studentTwoSidedQuantile(0.05, 8)).toBeCloseTo(2.306004, 6);
  });

  it('is that of Cauchy’s law with one degree of freedom, below 1 as well as far out', () => {
    for (const tail of [0.999, 0.9, 0.5, 1e-6, 1e-12]) {
      expect(studentTwoSidedQuantile(tail, 1) * Math.tan((tail * Math.PI) / 2)).toBeCloseTo(1, 11);
    }
  });

  it('is a number also where the tail never gets that thin among the doubles', () => {
    // P(|T| > t) falls like t^(-1/1000), which is a half at the largest double.
    const far = studentTwoSidedQuantile(0.05, 0.001);
    expect(far).toBeGreaterThan(1e99);
    expect(far).toBeLessThan(Number.POSITIVE_INFINITY);
  });
});
