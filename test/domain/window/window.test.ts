import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { horizon, idleWatermark, isRipe } from '../../../src/domain/window/watermark.ts';
import {
  cellSeconds,
  firstUnended,
  followingStart,
  missingStarts,
  type TimeGrid,
  windowEnd,
  windowStart,
  windowsOver,
} from '../../../src/domain/window/window.ts';

const at = (text: string): number => Date.parse(text);
const DAY = 86_400;
const daily: TimeGrid = { kind: 'steps', lengthSeconds: DAY, stepSeconds: DAY };
const berlin: TimeGrid = { kind: 'calendar', period: 'day', zone: 'Europe/Berlin', week_start: 'monday' };

const grids = fc.oneof(
  fc
    .tuple(fc.integer({ min: 60, max: 30 * DAY }), fc.integer({ min: 1, max: 12 }))
    .map(([step, count]): TimeGrid => ({ kind: 'steps', lengthSeconds: step * count, stepSeconds: step })),
  fc
    .tuple(
      fc.constantFrom('hour' as const, 'day' as const, 'week' as const, 'month' as const),
      fc.constantFrom('Europe/Berlin', 'America/St_Johns', 'Pacific/Apia', 'Australia/Lord_Howe'),
    )
    .map(([period, zone]): TimeGrid => ({ kind: 'calendar', period, zone, week_start: 'sunday' })),
);
const times = fc.integer({ min: at('1975-01-01T00:00:00Z'), max: at('2040-01-01T00:00:00Z') });

describe('windows', () => {
  it('begin at their start and end before their end', () => {
    expect(windowStart(at('2026-03-01T00:00:00.000Z'), daily)).toBe(at('2026-03-01T00:00:00Z'));
    expect(windowStart(at('2026-03-01T23:59:59.999Z'), daily)).toBe(at('2026-03-01T00:00:00Z'));
    expect(windowStart(at('2026-03-02T00:00:00.000Z'), daily)).toBe(at('2026-03-02T00:00:00Z'));
  });

  it('of one length cover time without gap or overlap, before 1970 too', () => {
    const time = fc.integer({ min: -(10 ** 13), max: 10 ** 13 });
    fc.assert(
      fc.property(time, fc.integer({ min: 60, max: 366 * DAY }), (t, length) => {
        const grid: TimeGrid = { kind: 'steps', lengthSeconds: length, stepSeconds: length };
        const start = windowStart(t, grid);
        expect(start <= t && t < windowEnd(start, grid)).toBe(true);
        expect(windowStart(windowEnd(start, grid), grid)).toBe(windowEnd(start, grid));
        expect(windowStart(start - 1, grid)).toBe(start - length * 1000);
      }),
    );
  });

  it('hold each moment as often as their kind says, and their cells whole', () => {
    fc.assert(
      fc.property(grids, times, (grid, t) => {
        const cell = Math.floor(t / (cellSeconds(grid) * 1000)) * cellSeconds(grid) * 1000;
        const starts = windowsOver(cell, grid);
        expect(starts).toHaveLength(grid.kind === 'calendar' ? 1 : grid.lengthSeconds / grid.stepSeconds);
        expect(starts.at(-1)).toBe(windowStart(t, grid));
        for (const start of starts) {
          expect(start <= cell && cell + cellSeconds(grid) * 1000 <= windowEnd(start, grid)).toBe(true);
        }
        const before = starts[0] === undefined ? [] : [windowStart(starts[0] - 1, grid)];
        for (const start of before) expect(windowEnd(start, grid)).toBeLessThanOrEqual(cell);
      }),
    );
  });

  it('that are missing are those between the known ones', () => {
    fc.assert(
      fc.property(
        grids,
        times,
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 0, max: 45 }),
        (grid, t, gap, seen) => {
          const all = [windowStart(t, grid)];
          for (let i = 0; i < gap; i++) all.push(followingStart(all.at(-1) ?? 0, grid));
          const known = [all[0] ?? 0, all.at(-1) ?? 0];
          const between = all.slice(1, -1);
          expect(missingStarts(known, known[1] ?? 0, grid)).toEqual(between);
          const horizon = all[Math.min(seen, gap)] ?? 0;
          expect(missingStarts(known, horizon, grid)).toEqual(between.filter((start) => start < horizon));
        },
      ),
      { numRuns: 50 },
    );
    expect(missingStarts([0, 1002 * DAY * 1000], 10 ** 15, daily)).toEqual([]);
    expect(missingStarts([0, 1001 * DAY * 1000], 10 ** 15, daily)).toHaveLength(1000);
  });
});

describe('closing', () => {
  it('waits for the end and the lateness', () => {
    const end = at('2026-03-02T00:00:00Z');
    expect(isRipe(end, null, 3600)).toBe(false);
    expect(isRipe(end, at('2026-03-02T00:59:59.999Z'), 3600)).toBe(false);
    expect(isRipe(end, at('2026-03-02T01:00:00.000Z'), 3600)).toBe(true);
  });

  it('has a horizon that parts ripe windows from the others', () => {
    fc.assert(
      fc.property(grids, times, times, fc.integer({ min: 0, max: 30 * DAY }), (grid, t, watermark, latenessSeconds) => {
        const start = windowStart(t, grid);
        const ripe = isRipe(windowEnd(start, grid), watermark, latenessSeconds);
        expect(ripe).toBe(start < horizon(watermark, { grid, latenessSeconds }));
      }),
    );
    expect(firstUnended(at('2026-03-29T21:59:59Z'), berlin)).toBe(at('2026-03-28T23:00:00Z'));
    expect(firstUnended(at('2026-03-29T22:00:00Z'), berlin)).toBe(at('2026-03-29T22:00:00Z'));
  });

  it('goes by the clock only when no batch has come for long', () => {
    const now = at('2026-03-05T00:00:00Z');
    expect(idleWatermark({ now, lastBatchAt: null, idleAfterSeconds: 60 })).toBeNull();
    expect(idleWatermark({ now, lastBatchAt: now - 59_999, idleAfterSeconds: 60 })).toBeNull();
    expect(idleWatermark({ now, lastBatchAt: now - 60_000, idleAfterSeconds: 60 })).toBe(now);
  });
});
