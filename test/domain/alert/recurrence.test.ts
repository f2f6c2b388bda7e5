import { describe, expect, it } from 'vitest';
import { holds, recurrenceFrom, recurrenceOf } from '../../../src/domain/alert/recurrence.ts';

const span = { startsAt: new Date('2026-03-01T00:00:00Z'), endsAt: new Date('2026-05-01T00:00:00Z') };
const sundays = {
  ...span,
  recurs: recurrenceFrom({ schedule: '0 2 * * sun', duration: 'PT3H', zone: 'Europe/Berlin' }),
};
const at = (silence: Parameters<typeof holds>[0], time: string): boolean => holds(silence, new Date(time));

describe('a maintenance window', () => {
  it('holds from each time of its schedule for its duration, by the clock of its zone', () => {
    expect(at(sundays, '2026-03-08T00:59:59Z')).toBe(false);
    expect(at(sundays, '2026-03-08T01:00:00Z')).toBe(true);
    expect(at(sundays, '2026-03-08T03:59:59Z')).toBe(true);
    expect(at(sundays, '2026-03-08T04:00:00Z')).toBe(false);
    expect(at(sundays, '2026-03-09T01:30:00Z')).toBe(false);
    // In April the clock of Berlin is two hours ahead.
    expect(at(sundays, '2026-04-05T00:00:00Z')).toBe(true);
  });

  it('holds only between its start and its end', () => {
    expect(at(sundays, '2026-02-22T02:00:00Z')).toBe(false);
    expect(at(sundays, '2026-05-03T01:00:00Z')).toBe(false);
    const always = { ...span, recurs: null };
    expect([at(always, '2026-03-01T00:00:00Z'), at(always, '2026-05-01T00:00:00Z')]).toEqual([true, false]);
    expect(recurrenceOf(always)).toBeNull();
  });

  it.each([
    [{ schedule: 'never', duration: 'PT1H' }, ['/recurring/schedule']],
    [{ schedule: '0 2 * * *', duration: 'PT1S' }, ['/recurring/duration']],
    [{ schedule: '0 2 * * *', duration: 'P1M' }, ['/recurring/duration']],
    [{ schedule: '0 2 * * *', duration: 60, zone: 'Here' }, ['/recurring/zone']],
    [{ schedule: 'x', duration: 'y', zone: 'z' }, ['/recurring/schedule', '/recurring/zone', '/recurring/duration']],
  ])('names what cannot be in %j', (given, pointers) => {
    expect(() => recurrenceFrom(given)).toThrow(
      expect.objectContaining({ issues: pointers.map((pointer) => expect.objectContaining({ pointer })) }),
    );
  });
});
