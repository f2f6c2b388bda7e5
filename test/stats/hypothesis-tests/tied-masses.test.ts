import { describe, expect, it } from 'vitest';
import { tiedMasses } from '../../../src/stats/hypothesis-tests/tied-masses.ts';
import { filled, sample } from '../samples.ts';

const masses = (x: readonly number[], y: readonly number[]): number[] => [
  ...tiedMasses(Float64Array.from(x).sort(), Float64Array.from(y).sort()),
];

describe('tiedMasses', () => {
  it('is the shares of the values, in their order', () => {
    expect(masses([1, 1, 2, 5], [2, 2, 3, 3])).toEqual([0.25, 0.375, 0.25, 0.125]);
    expect(masses([7], [7])).toEqual([1]);
  });

  it('puts light values together, never with a heavy one between them, and loses no mass', () => {
    // 4,096 rows: a value of two rows is as heavy as a cell, one of a single row half of one.
    const single = (from: number, n: number) => Array.from({ length: n }, (_, i) => from + i);
    const found = masses([...single(0, 3), ...filled(2, 10), ...single(20, 2)], [15, ...filled(4088, 30)]);
    expect(found.map((mass) => mass * 4096)).toEqual([2, 1, 2, 2, 1, 4088]);
  });

  it('has at most some 2,048 cells', () => {
    const found = masses([...sample({ n: 20_000 })], [...sample({ n: 9000, plastic: true })]);
    expect(found.length).toBeLessThanOrEqual(2048);
    expect(found.length).toBeGreaterThan(1900);
    expect(found.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
  });
});
