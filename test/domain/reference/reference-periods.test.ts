import { describe, expect, it } from 'vitest';
import { referencePeriods, windowPeriods } from '../../../src/domain/reference/reference-periods.ts';
import type { TimeColumn } from '../../../src/stats/column.ts';

const HOUR = 3_600_000;
const MONDAY = Date.UTC(2026, 0, 5);
const steps = (lengthSeconds: number) => ({ kind: 'steps', lengthSeconds, stepSeconds: lengthSeconds }) as const;
const DAYS = steps(86_400);
const HOURS = steps(3600);

/** So many rows an hour over some days. */
function timesOf(days: number, hourly: number): TimeColumn {
  const values = Float64Array.from({ length: days * 24 * hourly }, (_, i) => MONDAY + (i / hourly) * HOUR);
  return { kind: 'time', type: 'timestamp', length: values.length, values, valid: null };
}
const shapeOf = (...given: Parameters<typeof referencePeriods>) => {
  const found = referencePeriods(...given);
  return found && { kind: found.kind, count: found.parts.length, rows: found.parts.map(({ length }) => length)[0] };
};

describe('the periods of a reference', () => {
  it('are its windows, where they have enough rows', () => {
    expect(shapeOf(timesOf(28, 10), DAYS, 1000)).toEqual({ kind: 'window', count: 28, rows: 240 });
    expect(shapeOf(timesOf(14, 5), DAYS, 100)).toEqual({ kind: 'window', count: 14, rows: 120 });
  });

  it('are places in the week or the day, where they have not', () => {
    expect(shapeOf(timesOf(28, 2), DAYS, 1000)).toBeNull();
    expect(shapeOf(timesOf(35, 2), DAYS, 1000)).toEqual({ kind: 'week', count: 7, rows: 240 });
    expect(shapeOf(timesOf(28, 50), HOURS, 1000)).toEqual({ kind: 'week', count: 168, rows: 200 });
    expect(shapeOf(timesOf(28, 10), HOURS, 1000)).toEqual({ kind: 'day', count: 24, rows: 280 });
  });

  it('follow the calendar of a zone over a change of its clocks', () => {
    const berlin = { kind: 'calendar', period: 'day', zone: 'Europe/Berlin', week_start: 'monday' } as const;
    const spring = timesOf(28, 10).values.map((time) => time + Date.UTC(2026, 2, 15) - MONDAY - HOUR);
    const found = referencePeriods({ ...timesOf(28, 10), values: spring }, berlin, 1000);
    // The day on which an hour is left out is one of them, and the last one begins an hour early.
    expect(
      found?.parts
        .map(({ length }) => length)
        .sort((a, b) => a - b)
        .slice(0, 3),
    ).toEqual([10, 230, 240]);
  });

  it('are none where its times tell no seasons', () => {
    expect(referencePeriods(timesOf(5, 100), DAYS, 1000)).toBeNull();
    const unknown = { ...timesOf(28, 10), valid: new Uint8Array(28 * 30) };
    expect(referencePeriods(unknown, DAYS, 1000)).toBeNull();
  });
});

describe('the periods of logged windows', () => {
  const sizes = [3, 1, 4, 1, 5, 9, 2];

  it('are the windows, with the places of the rows that were drawn', () => {
    const drawn = Int32Array.from([24, 0, 8, 2, 3, 23]);
    const found = windowPeriods(sizes, drawn);
    expect(found?.kind).toBe('window');
    // Rows 0 to 2 are of the first, 3 of the second, 8 of the fourth, 23 and 24 of the last; of the others none was drawn.
    expect(found?.parts.map((part) => [...part])).toEqual([[1, 3], [4], [2], [0, 5]]);
  });

  it('are none where the windows are few', () => {
    expect(windowPeriods(sizes.slice(1), Int32Array.from([0]))).toBeNull();
  });
});
