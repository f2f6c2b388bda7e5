import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { horizon, idleWatermark, isRipe } from '../../../src/domain/monitor/watermark.ts';
import { windowEnd, windowStart } from '../../../src/domain/monitor/window.ts';

const at = (text: string): number => Date.parse(text);
const DAY = 86_400;

describe('windows', () => {
  it('begin at their start and end before their end', () => {
    expect(windowStart(at('2026-03-01T00:00:00.000Z'), DAY)).toBe(at('2026-03-01T00:00:00Z'));
    expect(windowStart(at('2026-03-01T23:59:59.999Z'), DAY)).toBe(at('2026-03-01T00:00:00Z'));
    expect(windowStart(at('2026-03-02T00:00:00.000Z'), DAY)).toBe(at('2026-03-02T00:00:00Z'));
  });

  it('cover time without gap or overlap, before 1970 too', () => {
    const time = fc.integer({ min: -(10 ** 13), max: 10 ** 13 });
    fc.assert(
      fc.property(time, fc.integer({ min: 60, max: 366 * DAY }), (t, length) => {
        const start = windowStart(t, length);
        expect(start <= t && t < windowEnd(start, length)).toBe(true);
        expect(windowStart(windowEnd(start, length), length)).toBe(windowEnd(start, length));
        expect(windowStart(start - 1, length)).toBe(start - length * 1000);
      }),
    );
  });
});

describe('closing', () => {
  const closing = { lengthSeconds: DAY, latenessSeconds: 3600 };

  it('waits for the end and the lateness', () => {
    const start = at('2026-03-01T00:00:00Z');
    expect(isRipe(start, null, closing)).toBe(false);
    expect(isRipe(start, at('2026-03-02T00:59:59.999Z'), closing)).toBe(false);
    expect(isRipe(start, at('2026-03-02T01:00:00.000Z'), closing)).toBe(true);
  });

  it('has a horizon that parts ripe windows from the others', () => {
    const time = fc.integer({ min: 0, max: 10 ** 13 });
    fc.assert(
      fc.property(time, time, fc.integer({ min: 0, max: 30 * DAY }), (t, watermark, latenessSeconds) => {
        const rule = { lengthSeconds: DAY, latenessSeconds };
        const start = windowStart(t, DAY);
        expect(isRipe(start, watermark, rule)).toBe(start < horizon(watermark, rule));
      }),
    );
  });

  it('goes by the clock only when no batch has come for long', () => {
    const now = at('2026-03-05T00:00:00Z');
    expect(idleWatermark({ now, lastBatchAt: null, idleAfterSeconds: 60 })).toBeNull();
    expect(idleWatermark({ now, lastBatchAt: now - 59_999, idleAfterSeconds: 60 })).toBeNull();
    expect(idleWatermark({ now, lastBatchAt: now - 60_000, idleAfterSeconds: 60 })).toBe(now);
  });
});
