import { describe, expect, it } from 'vitest';
import { dateOrders, holdsDigitDates, sayOrders } from '../../src/quality/written-dates.ts';
import type { NumberProfile } from '../../src/stats/profile.ts';
import { TextShapeCounts } from '../../src/stats/summaries/text-shapes.ts';
import { numbers, profileOf } from '../stats/columns.ts';

function ordersOf(...texts: readonly string[]) {
  const counts = new TextShapeCounts();
  for (const text of texts) counts.add(text, 1);
  return dateOrders(counts.describe()!, texts);
}

describe('the order of the numbers of a date', () => {
  it.each([
    [['31/12/2024', '1/2/2024'], ['day-first']],
    [['12/31/2024', '1/2/2024'], ['month-first']],
    [
      ['1/2/2024', '3/4/2024'],
      ['day-first', 'month-first'],
    ],
    [['31/12/2024', '12/31/2024'], []],
    [['2024/12/31', '2024/1/2'], ['year-first']],
    [['2024/12/31', '31/12/2024'], []],
    [['31-Dec-2024', 'Dec 31, 2024'], ['day-first']],
    [['31.12.2024 23:59'], ['day-first']],
  ] as const)('of %s is %s', (texts, orders) => {
    expect(ordersOf(...texts)).toEqual(orders);
  });

  it('is said where one would do', () => {
    expect(sayOrders(['day-first', 'month-first'])).toBe('say dates "day-first", or "month-first"');
    expect(sayOrders([])).toBeNull();
  });
});

describe('dates of eight digits', () => {
  const holds = (values: readonly number[], type: 'int64' | 'float64' = 'int64') =>
    holdsDigitDates(profileOf({ x: numbers(values, type) }).columns[0] as NumberProfile);

  it('are integers of which all that is known are dates', () => {
    expect(holds([20240229, 20241231])).toBe(true);
    expect(holds([19000101, 21001231, 20240101])).toBe(true);
  });

  it.each([
    [[20230229, 20241231]],
    [[20240101, 20241301]],
    [[18991231, 20240101]],
    [[20240101]],
    [[1, 20240101]],
    [[]],
  ])('are not %j', (values) => {
    expect(holds(values)).toBe(false);
  });

  it('have no decimals', () => {
    expect(holds([20240101, 20240102], 'float64')).toBe(false);
  });
});
