import { describe, expect, it } from 'vitest';
import { gridOfSorted } from '../../../src/stats/summaries/point-gap-grid.ts';
import { describeQuantiles } from '../../../src/stats/summaries/quantiles.ts';
import { TimeProfiler } from '../../../src/stats/summaries/time-profiler.ts';
import { times } from '../columns.ts';

const OPTIONS = { capacity: 1 << 14, edges: 2048 };
const DAY = 86_400_000;

function profilerOf(...batches: readonly (number | null)[][]): TimeProfiler {
  const profiler = new TimeProfiler('timestamp', OPTIONS);
  for (const batch of batches) profiler.add(times(batch));
  return profiler;
}

describe('a profile of times', () => {
  it('has the instants that are finite, and counts all others as without a value', () => {
    const { POSITIVE_INFINITY: inf, NaN: nan } = Number;
    const found = profilerOf([5 * DAY, null, 2 * DAY, nan], [inf, -DAY, 2 * DAY, null]).finish('at');
    expect(found).toMatchObject({
      kind: 'time',
      name: 'at',
      type: 'timestamp',
      types: ['timestamp'],
      rows: 8,
      nulls: 4,
      absent: 0,
      min: -DAY,
      max: 5 * DAY,
      grid: { n: 4, edges: [-DAY, 2 * DAY, 5 * DAY], at: [1, 2, 1] },
      distinct: { method: 'exact@1', value: 3 },
      // A Wednesday, a Tuesday and twice a Saturday.
      cycles: { weekdays: [0, 1, 1, 0, 0, 2, 0] },
    });
  });

  it('has minus zero for zero, as the smallest and the largest too', () => {
    const found = profilerOf([-0, -0]).finish('at');
    expect([found.min, found.max, found.grid?.edges[0]].map((v) => Object.is(v, 0))).toEqual([true, true, true]);
  });

  it('has no range and no cycles without an instant', () => {
    const none = { min: null, max: null, cycles: null, grid: null };
    expect(profilerOf([null, Number.NaN]).finish('at')).toMatchObject({ ...none, rows: 2, nulls: 2 });
    expect(profilerOf().finish('at')).toMatchObject({ ...none, rows: 0, nulls: 0 });
    expect(profilerOf([null, 7]).finish('at')).toMatchObject({ min: 7, max: 7 });
  });

  it('has the rows of its column alone, and the quantiles of all where there are more than are sorted', () => {
    const short = new TimeProfiler('timestamp', OPTIONS);
    short.add({ ...times([DAY, 2 * DAY, 3 * DAY]), length: 2 });
    expect(short.finish('at')).toMatchObject({ rows: 2, max: 2 * DAY, grid: { n: 2 } });
    const many = new TimeProfiler('timestamp', { capacity: 1 << 17, edges: 2048 });
    const instants = Array.from({ length: 66_000 }, (_, i) => ((i * 7919) % 66_000) * 1000);
    many.add(times(instants));
    const whole = gridOfSorted(Float64Array.from(instants).sort());
    expect(many.finish('at').quantiles).toEqual(describeQuantiles(whole));
  });

  it('of dates has no hours', () => {
    const profiler = new TimeProfiler('date', OPTIONS);
    profiler.add(times([0], 'date'));
    expect(profiler.finish('d')).toMatchObject({ type: 'date', types: ['date'], cycles: { hours: null } });
  });

  it('is that of the whole when another takes what came before', () => {
    const rows = [5 * DAY, null, 2 * DAY, -3 * DAY, 9 * DAY, null];
    const all = new TimeProfiler('timestamp', OPTIONS);
    for (const part of [rows.slice(0, 3), rows.slice(3)]) all.absorb(structuredClone(profilerOf(part).state()));
    expect(all.finish('at')).toEqual(profilerOf(rows).finish('at'));
    expect(profilerOf(rows).state()).toMatchObject({ kind: 'time', rows: 6, nulls: 2, min: -3 * DAY, max: 9 * DAY });
  });
});
