import { describe, expect, it } from 'vitest';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { studentTwoSidedTail } from '../../../src/stats/special/student-t.ts';
import {
  codedBy,
  mostOf,
  oftenIn,
  ranksIn,
  sliceShift,
  sliceShifts,
  sortedOf,
} from '../../../src/stats/table/slice-shift.ts';
import { usualLargest } from '../../../src/stats/table/slice-sums.ts';
import type { TablePair } from '../../../src/stats/table/table-pair.ts';
import { numbers, texts } from '../columns.ts';
import { filled } from '../samples.ts';

type Row = { readonly group: string | null; readonly x: number | null };

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
const squaresOf = (values: readonly number[]): number => values.reduce((sum, v) => sum + (v - mean(values)) ** 2, 0);

/** The difference of differences of mean ranks in its standard error, as it is defined. */
function shiftOf(reference: readonly Row[], window: readonly Row[], group: string) {
  const known = reference.flatMap(({ x }) => x ?? []);
  const rank = (x: number): number => known.reduce((sum, v) => sum + (v < x ? 1 : v === x ? 0.5 : 0), 0) / known.length;
  const side = (rows: readonly Row[], inside: boolean): number[] =>
    rows.filter((row) => (row.group === group) === inside).flatMap(({ x }) => (x === null ? [] : rank(x)));
  const [a, b, c, d] = [side(reference, true), side(window, true), side(reference, false), side(window, false)];
  const error = (p: readonly number[], q: readonly number[]): number =>
    ((squaresOf(p) + squaresOf(q)) / (p.length + q.length - 2)) * (1 / p.length + 1 / q.length);
  const shift = Math.abs(mean(b) - mean(a) - (mean(d) - mean(c)));
  return { shift, t: shift / Math.sqrt(error(a, b) + error(c, d)), n: a.length, m: b.length };
}

function drawRows(count: number, seed: number, moved: number): Row[] {
  const random = xoshiro128(seed);
  return Array.from({ length: count }, () => {
    const group = random() < 0.1 ? null : ['a', 'b', 'c'][Math.floor(3 * random())]!;
    const x = random() < 0.1 ? null : Math.floor(20 * random()) + (group === 'b' ? moved : 0);
    return { group, x };
  });
}

const pairOf = (reference: readonly Row[], window: readonly Row[]): TablePair => [
  {
    name: 'group',
    reference: texts(reference.map(({ group }) => group)),
    window: texts(window.map(({ group }) => group)),
  },
  { name: 'x', reference: numbers(reference.map(({ x }) => x)), window: numbers(window.map(({ x }) => x)) },
];

const ALL = { numbers: 9, texts: 9 };

describe('the slice that moved most', () => {
  const [reference, window] = [drawRows(300, 1, 0), drawRows(200, 2, 6)];

  it('is that with the largest difference of differences of mean ranks', () => {
    const found = sliceShifts(pairOf(reference, window), ALL);
    const { shift, t, n, m } = shiftOf(reference, window, 'b');
    const inSlice = (rows: readonly Row[]) =>
      mean(rows.filter(({ group }) => group === 'b').flatMap(({ x }) => x ?? []));
    expect(found).toEqual([
      {
        shift: expect.closeTo(shift, 10),
        t: expect.closeTo(t, 8),
        ratio: expect.closeTo(t / usualLargest(3), 8),
        p: expect.closeTo(3 * studentTwoSidedTail(t, n + m - 2), 12),
        column: 'group',
        value: 'b',
        moved: 'x',
        n,
        m,
        looked: 3,
        means: { reference: expect.closeTo(inSlice(reference), 10), window: expect.closeTo(inSlice(window), 10) },
        shares: { reference: n / 300, window: m / 200 },
      },
    ]);
    for (const other of ['a', 'c']) expect(shiftOf(reference, window, other).t).toBeLessThan(t);
  });

  it('is looked for in each column of numbers, in its order, by every column of texts', () => {
    const [group, x] = pairOf(reference, window) as [TablePair[number], TablePair[number]];
    const still = { ...x, name: 'still', window: x.reference } as TablePair[number];
    const shortened = { ...still, window: numbers(reference.slice(0, 200).map((row) => row.x)) } as TablePair[number];
    const other = { ...group, name: 'other' };
    const found = sliceShifts([group, x, other, shortened], ALL);
    expect(found.map(({ moved, column, looked }) => [moved, column, looked])).toEqual([
      ['x', 'group', 12],
      ['still', expect.any(String), 12],
    ]);
    expect(found[0]!.ratio).toBeCloseTo(found[0]!.t / usualLargest(6), 10);
    // Of more columns than are looked at those named first are.
    expect(sliceShifts([group, x, shortened], { numbers: 1, texts: 1 }).map(({ moved }) => moved)).toEqual(['x']);
    expect(sliceShifts([other, group, x], { numbers: 1, texts: 1 })[0]).toMatchObject({ column: 'other', looked: 3 });
    expect(sliceShifts([group, x], { numbers: 0, texts: 1 })).toEqual([]);
    expect(sliceShifts([group, x], { numbers: 1, texts: 0 })).toEqual([]);
    expect(sliceShift([group, shortened, x])).toEqual(sliceShifts([group, shortened, x], ALL)[1]);
    expect(sliceShift([group, x, shortened])).toEqual(sliceShifts([group, x, shortened], ALL)[0]);
  });

  it('has no mean where its numbers have none that is finite', () => {
    const far = window.map((row, i) => ({
      ...row,
      x: i === window.findIndex(({ group, x }) => group === 'b' && x !== null) ? Number.POSITIVE_INFINITY : row.x,
    }));
    const [found] = sliceShifts(pairOf(reference, far), ALL);
    expect(found).toMatchObject({ value: 'b', means: { window: null } });
    expect(found?.means.reference).not.toBeNull();
  });

  it('is none of a value that one of the tables does not have', () => {
    const gone = window.map((row) => (row.group === 'b' ? { ...row, group: 'new' } : row));
    expect(sliceShifts(pairOf(reference, gone), ALL)[0]).toMatchObject({ looked: 2 });
    const only = (rows: readonly Row[]): Row[] => rows.map((row) => ({ ...row, group: 'one' }));
    expect(sliceShifts(pairOf(only(reference), only(window)), ALL)).toEqual([]);
  });
});

describe('values that are slices', () => {
  it('have a fiftieth of the rows, the most frequent first, thirty at most', () => {
    const shares = new Map([
      ['b', 0.3],
      ['a', 0.3],
      ['c', 0.02],
      ['d', 0.0199],
      ['e', 0.5],
    ]);
    expect(mostOf([...shares.keys()], (text) => shares.get(text)!)).toEqual(['e', 'a', 'b', 'c']);
    expect(mostOf(['b', 'c', 'a'], () => 0.3)).toEqual(['a', 'b', 'c']);
    expect(mostOf(['a', 'b', 'c'], () => 0.3)).toEqual(['a', 'b', 'c']);
    const many = Array.from({ length: 40 }, (_, i) => `v${i}`);
    expect(mostOf(many, (text) => 0.1 + Number(text.slice(1)) / 100)).toEqual(many.slice(10).reverse());
  });

  it('have twenty rows', () => {
    const column = texts([...filled(20, 'often'), ...filled(19, 'rare'), ...filled(30, null)]);
    expect([...oftenIn(column)]).toEqual([['often', 20]]);
  });

  it('are known by their code', () => {
    const column = texts(['x', null, 'y', 'x', 'z']);
    expect([
      ...codedBy(
        column,
        new Map([
          ['z', 0],
          ['x', 1],
        ]),
      ),
    ]).toEqual([1, -1, -1, 1, 0]);
  });
});

describe('slices that moved alike', () => {
  const counting = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
  const random = xoshiro128(14);
  const [before, after] = [counting(600).map(() => random()), counting(600).map(() => random())];
  const column = (name: string, text: (i: number) => string) => {
    const side = texts(counting(600).map(text));
    return { name, reference: side, window: side };
  };
  /** Rows that move, in the window. */
  const moving = (name: string, moves: (i: number) => boolean, by = 0.5) => ({
    name,
    reference: numbers(before),
    window: numbers(after.map((x, i) => x + (moves(i) ? by : 0))),
  });

  it('are told by the smaller one, and by the one that moved further whatever its size', () => {
    // All others move against a slice as it moves against them.
    const two = column('two', (i) => (i % 10 < 7 ? 'more' : 'less'));
    expect(sliceShift([two, moving('x', (i) => i % 10 < 7)])).toMatchObject({ column: 'two', value: 'less' });
    const large = column('large', (i) => ['p', 'p', 'q', 'r'][i % 4]!);
    const small = column('small', (i) => ['s', 't', 'u', 'v', 'w'][i % 5]!);
    const both = moving('x', (i) => i % 4 < 2, 1);
    for (const pair of [
      [small, large, both],
      [large, small, both],
    ]) {
      expect(sliceShift(pair)).toMatchObject({ column: 'large', value: 'p' });
    }
  });

  it('are told in the column that comes first', () => {
    const group = column('group', (i) => ['a', 'b', 'c'][i % 3]!);
    const [x, y] = ['x', 'y'].map((name) => moving(name, (i) => i % 3 === 1));
    expect(sliceShift([group, x!, y!])?.moved).toBe('x');
    expect(sliceShift([group, y!, x!])?.moved).toBe('y');
  });

  it('are looked for in texts that both tables have often enough, of as many columns as there may be', () => {
    const rare = (share: number) => column('rare', (i) => (i % 1000 < share * 600 ? 'few' : `other ${i % 4}`));
    const slices = (pair: TablePair, texts = 9) => sliceShifts(pair, { numbers: 9, texts }).map(({ looked }) => looked);
    const x = moving('x', () => false);
    // Twenty-one of six hundred are enough, and so is one in fifty of both on average; four others are slices too.
    expect(slices([rare(0.035), x])).toEqual([5]);
    const long = (text: (i: number) => string) => texts(counting(2000).map(text));
    const line = numbers(counting(2000).map((i) => Math.sin(i)));
    const share = (of: number) => long((i) => (i < of * 2000 ? 'few' : `other ${i % 4}`));
    const shares = (reference: number, window: number): number[] =>
      slices([
        { name: 'rare', reference: share(reference), window: share(window) },
        { name: 'x', reference: line, window: line },
      ]);
    expect(shares(0.015, 0.015)).toEqual([4]);
    expect(shares(0.03, 0.012)).toEqual([5]);
    expect(shares(0.012, 0.03)).toEqual([5]);
    const ids = column('id', (i) => `id ${i}`);
    const gone = { name: 'gone', reference: column('', () => 'old').reference, window: column('', () => 'new').window };
    expect(slices([ids, gone, rare(0.035), x], 1)).toEqual([5]);
    expect(slices([rare(0.035), column('more', (i) => String(i % 2)), x], 1)).toEqual([5]);
    expect(slices([rare(0.035), column('more', (i) => String(i % 2)), x], 2)).toEqual([7]);
  });

  it('are looked for in three hundred columns of numbers', () => {
    const group = column('group', (i) => String(i % 2));
    const wide = counting(301).map((i) => moving(`x${i}`, () => false));
    expect(sliceShift([group, ...wide])?.looked).toBe(600);
  });
});

describe('ranks among the numbers of the reference', () => {
  it('are shares of them, tied ones in the middle', () => {
    const sorted = sortedOf(numbers([5, null, 1, 5, Number.NaN, 2, 5, 9]));
    expect([...sorted]).toEqual([1, 2, 5, 5, 5, 9]);
    const found = ranksIn(sorted, numbers([0, 1, 1.5, 2, 5, 7, 9, 10, null, Number.NEGATIVE_INFINITY]));
    const sixths = [0, 0.5, 1, 1.5, 3.5, 5, 5.5, 6, Number.NaN, 0];
    expect([...found]).toEqual(sixths.map((sixth) => (Number.isNaN(sixth) ? sixth : expect.closeTo(sixth / 6, 12))));
    expect([...ranksIn(sortedOf(numbers([3, 3])), numbers([2, 3, 4]))]).toEqual([0, 0.5, 1]);
  });
});
