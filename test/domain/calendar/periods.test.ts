import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Calendar, periodAround } from '../../../src/domain/calendar/periods.ts';

const at = (text: string): number => Date.parse(text);
const HOUR = 3_600_000;

function around(time: string, calendar: Partial<Calendar>): [string, string] {
  const { start, end } = periodAround(at(time), { period: 'day', zone: 'UTC', week_start: 'monday', ...calendar });
  return [new Date(start).toISOString().slice(0, 16), new Date(end).toISOString().slice(0, 16)];
}

describe('a calendar', () => {
  it('has days of 23 and of 25 hours where clocks are changed', () => {
    const berlin = { zone: 'Europe/Berlin' };
    expect(around('2026-03-29T12:00:00Z', berlin)).toEqual(['2026-03-28T23:00', '2026-03-29T22:00']);
    expect(around('2026-10-25T12:00:00Z', berlin)).toEqual(['2026-10-24T22:00', '2026-10-25T23:00']);
    expect(around('2026-07-01T12:00:00Z', berlin)).toEqual(['2026-06-30T22:00', '2026-07-01T22:00']);
  });

  it('has the hour twice that the clock shows twice, and lacks the one it leaves out', () => {
    const hours = { period: 'hour', zone: 'Europe/Berlin' } as const;
    expect(around('2026-10-25T00:30:00Z', hours)).toEqual(['2026-10-25T00:00', '2026-10-25T01:00']);
    expect(around('2026-10-25T01:30:00Z', hours)).toEqual(['2026-10-25T01:00', '2026-10-25T02:00']);
    expect(around('2026-03-29T01:30:00Z', hours)).toEqual(['2026-03-29T01:00', '2026-03-29T02:00']);
  });

  it('ends an hour where clocks are changed by half of one', () => {
    const hours = { period: 'hour', zone: 'Australia/Lord_Howe' } as const;
    expect(around('2026-04-04T14:30:00Z', hours)).toEqual(['2026-04-04T14:00', '2026-04-04T15:00']);
    expect(around('2026-04-04T15:10:00Z', hours)).toEqual(['2026-04-04T15:00', '2026-04-04T15:30']);
    expect(around('2026-04-04T15:40:00Z', hours)).toEqual(['2026-04-04T15:30', '2026-04-04T16:30']);
    expect(around('2026-10-03T15:40:00Z', hours)).toEqual(['2026-10-03T15:30', '2026-10-03T16:00']);
  });

  it('begins a day when its first moment is, where midnight is left out', () => {
    expect(around('2026-03-08T12:00:00Z', { zone: 'America/Havana' })).toEqual([
      '2026-03-08T05:00',
      '2026-03-09T04:00',
    ]);
  });

  it('knows that Samoa had no 30 December 2011', () => {
    const apia = { zone: 'Pacific/Apia' };
    expect(around('2011-12-30T09:59:00Z', apia)).toEqual(['2011-12-29T10:00', '2011-12-30T10:00']);
    expect(around('2011-12-30T10:00:00Z', apia)).toEqual(['2011-12-30T10:00', '2011-12-31T10:00']);
  });

  it('does not go back to a day that is over where clocks are put back over midnight', () => {
    const john = { zone: 'America/St_Johns' };
    // At 00:01 on the first of November the clock went back to 23:01 of October.
    expect(around('2009-11-01T02:31:00Z', john)).toEqual(around('2009-11-01T12:00:00Z', john));
    expect(around('2009-11-01T02:29:00Z', john)).toEqual(['2009-10-31T02:30', '2009-11-01T02:30']);
  });

  it('has weeks and months of its zone', () => {
    const weeks = { period: 'week', zone: 'America/New_York' } as const;
    expect(around('2026-11-04T12:00:00Z', { ...weeks, week_start: 'sunday' })).toEqual([
      '2026-11-01T04:00',
      '2026-11-08T05:00',
    ]);
    expect(around('2026-11-01T12:00:00Z', weeks)).toEqual(['2026-10-26T04:00', '2026-11-02T05:00']);
    const months = { period: 'month', zone: 'Europe/Berlin' } as const;
    expect(around('2026-03-31T21:00:00Z', months)).toEqual(['2026-02-28T23:00', '2026-03-31T22:00']);
    expect(around('2024-02-29T21:00:00Z', { period: 'month' })).toEqual(['2024-02-01T00:00', '2024-03-01T00:00']);
  });

  const ZONES = [
    ...['UTC', 'Europe/Berlin', 'America/New_York', 'America/St_Johns', 'Australia/Lord_Howe', 'Asia/Kathmandu'],
    ...['Pacific/Apia', 'Africa/Cairo', 'America/Havana', 'Pacific/Kwajalein', 'Asia/Beirut', '+05:30'],
  ];
  const calendars = fc.record<Calendar>({
    period: fc.constantFrom('hour', 'day', 'week', 'month'),
    zone: fc.constantFrom(...ZONES),
    week_start: fc.constantFrom('monday', 'wednesday', 'sunday'),
  });
  const times = fc.integer({ min: at('1973-01-01T00:00:00Z'), max: at('2045-01-01T00:00:00Z') });

  it('covers time without gap or overlap', () => {
    fc.assert(
      fc.property(calendars, times, (calendar, t) => {
        const { start, end } = periodAround(t, calendar);
        expect(start <= t && t < end).toBe(true);
        expect(periodAround(start, calendar)).toEqual({ start, end });
        expect(periodAround(end - 1, calendar)).toEqual({ start, end });
        expect(periodAround(end, calendar).start).toBe(end);
        expect(periodAround(start - 1, calendar).end).toBe(start);
      }),
      { numRuns: 500 },
    );
  });

  it('has the date of its zone all day long', () => {
    // Written another way than the code under test reads zones. None of these changes its clocks at midnight.
    const zones = ['Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe'];
    fc.assert(
      fc.property(fc.constantFrom(...zones), times, fc.double({ min: 0, max: 1, noNaN: true }), (zone, t, share) => {
        const { start, end } = periodAround(t, { period: 'day', zone, week_start: 'monday' });
        const date = (time: number): string => new Date(time).toLocaleDateString('sv-SE', { timeZone: zone });
        expect(date(start + Math.floor(share * (end - start - 1)))).toBe(date(start));
        expect(date(end)).not.toBe(date(start));
        expect(date(start - 1)).not.toBe(date(start));
        expect([23, 23.5, 24, 24.5, 25]).toContain((end - start) / HOUR);
      }),
      { numRuns: 200 },
    );
  });
});
