import { describe, expect, it } from 'vitest';
import { drawWindow, largerBy } from '../../../src/domain/calibration/draw-window.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';

describe('windows drawn from a reference', () => {
  const parts = Array.from({ length: 12 }, (_, n) => Int32Array.from({ length: 10 }, (_, i) => 10 * n + i));
  const draw = (kind: 'window' | 'day', i: number, trailing: { windows: number; offset: number } | null) =>
    drawWindow({ kind, parts }, { pool: 120, i, random: xoshiro128(1), windowRows: 10, against: 120, trailing });
  const windowsOf = (rows: Int32Array) => [...new Set([...rows].map((row) => Math.floor(row / 10)))];

  it('are held against all others', () => {
    const { taken, rest } = draw('window', 5, null);
    expect(windowsOf(taken)).toEqual([5]);
    expect(windowsOf(rest)).toEqual([0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11]);
  });

  it('are held against the windows before, where that is what windows are compared with', () => {
    const trailing = { windows: 2, offset: 3 };
    const drawn = draw('window', 0, trailing);
    const { taken, rest } = drawn;
    expect(taken).toBe(parts[4]);
    expect(windowsOf(rest)).toEqual([0, 1]);
    expect(largerBy(drawn)).toBe(1);
    expect(windowsOf(draw('window', 7, trailing).rest)).toEqual([7, 8]);
    // After the last it begins again.
    expect(draw('window', 8, trailing).taken).toBe(parts[4]);
  });

  it('are held against all others where too few have so many before them, or parts are no windows', () => {
    expect(windowsOf(draw('window', 0, { windows: 6, offset: 1 }).rest)).toHaveLength(11);
    expect(windowsOf(draw('day', 0, { windows: 2, offset: 1 }).rest)).toHaveLength(11);
  });
});
