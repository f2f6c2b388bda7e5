import { describe, expect, it } from 'vitest';
import type { QuietHours } from '../../../schemas/wire/policies.ts';
import { quietUntil } from '../../../src/domain/policy/quiet.ts';

const until = (rules: readonly QuietHours[], at: string, zone = 'UTC'): string | null => {
  const found = quietUntil(rules, zone, Date.parse(at));
  return found === null ? null : new Date(found).toISOString().slice(0, 16);
};

describe('quiet hours', () => {
  const night = { days: null, from: '22:00', to: '06:00' };

  it('last over midnight, with their beginning and without their end', () => {
    expect(until([night], '2026-01-05T21:59:59Z')).toBeNull();
    expect(until([night], '2026-01-05T22:00:00Z')).toBe('2026-01-06T06:00');
    expect(until([night], '2026-01-06T05:59:59Z')).toBe('2026-01-06T06:00');
    expect(until([night], '2026-01-06T06:00:00Z')).toBeNull();
    expect(until([], '2026-01-06T00:00:00Z')).toBeNull();
  });

  it('belong to the day on which they begin', () => {
    const weekend: QuietHours = { days: ['sat'], from: '12:00', to: '12:00' };
    expect(until([weekend], '2026-01-10T11:00:00Z')).toBeNull();
    expect(until([weekend], '2026-01-10T13:00:00Z')).toBe('2026-01-11T12:00');
    expect(until([weekend], '2026-01-11T11:00:00Z')).toBe('2026-01-11T12:00');
  });

  it('are one span where one begins before the other ends', () => {
    const morning = { days: null, from: '05:00', to: '09:00' };
    expect(until([night, morning], '2026-01-05T23:00:00Z')).toBe('2026-01-06T09:00');
  });

  it('follow the clock of the zone', () => {
    expect(until([night], '2026-07-01T20:30:00Z', 'Europe/Berlin')).toBe('2026-07-02T04:00');
    expect(until([night], '2026-01-01T20:30:00Z', 'Europe/Berlin')).toBeNull();
  });

  it('end somewhere even when they never do', () => {
    expect(until([{ days: null, from: '00:00', to: '00:00' }], '2026-01-01T00:00:00Z')).not.toBeNull();
  });
});
