import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, instantOf, isZone, localTime, periodOf } from '../../../src/domain/calendar/zone.ts';

const ZONES = ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Asia/Kolkata', 'Pacific/Chatham', 'America/Sao_Paulo'];
const MINUTE = 60_000;

describe('a zone', () => {
  it('is one by its IANA name', () => {
    expect(['UTC', 'Europe/Berlin', 'Nowhere/Land', '', '+01:00'].map(isZone)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it('gives back the minute that its clock shows, but for an hour that it shows twice', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ZONES),
        fc.integer({ min: Date.UTC(2015, 0), max: Date.UTC(2035, 0) }),
        (zone, time) => {
          const minute = Math.floor(time / MINUTE) * MINUTE;
          const local = localTime(minute, zone);
          const found = instantOf(local, local.hour * 60 + local.minute, zone);
          expect(localTime(found, zone)).toEqual(local);
          expect(found).toBeLessThanOrEqual(minute);
          expect(minute - found).toBeLessThanOrEqual(3_600_000);
        },
      ),
    );
  });

  it('has days of 23 and 25 hours, and months that begin at its own midnight', () => {
    const hours = (text: string): number => {
      const { from, to } = periodOf(Date.parse(text), 'day', 'Europe/Berlin');
      return (to - from) / 3_600_000;
    };
    expect(['2026-03-29T10:00Z', '2026-10-25T10:00Z', '2026-06-01T10:00Z'].map(hours)).toEqual([23, 25, 24]);
    const { from, to } = periodOf(Date.parse('2026-12-31T23:30:00Z'), 'month', 'Europe/Berlin');
    expect([from, to].map((time) => new Date(time).toISOString())).toEqual([
      '2026-12-31T23:00:00.000Z',
      '2027-01-31T23:00:00.000Z',
    ]);
    expect(addDays({ year: 2024, month: 2, day: 28 }, 2)).toEqual({ year: 2024, month: 3, day: 1 });
  });
});
