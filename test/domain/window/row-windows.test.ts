import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CutWindow, fitBefore, RowCutter } from '../../../src/domain/window/row-windows.ts';

function cut(cutter: RowCutter, times: readonly (readonly [number, number])[]): CutWindow[] {
  return times.flatMap(([time, rows]) => cutter.add(time, rows) ?? []);
}

describe('windows of so many rows', () => {
  it('end right after the row that completes them', () => {
    const cutter = new RowCutter(10, 3);
    const given = [10, 12, 12, 20, 21].map((time) => [time, 1] as const);
    expect(cut(cutter, given)).toEqual([{ start: 10, end: 13, rows: 3 }]);
    expect(cutter.rest()).toEqual({ start: 13, rows: 2 });
  });

  it('keep the rows of one instant together', () => {
    expect(
      cut(new RowCutter(0, 3), [
        [5, 2],
        [6, 7],
        [7, 3],
      ]),
    ).toEqual([
      { start: 0, end: 7, rows: 9 },
      { start: 7, end: 8, rows: 3 },
    ]);
  });

  it('leave no row and no moment out', () => {
    const gaps = fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 4 })), { minLength: 1 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 9 }), (steps, perWindow) => {
        let time = 0;
        const times = steps.map(([gap, rows]) => {
          time += gap;
          return [time, rows] as const;
        });
        const cutter = new RowCutter(1, perWindow);
        const windows = cut(cutter, times);
        const rest = cutter.rest();
        const starts = [...windows.map(({ start }) => start), rest.start];
        expect(starts).toEqual([1, ...windows.map(({ end }) => end)]);
        for (const { start, end, rows } of windows) {
          const inside = times.filter(([at]) => at >= start && at < end);
          expect(rows).toBe(inside.reduce((sum, [, count]) => sum + count, 0));
          expect(rows >= perWindow && rows - (inside.at(-1)?.[1] ?? 0) < perWindow).toBe(true);
        }
        expect(rest.rows).toBeLessThan(perWindow);
      }),
    );
  });

  it('before all others take in what is left over', () => {
    const cutter = new RowCutter(1, 2);
    const windows = cut(cutter, [
      [1, 2],
      [4, 2],
      [6, 1],
    ]);
    expect(fitBefore(windows, cutter.rest(), 9)).toEqual([
      { start: 1, end: 2, rows: 2 },
      { start: 2, end: 9, rows: 3 },
    ]);
    expect(fitBefore([], { start: 1, rows: 1 }, 9)).toEqual([{ start: 1, end: 9, rows: 1 }]);
  });
});
