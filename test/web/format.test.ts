import { describe, expect, it, test } from 'vitest';
import { formatInstant, formatNumber, formatP, formatShare, formatValue } from '../../src/web/format.ts';

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

test('a value of a column reads as what it is: a time as such, a number without what arithmetic left', () => {
  expect(formatValue('time', 1_681_776_000_000)).toBe('2023-04-18');
  expect(formatValue('time', '1681776060000')).toBe('2023-04-18 00:01');
  expect(formatValue('number', 0.1 + 0.2)).toBe('0.3');
  expect([formatValue('number', 9_007_199_254_740_991), formatValue('category', '0.055241999999999996')]).toEqual([
    '9007199254740991',
    '0.055241999999999996',
  ]);
});

describe('a point in time', () => {
  it.each([
    [null, '–'],
    [0, '1970-01-01'],
    [1_711_828_800_000, '2024-03-30 20:00'],
    // A microsecond before midnight is of the day before, also where times are counted backwards.
    [86_399_999.999, '1970-01-01 23:59'],
    [-0.001, '1969-12-31 23:59'],
    [9e15, '9.00e+15'],
  ])('of %s milliseconds is %s', (milliseconds, text) => {
    expect(formatInstant(milliseconds)).toBe(text);
  });
});
