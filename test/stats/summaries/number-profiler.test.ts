import { describe, expect, it } from 'vitest';
import { addNumbers, decodeRegisters, emptyRegisters } from '../../../src/stats/summaries/hyperloglog.ts';
import { describeCollected, NumberProfiler } from '../../../src/stats/summaries/number-profiler.ts';
import { type Grid, gridOfSorted, storeGrid } from '../../../src/stats/summaries/point-gap-grid.ts';
import { quantileBins } from '../../../src/stats/summaries/quantile-bins.ts';
import { describeQuantiles } from '../../../src/stats/summaries/quantiles.ts';
import { integers, numbers } from '../columns.ts';

const OPTIONS = { capacity: 1 << 14, edges: 2048 };
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const LARGE = 9007199254740991n;

function profilerOf(...batches: readonly ReturnType<typeof numbers>[]): NumberProfiler {
  const profiler = new NumberProfiler(batches[0]?.type ?? 'float64', OPTIONS);
  for (const batch of batches) profiler.add(batch);
  return profiler;
}

describe('a profile of numbers', () => {
  it('counts each kind of what is no finite number, and what is zero or less', () => {
    const rows = [null, nan, inf, -inf, -inf, 0, -0, -3, 5, null, nan, -1, 0.5, 7, null, -8];
    const profile = profilerOf(numbers(rows.slice(0, 11)), numbers(rows.slice(11))).finish('x');
    expect(profile).toMatchObject({
      kind: 'number',
      name: 'x',
      type: 'float64',
      types: ['float64'],
      absent: 0,
      rows: 16,
      nulls: 3,
      nan: 2,
      positiveInfinity: 1,
      negativeInfinity: 2,
      zeros: 2,
      negatives: 3,
      finite: 8,
      min: -8,
      max: 7,
      exactMin: null,
      exactMax: null,
      moments: { n: 8, mean: expect.closeTo(0.5 / 8, 12) },
      distinct: { method: 'exact@1', value: 7, registers: null },
    });
    expect(profile.grid).toEqual(storeGrid(gridOfSorted(Float64Array.of(-8, -3, -1, 0, 0, 0.5, 5, 7))));
    expect(Object.is(profile.top.values[0]?.value, 0)).toBe(true);
  });

  it('reads the mask of values row by row, in batches of any length', () => {
    for (const length of [7, 8, 9, 16, 17]) {
      const rows = Array.from({ length }, (_, i) => (i === length - 1 || i === 3 ? null : i + 1));
      const { nulls, finite, min, max } = profilerOf(numbers(rows)).finish('x');
      expect({ nulls, finite, min, max }).toEqual({ nulls: 2, finite: length - 2, min: 1, max: length - 1 });
    }
    // What room is kept of a longer batch is not counted.
    const short = profilerOf(numbers(Array.from({ length: 30 }, () => -1)), numbers([1, null, 2])).finish('x');
    expect(short).toMatchObject({ finite: 32, negatives: 30, nulls: 1 });
  });

  it('has no range and no moments without a finite number', () => {
    const profile = profilerOf(numbers([null, nan, inf])).finish('x');
    expect(profile).toMatchObject({ min: null, max: null, moments: null, grid: null, bins: null, finite: 0 });
    expect(profile.distinct.value).toBe(0);
  });

  it('has the quantiles of all values where there are more than are sorted', () => {
    const values = Array.from({ length: 66_000 }, (_, i) => ((i * 7919) % 66_000) - 20_000);
    const profiler = new NumberProfiler('float64', { capacity: 1 << 17, edges: 2048 });
    profiler.add(numbers(values));
    const whole = gridOfSorted(Float64Array.from(values).sort());
    expect(profiler.finish('x')).toMatchObject({
      min: -20_000,
      max: 45_999,
      quantiles: describeQuantiles(whole),
      bins: quantileBins(whole),
    });
  });

  it('is of the wider type once a batch is', () => {
    const [whole, half] = [numbers([1, 2], 'int64'), numbers([0.5])];
    expect(profilerOf(whole).finish('x')).toMatchObject({ type: 'int64', types: ['int64'] });
    expect(profilerOf(whole, half).finish('x')).toMatchObject({ type: 'float64', types: ['float64'] });
    expect(profilerOf(whole, whole).finish('x').type).toBe('int64');
    const absorbed = (state: ReturnType<NumberProfiler['state']>) => {
      const profiler = new NumberProfiler('int64', OPTIONS);
      profiler.absorb(state);
      return profiler.finish('x').type;
    };
    expect(absorbed(profilerOf(half).state())).toBe('float64');
    expect(absorbed(profilerOf(whole).state())).toBe('int64');
  });
});

describe('whole numbers that share doubles', () => {
  const rangeOf = (...rows: (bigint | null)[]) => {
    const { exactMin, exactMax } = profilerOf(integers(rows)).finish('x');
    return [exactMin, exactMax];
  };

  it('have their exact range, where one end of it is beyond a double or next to that', () => {
    expect(rangeOf(LARGE + 2n, LARGE + 4n, null, LARGE + 3n)).toEqual([`${LARGE + 2n}`, `${LARGE + 4n}`]);
    expect(rangeOf(-LARGE - 2n, -LARGE - 4n)).toEqual([`${-LARGE - 4n}`, `${-LARGE - 2n}`]);
    expect(rangeOf(5n, LARGE + 2n, -4n)).toEqual(['-4', `${LARGE + 2n}`]);
    expect(rangeOf(5n, -LARGE - 2n, 4n)).toEqual([`${-LARGE - 2n}`, '5']);
    expect(rangeOf(-LARGE, LARGE, LARGE - 1n)).toEqual([null, null]);
    expect(rangeOf(LARGE, LARGE + 2n)).toEqual([`${LARGE}`, `${LARGE + 2n}`]);
    expect(rangeOf(-LARGE, -LARGE - 2n)).toEqual([`${-LARGE - 2n}`, `${-LARGE}`]);
    expect(rangeOf(-LARGE, LARGE + 2n)).toEqual([`${-LARGE}`, `${LARGE + 2n}`]);
    expect(rangeOf(-LARGE - 2n, LARGE)).toEqual([`${-LARGE - 2n}`, `${LARGE}`]);
  });

  it('are counted one by one, and listed by none', () => {
    const profile = profilerOf(integers([LARGE + 1n, LARGE + 2n, LARGE + 3n, 7n, 7n, null])).finish('x');
    expect(profile.distinct).toMatchObject({ method: 'hyperloglog/p14@1', value: 4 });
    expect(profile.top).toMatchObject({
      method: 'none@1',
      reason: 'integers beyond 2^53 are not told apart as numbers',
    });
  });

  it('are those from 2^53 on, whether or not their reader gives exact values for that one', () => {
    const exact = integers([LARGE + 2n, LARGE + 3n, 5n]);
    const plain = { ...integers([LARGE + 1n, 6n, null]), exact: null };
    for (const profile of [profilerOf(exact, plain).finish('x'), profilerOf(plain, exact).finish('x')]) {
      expect(profile.distinct.value).toBe(5);
      expect([profile.exactMin, profile.exactMax]).toEqual(['5', `${LARGE + 3n}`]);
    }
    const parts = profilerOf(plain);
    parts.absorb(profilerOf(exact).state());
    expect(parts.finish('x').distinct.value).toBe(5);
    const below = { ...integers([-LARGE - 1n, 6n]), exact: null };
    expect(profilerOf(integers([-LARGE - 3n]), below).finish('x').distinct.value).toBe(3);
    // Of decimals a double is all that there is.
    expect(profilerOf(numbers([2 ** 53, 2 ** 60])).finish('x').distinct).toMatchObject({ method: 'exact@1', value: 2 });
  });

  it('have the range of all parts', () => {
    // The second of them has none that is beyond a double.
    const parts = [[5n, LARGE + 2n], [6n, 7n], [LARGE + 9n], [-3n, LARGE + 4n]];
    const all = new NumberProfiler('int64', OPTIONS);
    for (const part of parts) all.absorb(profilerOf(integers(part)).state());
    const whole = profilerOf(integers(parts.flat())).finish('x');
    // Sums of numbers depend on their order.
    expect({ ...all.finish('x'), moments: null }).toEqual({ ...whole, moments: null });
    // A part without a value has no range.
    for (const [one, range] of [
      [LARGE + 2n, [`${LARGE + 2n}`, `${LARGE + 2n}`]],
      [-LARGE - 2n, [`${-LARGE - 2n}`, `${-LARGE - 2n}`]],
    ] as const) {
      const profiler = profilerOf(integers([one]));
      profiler.absorb(profilerOf(integers([null])).state());
      const { exactMin, exactMax } = profiler.finish('x');
      expect([exactMin, exactMax]).toEqual(range);
    }
    const widened = profilerOf(integers([LARGE + 2n]), numbers([0.5]));
    expect(widened.finish('x')).toMatchObject({ exactMin: null, exactMax: null });
  });
});

describe('what parts have counted', () => {
  it('is added up to what was counted of the whole', () => {
    const rows = [null, nan, inf, -inf, 0, -3, 5, null, 2, -7, -inf, 9];
    const parts = [numbers(rows.slice(0, 5)), numbers(rows.slice(5))];
    const all = new NumberProfiler('float64', OPTIONS);
    for (const part of parts) all.absorb(structuredClone(profilerOf(part).state()));
    const [found, whole] = [all.finish('x'), profilerOf(numbers(rows)).finish('x')];
    expect({ ...found, moments: null }).toEqual({ ...whole, moments: null });
    expect(found.moments?.m2).toBeCloseTo(whole.moments!.m2!, 10);
    expect(profilerOf(parts[0]!).state()).toMatchObject({ kind: 'number', type: 'float64', min: 0, max: 0 });
  });
});

describe('what is said of collected numbers', () => {
  const whole = (n: number): Grid => gridOfSorted(Float64Array.from({ length: n }, (_, i) => i));
  const registers = (grid: Grid) => {
    const found = emptyRegisters();
    addNumbers(found, grid.edges);
    return found;
  };
  const said = (grid: Grid, sketched = false, unseen = 0) =>
    describeCollected({ grid, registers: registers(grid), sketched, exact: true, unseen });

  it('is exact where the grid is complete, with registers where it lists not all', () => {
    expect(said(whole(1024)).distinct).toEqual({ method: 'exact@1', value: 1024, error: 0, registers: null });
    const { distinct } = said(whole(1025));
    expect(distinct).toMatchObject({ method: 'exact@1', value: 1025, error: 0 });
    expect(decodeRegisters(distinct.registers!)).toEqual(registers(whole(1025)));
    const bare = describeCollected({ grid: whole(2000), registers: null, sketched: false, exact: true, unseen: 0 });
    expect(bare.distinct).toEqual({ method: 'exact@1', value: 2000, error: 0, registers: null });
  });

  it('is estimated where it is not, or where doubles stand for several integers', () => {
    expect(said({ ...whole(50), complete: false }).distinct).toMatchObject({ method: 'hyperloglog/p14@1', value: 50 });
    expect(said(whole(50), true).distinct).toMatchObject({ method: 'hyperloglog/p14@1', value: 50 });
    expect(said(whole(50), true).top.reason).toContain('2^53');
    expect(said({ ...whole(50), complete: false }, false, 6).top.unlisted).toBe(6);
    const few = describeCollected({
      grid: { ...whole(3), n: 2 },
      registers: registers(whole(3)),
      sketched: true,
      exact: true,
      unseen: 0,
    });
    expect(few.distinct.value).toBe(2);
  });
});
