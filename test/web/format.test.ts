import { describe, expect, it } from 'vitest';
import { formatNumber, formatP, formatShare } from '../../src/web/format.ts';

describe('a number for people', () => {
  it.each([
    [null, '–'],
    [Number.NaN, '–'],
    [0, '0'],
    [0.123456, '0.1235'],
    [-2.5e-7, '-2.5 × 10⁻⁷'],
    [12_345_678, '12\u202f345\u202f678'],
    [3.2e12, '3.20e+12'],
  ])('of %s is %s', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  it('of a p-value never says that something is certain', () => {
    expect([0, 3e-200, 0.05, null].map(formatP)).toEqual(['< 10⁻³⁰⁰', '3.0 × 10⁻²⁰⁰', '0.05', '–']);
  });

  it('of a share is none only where there is none', () => {
    expect([0, 1e-5, 0.0123, 0.5, null].map(formatShare)).toEqual(['0 %', '< 0.1 %', '1.2 %', '50 %', '–']);
  });
});
