import { describe, expect, it } from 'vitest';
import { lastingNumberLoops, numberLoops } from '../../src/compute/number-loops.ts';
import type { NumberColumn } from '../../src/stats/column.ts';
import { WassersteinSum } from '../../src/stats/distances/wasserstein.ts';
import { AndersonDarlingSum } from '../../src/stats/hypothesis-tests/anderson-darling-integral.ts';
import { LargestDifferences } from '../../src/stats/hypothesis-tests/kolmogorov-smirnov.ts';
import { MoodSum, VanDerWaerdenSum } from '../../src/stats/hypothesis-tests/linear-rank.ts';
import { xoshiro128 } from '../../src/stats/sampling/xoshiro128.ts';
import { cellSort } from '../../src/stats/summaries/cell-sort.ts';
import { PLAIN_LOOPS } from '../../src/stats/summaries/number-loops.ts';
import { type PooledVisitor, walkPooled } from '../../src/stats/summaries/pooled-blocks.ts';
import { takeNumbers } from '../../src/stats/summaries/taken-numbers.ts';
import { DEFAULT_POLICY } from '../../src/stats/verdict/judge.ts';
import type { JudgeColumn } from '../../src/stats/verdict/judgement.ts';
import { WholeTable } from '../../src/stats/verdict/whole-table.ts';
import { profileOf } from '../stats/columns.ts';
import { KINDS } from '../stats/kinds-of-numbers.ts';

const loops = numberLoops();

/** From what is left to the others to some thousand more than fit in a block, or a table. */
const SIZES = [0, 1, 4_095, 4_096, 4_097, 20_000, 90_001];

function drawn(kind: string, n: number, seed: number): Float64Array {
  const random = xoshiro128(seed);
  return Float64Array.from({ length: n }, () => KINDS[kind]!(random) + 0);
}

it('are compiled', () => {
  expect(loops).not.toBe(PLAIN_LOOPS);
});

describe.each(Object.keys(KINDS))('of values that are %s', (kind) => {
  it('sorting is what it is without them', () => {
    for (const [seed, n] of SIZES.entries()) {
      const values = drawn(kind, n, seed + 1);
      const expected = values.slice().sort();
      expect(loops.sort(values)).toBe(values);
      expect(values).toEqual(expected);
      expect(loops.sort(values.slice().reverse())).toEqual(expected);
    }
    const part = drawn(kind, 9_000, 3);
    const expected = Float64Array.from([part[0]!, ...part.slice(1, 8_000).sort(), ...part.slice(8_000)]);
    loops.sort(part.subarray(1, 8_000));
    expect(part).toEqual(expected);
  });

  it('what is summed on a walk is the same to the last bit', () => {
    const finite = drawn(kind, 100, 1).every(Number.isFinite);
    for (const [n, m] of [
      [1, 5_000],
      [2_000, 3_000],
      [30_000, 1],
      [20_001, 20_001],
      [70_000, 9_999],
    ] as const) {
      const [x, y] = [cellSort(drawn(kind, n, n)), cellSort(drawn(kind, m, m + 7))];
      const visitors = (): readonly (PooledVisitor & { readonly twin: { readonly sums: Float64Array } })[] => [
        new LargestDifferences({ n, m }),
        new AndersonDarlingSum(x, y),
        new VanDerWaerdenSum(x, y),
        new MoodSum(x, y),
        ...(finite ? [new WassersteinSum()] : []),
      ];
      for (const some of [[0, 1, 2, 3, 4], [0, 1], [0, 1, 4], [2, 3], [4], [3], [0, 2]]) {
        const pick = (all: ReturnType<typeof visitors>) => some.flatMap((i) => all[i] ?? []);
        const [plain, compiled] = [pick(visitors()), pick(visitors())];
        walkPooled(x, y, plain);
        loops.walk(x, y, compiled);
        expect(compiled.map(({ twin }) => [...twin.sums])).toEqual(plain.map(({ twin }) => [...twin.sums]));
      }
    }
  });
});

/** With every third value absent, and some that are no number, where so. */
function columnOf(values: Float64Array, odd: boolean): NumberColumn {
  const held = odd ? values.map((v, i) => (i % 1000 === 5 ? Number.NaN : v)) : values;
  const valid = odd ? new Uint8Array(Math.ceil(values.length / 8)).map((_, k) => (k * 7919 + 0b10110) & 0xff) : null;
  return { kind: 'number', type: 'float64', length: values.length, values: held, valid, exact: null };
}

describe('what is taken of columns', () => {
  it('are their numbers, there until they are released', () => {
    for (const [n, m] of [
      [1, 30_000],
      [30_000, 30_000],
      [9_999, 120_000],
      [120_000, 4_100],
      [120_000, 120_000],
    ] as const) {
      for (const odd of [false, true]) {
        const [x, y] = [columnOf(drawn('normal', n, n), odd), columnOf(drawn('mostly zero', m, m), odd)];
        const taken = [loops.take(x), loops.take(y)];
        expect(taken).toEqual([takeNumbers(x), takeNumbers(y)]);
        const sorted = taken.map(({ numbers }) => loops.sort(numbers));
        // Some that lie elsewhere, in between.
        expect(loops.sort(drawn('uniform', 9_000, 4))).toEqual(drawn('uniform', 9_000, 4).sort());
        expect(sorted).toEqual([takeNumbers(x).numbers.sort(), takeNumbers(y).numbers.sort()]);
        const [plain, compiled] = [new WassersteinSum(), new WassersteinSum()];
        PLAIN_LOOPS.walk(sorted[0]!.slice(), sorted[1]!.slice(), [plain]);
        loops.walk(sorted[0]!, sorted[1]!, [compiled]);
        expect(compiled.distance).toBe(plain.distance);
        expect(sorted).toEqual([takeNumbers(x).numbers.sort(), takeNumbers(y).numbers.sort()]);
        loops.release();
      }
    }
  });

  it('are so of a large column, and of a small one after it', () => {
    for (const n of [3_300_000, 5_000]) {
      const column = columnOf(drawn('uniform', n, n), false);
      expect(loops.sort(loops.take(column).numbers)).toEqual(column.values.slice().sort());
      loops.release();
    }
  });

  it('has a value wherever there is no mask, and none of them is a negative zero', () => {
    for (const odd of [[], [3], [8_000], [8_999, 3]]) {
      const values = Float64Array.from({ length: 9_000 }, (_, i) => (odd.includes(i) ? Number.NaN : -(i % 3)));
      const { numbers, nulls } = loops.take(columnOf(values, false));
      expect(nulls).toBe(0);
      expect(numbers).toEqual(values.filter((v) => !Number.isNaN(v)).map((v) => v + 0));
      expect(values[3]).toBe(odd.includes(3) ? Number.NaN : -0);
      loops.release();
    }
  });
});

it('who has no twin is walked for without them, and so is an empty side', () => {
  const [x, y] = [drawn('uniform', 6_000, 1).sort(), drawn('uniform', 6_000, 2).sort()];
  for (const [a, b] of [
    [x, y],
    [x, new Float64Array(0)],
  ] as const) {
    let values = 0;
    const sum = new WassersteinSum();
    loops.walk(a, b, [sum, { add: ({ length }) => (values += length) }]);
    expect(values).toBe(a.length + b.length);
    const alone = new WassersteinSum();
    walkPooled(a, b, [alone]);
    expect(sum.distance).toBe(alone.distance);
    const again = new WassersteinSum();
    loops.walk(a, b, [again]);
    expect(again.distance).toBe(alone.distance);
  }
});

describe('a report', () => {
  const tableOf = (n: number, m: number): JudgeColumn[] =>
    ['normal', 'rounded', 'mostly zero', 'with infinities'].map((kind, i) => {
      const [reference, window] = [columnOf(drawn(kind, n, i), i === 1), columnOf(drawn(kind, m, i + 50), i === 2)];
      return { name: kind, role: 'feature', profile: profileOf({ [kind]: reference }).columns[0]!, reference, window };
    });
  const reportOf = (table: readonly JudgeColumn[], ...by: [] | [typeof loops]): string => {
    const whole = new WholeTable(DEFAULT_POLICY, table.length, ...by);
    for (const column of table) whole.add(column);
    return JSON.stringify(whole.conclude());
  };

  it('is the same with them and without, to the last digit', () => {
    const other = tableOf(6_000, 7_000);
    for (const [n, m] of [
      [9_000, 5_000],
      [5_000, 60],
    ] as const) {
      const table = tableOf(n, m);
      const without = reportOf(table);
      expect(reportOf(table, loops)).toBe(without);
      // The reference is kept sorted from the first time on, whatever is judged in between.
      for (const between of [loops, lastingNumberLoops()]) {
        expect(reportOf(table, lastingNumberLoops())).toBe(without);
        reportOf(other, between);
      }
    }
  });
});
