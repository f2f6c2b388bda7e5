import { describe, expect, it } from 'vitest';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { addNumbers, emptyRegisters } from '../../../src/stats/summaries/hyperloglog.ts';
import { type CollectorState, NumberCollector } from '../../../src/stats/summaries/number-collector.ts';
import { type Grid, gridOfSorted, largestGap } from '../../../src/stats/summaries/point-gap-grid.ts';
import { describedRanks, describeQuantiles } from '../../../src/stats/summaries/quantiles.ts';
import { selectRanks } from '../../../src/stats/summaries/rank-selection.ts';

/** More different values than are counted in a table. */
const MANY = 4_097;
const counting = (n: number, of = n, from = 0): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => from + (i % of));
const joined = (...parts: readonly Float64Array[]): Float64Array =>
  Float64Array.from(parts.flatMap((part) => [...part]));
const gridOf = (...parts: readonly Float64Array[]): Grid => gridOfSorted(joined(...parts).sort());

function registersOf(values: Float64Array) {
  const registers = emptyRegisters();
  addNumbers(registers, values);
  return registers;
}

function collected(capacity: number, ...batches: readonly Float64Array[]): NumberCollector {
  const collector = new NumberCollector({ capacity, edges: 64 });
  for (const batch of batches) collector.add(batch, batch.length);
  return collector;
}

const exactly = { sketched: false, exact: true, unseen: 0 };

/** No edge has another number of rows below it than is stated. */
function expectWithin({ grid }: { readonly grid: Grid }, values: Float64Array): void {
  const sorted = values.slice().sort();
  expect(grid.n).toBe(sorted.length);
  expect([grid.edges[0], grid.edges.at(-1)]).toEqual([sorted[0], sorted.at(-1)]);
  for (const [i, edge] of grid.edges.entries()) {
    const below = sorted.findIndex((v) => v >= edge);
    expect(Math.abs(grid.before[i]! - below)).toBeLessThanOrEqual(grid.error + 1e-9);
  }
}

describe('a collector of numbers', () => {
  it('counts 4,096 different values, however many rows', () => {
    const values = counting(20_000, MANY - 1);
    const collector = new NumberCollector({ capacity: 100, edges: 16 });
    collector.add(values.subarray(0, 300), 250);
    collector.add(values.subarray(250), values.length - 250);
    expect(collector.finish()).toEqual({
      grid: gridOf(values),
      registers: registersOf(counting(MANY - 1)),
      ...exactly,
    });
  });

  it('keeps no registers of values that are all listed', () => {
    expect(collected(10, counting(5_000, 1_024)).finish()).toEqual({
      grid: gridOf(counting(5_000, 1_024)),
      registers: null,
      ...exactly,
    });
    expect(collected(10, counting(5_000, 1_025)).finish().registers).toEqual(registersOf(counting(1_025)));
    expect(collected(10).finish()).toEqual({ grid: gridOf(), registers: null, ...exactly });
  });

  it('keeps more values as they are, as long as there is room', () => {
    const batches = [counting(5_000, 4_000), counting(900, 900, 4_000), counting(100, 1, 7)];
    expect(collected(6_000, ...batches).finish({ min: 0, max: 4_899 })).toEqual({
      grid: gridOf(...batches),
      registers: registersOf(counting(4_900)),
      ...exactly,
    });
    const { table, chunks, levels, beyondDouble } = collected(6_000, ...batches).state();
    expect({ table, levels, beyondDouble }).toEqual({ table: null, levels: [], beyondDouble: false });
    expect(joined(...chunks).sort()).toEqual(joined(...batches).sort());
  });

  it('keeps what two have counted to the last row that there is room for', () => {
    const [a, b] = [counting(4_000), counting(4_000, 4_000, 4_000)];
    const of = (capacity: number) => {
      const collector = collected(capacity, a);
      collector.absorb(collected(capacity, b).state());
      return collector.finish();
    };
    expect(of(8_000)).toEqual({ grid: gridOf(a, b), registers: registersOf(counting(8_000)), ...exactly });
    expect(of(7_999).exact).toBe(false);
  });

  it('selects what is described of more than are sorted', () => {
    const random = xoshiro128(8);
    const values = Float64Array.from({ length: 70_000 }, () => Math.max(0.25, random()));
    const found = collected(70_000, values).finish();
    expect(found.exact).toBe(true);
    expect(found.grid.complete).toBe(false);
    expect(found.unseen).toBe(selectRanks([values], describedRanks(70_000)).unseen);
    expect(describeQuantiles(found.grid, true)).toEqual(describeQuantiles(gridOf(values)));
  });

  it('thins what there is no room for, eight of one level to one of the next, with the error that it states', () => {
    const random = xoshiro128(4);
    const values = Float64Array.from({ length: 60_000 }, () => random() ** 2);
    const batches = [values.subarray(0, 7_000), values.subarray(7_000, 7_100), values.subarray(7_100)];
    const { levels, chunks } = collected(5_000, ...batches).state();
    // Twelve times full, the last of which is still kept.
    expect(levels.map((grids) => grids.length)).toEqual([3, 1]);
    expect(levels.flat().map((grid) => grid.n)).toEqual([5_000, 5_000, 5_000, 40_000]);
    for (const grid of levels.flat()) expect(grid.edges.length).toBeLessThanOrEqual(64);
    expect(chunks.reduce((sum, { length }) => sum + length, 0)).toBe(5_000);
    const found = collected(5_000, ...batches).finish();
    expectWithin(found, values);
    // Each grid has 63 gaps, in one of which an edge of another lies.
    expect(found.grid.error).toBeLessThan((3 * 60_000) / 63);
    expect(found).toMatchObject({ exact: false, sketched: false, unseen: largestGap(found.grid) });
    expect(found.registers).toEqual(registersOf(values));
  });

  it('thins without sorting where there is room for more than are sorted', () => {
    const random = xoshiro128(6);
    const values = Float64Array.from({ length: 70_100 }, () => random());
    const { levels, chunks } = collected(70_000, values).state();
    expect(levels.map((grids) => grids.map(({ n }) => n))).toEqual([[70_000]]);
    expect(levels[0]![0]!.edges.length).toBeLessThanOrEqual(64);
    expect(joined(...chunks)).toEqual(values.subarray(70_000));
    const found = collected(70_000, values).finish();
    expectWithin(found, values);
    expect(found.exact).toBe(false);
  });

  it('thins a table that has more rows than there is room', () => {
    const [rows, next] = [counting(20_000, 4_096), counting(3, 3, 5_000)];
    const { levels, chunks } = collected(5_000, rows, next).state();
    expect(levels.map((grids) => grids.map(({ n, error, complete }) => ({ n, error, complete })))).toEqual([
      [{ n: 20_000, error: 0, complete: false }],
    ]);
    expect(levels[0]![0]!.edges.length).toBeLessThanOrEqual(64);
    expect(joined(...chunks)).toEqual(next);
    const found = collected(5_000, rows, next).finish();
    expectWithin(found, joined(rows, next));
    expect(found.registers).toEqual(registersOf(joined(rows, next)));
    // As many rows as there is room for are kept.
    expect(collected(20_003, rows, next).finish()).toMatchObject({ grid: gridOf(rows, next), exact: true });
    expect(
      collected(20_000, rows, next)
        .state()
        .levels.map((grids) => grids.map(({ n }) => n)),
    ).toEqual([[20_000]]);
  });
});

describe('what another collector has', () => {
  const absorbed = (capacity: number, ...states: readonly CollectorState[]): NumberCollector => {
    const collector = collected(capacity);
    for (const state of states) collector.absorb(structuredClone(state));
    return collector;
  };

  it('is taken as if its values came next: tables, values, and both', () => {
    const [few, others, many] = [counting(3_000, 1_500), counting(9_000, 3_000, 1_000), counting(5_000, 5_000, -9)];
    for (const parts of [
      [few, others],
      [others, few, few],
      [few, many],
      [many, few],
      [few, many, others],
      [many, many],
    ]) {
      const states = parts.map((part) => collected(20_000, part).state());
      expect(absorbed(20_000, ...states).finish(), String(parts.map(({ length }) => length))).toEqual(
        collected(20_000, ...parts).finish(),
      );
    }
    const two = absorbed(20_000, collected(9, few).state(), collected(9, counting(2, 2, 1_499)).state()).state();
    expect(two.table?.keys.length).toBe(1_501);
  });

  it('is thinned where there is no room for both', () => {
    const parts = [counting(4_500, 4_500), counting(4_600, 4_600, 100), counting(30_000, 4_000, -50)];
    const states = parts.map((part) => collected(5_000, part).state());
    const found = absorbed(5_000, ...states);
    const { levels, chunks } = absorbed(5_000, ...states).state();
    expect(levels.flat().map(({ n }) => n)).toEqual([5_000, 30_000]);
    expect(chunks.reduce((sum, { length }) => sum + length, 0)).toBe(4_100);
    const result = found.finish();
    expectWithin(result, joined(...parts));
    expect(result).toMatchObject({ exact: false, registers: registersOf(joined(...parts)) });
  });

  it('is thinned as a table that has more rows than the room that is left', () => {
    const states = () => [counting(4_100), counting(1_000, 500)].map((part) => collected(5_000, part).state());
    const { levels, chunks } = absorbed(5_000, ...states()).state();
    expect(levels.map((grids) => grids.map(({ n }) => n))).toEqual([[1_000]]);
    expect(chunks.reduce((sum, { length }) => sum + length, 0)).toBe(4_100);
    expectWithin(absorbed(5_000, ...states()).finish(), joined(counting(4_100), counting(1_000, 500)));
  });

  it('comes to the level that it had', () => {
    const random = xoshiro128(2);
    const values = Float64Array.from({ length: 45_100 }, () => random());
    const state = () => collected(5_000, values).state();
    expect(state().levels.map((grids) => grids.length)).toEqual([1, 1]);
    const both = absorbed(5_000, state(), state()).state();
    expect(both.levels.map((grids) => grids.map(({ n }) => n))).toEqual([
      [5_000, 5_000],
      [40_000, 40_000],
    ]);
    expectWithin(absorbed(5_000, state(), state()).finish(), joined(values, values));
  });
});

describe('whole numbers that share doubles', () => {
  const LARGE = 2n ** 53n;

  it('are counted one by one, and their doubles are not', () => {
    const collector = collected(10_000);
    for (const value of [LARGE + 1n, LARGE + 2n, LARGE + 3n, -LARGE - 1n]) collector.addBeyondDouble(value);
    const doubles = [...counting(30), Number(LARGE), Number(LARGE) + 2, Number(LARGE) + 4, -Number(LARGE)];
    collector.add(Float64Array.from(doubles), doubles.length);
    const { registers, sketched, grid } = collector.finish();
    expect(sketched).toBe(true);
    expect(grid.n).toBe(34);
    const apart = collected(10_000);
    for (const value of [LARGE + 1n, LARGE + 2n, LARGE + 3n, -LARGE - 1n]) apart.addBeyondDouble(value);
    const expected = apart.finish().registers!;
    expect(expected.filter((rank) => rank > 0)).toHaveLength(4);
    addNumbers(expected, counting(30));
    expect(registers).toEqual(expected);
  });

  it('stay so in what another collector takes', () => {
    const collector = collected(10_000);
    collector.addBeyondDouble(LARGE + 1n);
    collector.add(Float64Array.of(Number(LARGE)), 1);
    const state = collector.state();
    expect(state.beyondDouble).toBe(true);
    const other = collected(10_000, counting(MANY));
    other.absorb(state);
    const found = other.finish();
    expect(found.sketched).toBe(true);
    const expected = registersOf(counting(MANY));
    const alone = collected(10_000);
    alone.addBeyondDouble(LARGE + 1n);
    const { registers } = alone.finish();
    registers!.forEach((rank, i) => {
      expected[i] = Math.max(expected[i]!, rank);
    });
    expect(found.registers).toEqual(expected);
  });
});
