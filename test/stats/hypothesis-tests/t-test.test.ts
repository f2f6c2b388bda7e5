import { describe, expect, it } from 'vitest';
import { studentTTest, welchTTest } from '../../../src/stats/hypothesis-tests/t-test.ts';
import { pairsWith } from '../measure-values.ts';
import { relativeError, setA } from '../samples.ts';

describe('studentTTest and welchTTest', () => {
  it('have the exact values, also a million deviations from zero and beyond 2^53', () => {
    for (const { x, y, name, expected } of pairsWith('t')) {
      const [student, welch] = [studentTTest(x, y)!, welchTTest(x, y)!];
      expect(relativeError(student.t, expected.t), name).toBeLessThan(1e-9);
      expect(relativeError(student.p, expected.p), name).toBeLessThan(1e-7);
      expect(student.df).toBe(x.length + y.length - 2);
      expect(relativeError(welch.t, expected.welch), name).toBeLessThan(1e-9);
      expect(relativeError(welch.df, expected.df), name).toBeLessThan(1e-9);
      expect(relativeError(welch.p, expected.welchP), name).toBeLessThan(1e-7);
    }
    expect(Math.min(...pairsWith('t').map(({ expected }) => expected.p))).toBeLessThan(1e-200);
  });

  it('have the published values of set A', () => {
    const { reference, current } = setA();
    expect(relativeError(studentTTest(reference, current)!.t, -3.7564470981131355)).toBeLessThan(1e-10);
    expect(relativeError(studentTTest(reference, current)!.p, 0.000177833577)).toBeLessThan(1e-8);
    expect(relativeError(welchTTest(reference, current)!.p, 0.000215297449)).toBeLessThan(1e-8);
  });

  it('change sign with the sides, and do not move with the origin', () => {
    const { reference, current } = setA();
    for (const test of [studentTTest, welchTTest]) {
      const there = test(reference, current)!;
      const back = test(current, reference)!;
      expect(back.t).toBeCloseTo(-there.t, 10);
      expect(relativeError(back.p, there.p)).toBeLessThan(1e-10);
      const shifted = test(
        reference.map((v) => v + 4096),
        current.map((v) => v + 4096),
      )!;
      expect(relativeError(shifted.t, there.t)).toBeLessThan(1e-9);
    }
  });

  it('cannot be had without spread or rows', () => {
    const [one, two] = [Float64Array.of(1), Float64Array.of(1, 2)];
    expect(studentTTest(Float64Array.of(3, 3), Float64Array.of(4, 4))).toBeNull();
    expect(welchTTest(Float64Array.of(3, 3), Float64Array.of(4, 4))).toBeNull();
    expect(studentTTest(one, one)).toBeNull();
    expect(studentTTest(one, two)).not.toBeNull();
    expect(welchTTest(one, two)).toBeNull();
    expect(welchTTest(two, one)).toBeNull();
    expect(welchTTest(two, Float64Array.of())).toBeNull();
    expect(studentTTest(two, Float64Array.of())).toBeNull();
    expect(studentTTest(two, one)).not.toBeNull();
    expect(welchTTest(two, two)).not.toBeNull();
    expect(studentTTest(Float64Array.of(), two)).toBeNull();
    expect(welchTTest(Float64Array.of(1e308, -1e308), two)).toBeNull();
  });
});
