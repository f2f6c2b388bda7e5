import { describe, expect, it } from 'vitest';
import { scoreColumn, sliceColumns } from '../../../src/stats/table/slice-columns.ts';
import { numbers, texts } from '../columns.ts';

const counted = (length: number, from = 0) => Array.from({ length }, (_, i) => from + i);

describe('a column of numbers in few codes', () => {
  it('has sixteenths of both tables, the smallest value apart, and a code for what is missing', () => {
    const [column] = sliceColumns([
      { name: 'x', reference: numbers([...counted(16), null]), window: numbers([...counted(16, 16), Number.NaN]) },
    ]);
    // Edges at 2, 4 … 30, and at 1, which parts the smallest value from the others.
    const code = (v: number) => (v === 0 ? 0 : 1 + Math.floor(v / 2));
    expect([...column!.codes]).toEqual([...counted(16).map(code), 17, ...counted(16, 16).map(code), 17]);
    expect(column).toMatchObject({ name: 'x', bins: 18, windowOnly: false });
    // All runs of seventeen codes but the one of all, and what is missing.
    expect(column?.runs).toHaveLength((17 * 18) / 2 - 1 + 1);
    const of = (from: number, to: number) => column?.runs.filter((run) => run.from === from && run.to === to);
    const none = { column: 'x', lower: null, upper: null, value: null };
    expect(of(17, 17)).toEqual([{ from: 17, to: 17, condition: { ...none, kind: 'missing' } }]);
    expect(of(0, 0)).toEqual([{ from: 0, to: 0, condition: { ...none, kind: 'range', upper: 1 } }]);
    expect(of(1, 3)).toEqual([{ from: 1, to: 3, condition: { ...none, kind: 'range', lower: 1, upper: 6 } }]);
    expect(of(16, 16)).toEqual([{ from: 16, to: 16, condition: { ...none, kind: 'range', lower: 30 } }]);
    expect(of(0, 16)).toEqual([]);
    expect(of(3, 2)).toEqual([]);
  });

  it('has an edge for a value that is met more than once only once', () => {
    const [column] = sliceColumns([
      { name: 'x', reference: numbers([0, 0, 0, 0, 0, 5, 9]), window: numbers([0, 0, 9, 9, 9, 9]) },
    ]);
    expect([...column!.codes]).toEqual([0, 0, 0, 0, 0, 1, 2, 0, 0, 2, 2, 2, 2]);
    expect(column?.bins).toBe(4);
  });

  it('has no edge where all quantiles are the smallest value, however much is above it', () => {
    const [column] = sliceColumns([
      { name: 'x', reference: numbers([...counted(40).map(() => 0), 7]), window: numbers([]) },
    ]);
    expect(column?.bins).toBe(2);
    expect(new Set(column!.codes)).toEqual(new Set([0]));
  });

  it('has one code where there is one value, or none', () => {
    for (const values of [[4, 4, 4], []]) {
      const [column] = sliceColumns([{ name: 'x', reference: numbers(values), window: numbers([null]) }]);
      expect(column?.bins).toBe(2);
      expect([...column!.codes]).toEqual([...values.map(() => 0), 1]);
      expect(column?.runs).toHaveLength(1);
    }
  });
});

describe('a score in few codes', () => {
  it('has those of numbers, and nothing that could be put into words', () => {
    const scores = Float64Array.from([...counted(32), Number.NaN]);
    const [column] = sliceColumns([{ name: 's', reference: numbers([...scores]), window: numbers([]) }]);
    expect(scoreColumn('s', scores)).toEqual({ ...column, runs: [] });
  });
});

describe('a column of texts in few codes', () => {
  it('has one for each of the thirty most frequent, ties by text, one for the others and one for none', () => {
    const names = counted(32).map((i) => `t${String(i).padStart(2, '0')}`);
    const mixed = counted(32).map((i) => names[(i * 7) % 32]!);
    const [column] = sliceColumns([
      { name: 'x', reference: texts(mixed), window: texts(['t31', 't31', null, 't30', null, null]) },
    ]);
    // Those without a text take no place of a text.
    const order = ['t31', 't30', ...names.slice(0, 28)];
    expect(column?.runs.slice(0, 30).map(({ condition, from, to }) => [condition.value, from, to])).toEqual(
      order.map((text, code) => [text, code, code]),
    );
    expect(column?.runs[0]?.condition).toEqual({ column: 'x', kind: 'value', value: 't31', lower: null, upper: null });
    expect(column?.runs.slice(30)).toEqual([
      { from: 31, to: 31, condition: { column: 'x', kind: 'missing', value: null, lower: null, upper: null } },
    ]);
    const code = (text: string) => (order.includes(text) ? order.indexOf(text) : 30);
    expect([...column!.codes]).toEqual([...mixed.map(code), 0, 0, 31, 1, 31, 31]);
    expect(column).toMatchObject({ bins: 32, windowOnly: false });
  });

  it('is of the window alone where the reference has no value, and both have rows', () => {
    const only = (reference: (string | null)[], window: (string | null)[]) =>
      sliceColumns([{ name: 'x', reference: texts(reference), window: texts(window) }])[0]?.windowOnly;
    expect(only([null, null], ['a'])).toBe(true);
    expect(only([null, 'b'], ['a'])).toBe(false);
    expect(only([], ['a'])).toBe(false);
    expect(only([null], [])).toBe(false);
  });
});
