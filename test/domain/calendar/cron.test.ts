import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cron, lastOccurrence, nextOccurrence, parseCron } from '../../../src/domain/calendar/cron.ts';

function cronOf(text: string): Cron {
  const cron = parseCron(text);
  if ('problem' in cron) throw new Error(cron.problem);
  return cron;
}

/** The next times of a schedule after an instant. */
function times(text: string, zone: string, from: string, count: number): string[] {
  const cron = cronOf(text);
  const found: string[] = [];
  let at = Date.parse(from);
  for (let i = 0; i < count; i++) {
    const next = nextOccurrence(cron, zone, at);
    if (next === null) break;
    found.push(new Date(next).toISOString().slice(0, 16));
    at = next;
  }
  return found;
}

describe('a schedule', () => {
  it.each([
    ['0 3 * * *', ['2026-01-01T03:00', '2026-01-02T03:00']],
    ['*/20 9-10 * * *', ['2026-01-01T09:00', '2026-01-01T09:20', '2026-01-01T09:40', '2026-01-01T10:00']],
    ['5/25 0 * * *', ['2026-01-01T00:05', '2026-01-01T00:30', '2026-01-01T00:55', '2026-01-02T00:05']],
    ['0 0 * * mon,THU', ['2026-01-05T00:00', '2026-01-08T00:00', '2026-01-12T00:00']],
    ['0 0 * * 7', ['2026-01-04T00:00', '2026-01-11T00:00']],
    ['0 12 1 */3 *', ['2026-01-01T12:00', '2026-04-01T12:00', '2026-07-01T12:00']],
    // Where both kinds of day are given, either is enough.
    ['0 0 13 * fri', ['2026-01-02T00:00', '2026-01-09T00:00', '2026-01-13T00:00', '2026-01-16T00:00']],
    ['0 0 29 feb *', ['2028-02-29T00:00', '2032-02-29T00:00']],
    ['0 0 31 * *', ['2026-01-31T00:00', '2026-03-31T00:00', '2026-05-31T00:00']],
  ])('%s comes when cron says', (text, expected) => {
    expect(times(text, 'UTC', '2026-01-01T00:00:00Z', expected.length)).toEqual(expected);
  });

  it('follows the clock of its zone over the summer', () => {
    const found = times('30 2 * * *', 'Europe/Berlin', '2026-03-27T12:00:00Z', 3);
    // On the 29th there is no half past two: it comes half an hour after the gap.
    expect(found).toEqual(['2026-03-28T01:30', '2026-03-29T01:30', '2026-03-30T00:30']);
    // On 25 October half past two is twice: it comes once.
    expect(times('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25T00:30',
      '2026-10-26T01:30',
    ]);
    expect(times('0 0 * * *', 'Pacific/Apia', '2026-01-01T00:00:00Z', 1)).toEqual(['2026-01-01T11:00']);
  });

  it.each([
    '',
    '* * * *',
    '* * * * * *',
    '60 * * * *',
    '* 24 * * *',
    '* * 0 * *',
    '* * * 13 *',
    '* * * * 8',
    '*/0 * * * *',
    '5-1 * * * *',
    '1,,2 * * * *',
    'a * * * *',
    '@daily',
    '0 0 30 2 *',
    '0 0 31 4,6 *',
  ])('refuses "%s"', (text) => {
    expect(parseCron(text)).toEqual({ problem: expect.any(String) });
  });

  it('has one last time, the one that comes next from just before it', () => {
    const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe');
    const texts = fc.constantFrom('0 3 * * *', '*/15 * * * *', '30 2 * * sun', '0 0 1 * *', '59 23 28-31 * fri');
    const instants = fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2030, 0) });
    fc.assert(
      fc.property(zones, texts, instants, (zone, text, through) => {
        const cron = cronOf(text);
        const last = lastOccurrence(cron, zone, { after: 0, through });
        if (last === null) throw new Error('there is always one');
        expect(last).toBeLessThanOrEqual(through);
        expect(nextOccurrence(cron, zone, last - 1)).toBe(last);
        expect(nextOccurrence(cron, zone, last)).toBeGreaterThan(through);
        expect(lastOccurrence(cron, zone, { after: last, through })).toBeNull();
        expect(lastOccurrence(cron, zone, { after: last - 1, through })).toBe(last);
      }),
      { numRuns: 60 },
    );
  });
});
