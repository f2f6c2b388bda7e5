import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_TRIES, nextDelay } from '../../src/webhook/backoff.ts';

const middle = (tries: number) => nextDelay(tries, 0.5, null);

describe('nextDelay', () => {
  it('follows the schedule of Standard Webhooks and then gives up', () => {
    const waits = Array.from({ length: MAX_TRIES }, (_, i) => middle(i + 1));
    expect(waits).toEqual([5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400, null]);
  });

  it('moves each wait by at most a fifth', () => {
    const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: MAX_TRIES - 1 }), chance, (tries, random) => {
        const wait = nextDelay(tries, random, null) ?? 0;
        const base = middle(tries) ?? 0;
        expect(wait).toBeGreaterThanOrEqual(base * 0.8);
        expect(wait).toBeLessThanOrEqual(base * 1.2);
      }),
    );
  });

  it('honours a longer wait that was asked for, up to a day, and no shorter one', () => {
    expect(nextDelay(1, 0.5, 120)).toBe(120);
    expect(nextDelay(2, 0.5, 1)).toBe(300);
    expect(nextDelay(1, 0.5, 1e9)).toBe(86_400);
    expect(nextDelay(MAX_TRIES, 0.5, 60)).toBeNull();
  });
});
