import { describe, expect, it } from 'vitest';
import { saySigns, writtenSigns, writtenValues } from '../../src/quality/written-values.ts';
import { TextShapeCounts } from '../../src/stats/summaries/text-shapes.ts';

function writingOf(...texts: readonly string[]) {
  const counts = new TextShapeCounts();
  for (const text of texts) counts.add(text, 1);
  const shapes = counts.describe();
  return shapes === null ? null : writtenValues(shapes);
}

const signsOf = (...texts: readonly string[]) => {
  const counts = new TextShapeCounts();
  for (const text of texts) counts.add(text, 1);
  const shapes = counts.describe();
  return shapes === null ? [] : writtenSigns(shapes);
};

const NONE = { upper: 0, lower: 0, digits: 0, spaces: 0, punctuation: 0, other: 0 };

describe('texts that a person reads as something else', () => {
  it.each([
    ['1.829,02', '334,86', '12.345.678,9'],
    ['1,829.02', '334.86', '12'],
    ['$1,829.02', '$3.50'],
    ['1 829,02 €', '334,86 €'],
    ['EUR 1.829,02', 'EUR 12,50'],
    ["1'829.02", '334.86'],
    ['37,8%', '5 %'],
    ['(471)', '1,278', '-12'],
    ['1.234.567', '1.234'],
  ])('are amounts: %s, %s', (...texts) => {
    expect(writingOf(...texts)).toBe('written-numbers');
  });

  it.each([
    ['31.12.2025', '1.2.2025'],
    ['12/31/25', '01/02/25'],
    ['31-12-2025 23:59', '01-01-2025 00:00:00'],
    ['22 Feb 2025', '1 Mar 2025'],
    ['Feb 22, 2025', 'Mar 1, 2025'],
    ['2025-12-31', '31.12.2025'],
    ['2025/12/31', '2025/1/2 10:00'],
    ['31DEC2025', '01JAN2026'],
    ['31-dec-2025', '01-jan-2026'],
    ['12/31/2025 11:59 PM', '1/2/2025 1:05:00 am'],
    ['31/12/2025, 23:59:58.25', '1/2/2025, 10:00:00.5'],
  ])('are dates: %s, %s', (...texts) => {
    expect(writingOf(...texts)).toBe('written-dates');
  });

  it.each([
    ['K-1001', 'K-1002'],
    ['Q1', 'Q2'],
    ['é1', 'é2'],
    ['192.168.0.1', '10.0.0.12'],
    ['555 123 456', '555 123 457'],
    ['+4930123456', '+4930123457'],
    ['110 00', '120 00'],
    ['1.2.3', '1.10.0'],
    ['basic', 'pro'],
    ['12', '12.5'],
    ['2025-12-31', '2025-01-01T00:00:00'],
    ['31.12-2025', '01.01-2025'],
    ['', ''],
  ])('are neither: %s, %s', (...texts) => {
    expect(writingOf(...texts)).toBeNull();
  });

  it('are so where nine tenths of the rows are', () => {
    const amounts = Array.from({ length: 9 }, (_, i) => `${i},50`);
    expect(writingOf(...amounts, 'on request')).toBe('written-numbers');
    expect(writingOf(...amounts.slice(1), 'on request')).toBeNull();
  });

  it('are told of the beginning of a run of digits, however long a profile says that it is', () => {
    const patterns = [{ pattern: '9{9999999999},9', count: 3 }];
    expect(writtenValues({ method: 'text-shapes@1', characters: NONE, rows: 3, rest: 0, patterns })).toBe(
      'written-numbers',
    );
  });
});

describe('what would read such texts', () => {
  it.each([
    [['1,5', '2,25', '1234,5'], [{ decimal: ',' }]],
    [['1.829,02', '334,86'], [{ decimal: ',', thousands: '.' }]],
    [['1.234.567', '1.234,5'], [{ decimal: ',', thousands: '.' }]],
    [['1,829.02', '334.86', '12'], [{ thousands: ',' }]],
    [["1'829.02", '334.86'], [{ thousands: "'" }]],
    [["1'829,02", '334,86'], [{ decimal: ',', thousands: "'" }]],
    [['1 829,02', '334,86'], [{ decimal: ',', thousands: ' ' }]],
    [
      ['1,829', '-2,500'],
      [{ decimal: ',' }, { thousands: ',' }],
    ],
    [['$1,829.02', '$3.50'], []],
    [['37,8%', '5 %'], []],
    [['31.12.2025', '1.2.2025'], []],
    [['basic', 'pro'], []],
  ])('are these signs: %j', (texts, signs) => {
    expect(signsOf(...texts)).toEqual(signs);
  });

  it('is said in words', () => {
    expect(saySigns(signsOf('1.829,02', '3,5'))).toBe('say decimal "," and thousands "."');
    expect(saySigns(signsOf('1,829', '2,500'))).toBe('say decimal ",", or thousands ","');
    expect(saySigns(signsOf('$1.50', '$2.50'))).toBeNull();
  });
});
