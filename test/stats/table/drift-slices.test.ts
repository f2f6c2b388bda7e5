import { describe, expect, it } from 'vitest';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { outOfFoldScores } from '../../../src/stats/table/domain-classifier.ts';
import { type DriftSlice, driftSlices, type SlicesMethod } from '../../../src/stats/table/drift-slices.ts';
import type { TablePair } from '../../../src/stats/table/table-pair.ts';
import { numbers, texts } from '../columns.ts';

type Row = { readonly country: string; readonly age: number; readonly amount: number | null; readonly score: number };
type Change = (row: Row, random: () => number) => Row;

const COUNTRIES = ['de', 'fr', 'it', 'es', 'pt', 'nl', 'be', 'at'];

function table(rows: number, change: Change, random: () => number) {
  const lines = Array.from({ length: rows }, (): Row => {
    const country = COUNTRIES[Math.floor(COUNTRIES.length * random())]!;
    const age = 20 + Math.floor(50 * random());
    return change({ country, age, amount: normalDeviate(random), score: normalDeviate(random) }, random);
  });
  return {
    country: texts(lines.map(({ country }) => country)),
    age: numbers(lines.map(({ age }) => age)),
    amount: numbers(lines.map(({ amount }) => amount)),
    score: numbers(lines.map(({ score }) => score)),
  };
}

function pairOf(change: Change, rows = 4000, seed = 7): TablePair {
  const random = xoshiro128(seed);
  const r = table(rows, (row) => row, random);
  const w = table(rows, change, random);
  return [
    { name: 'country', reference: r.country, window: w.country },
    { name: 'age', reference: r.age, window: w.age },
    { name: 'amount', reference: r.amount, window: w.amount },
    { name: 'score', reference: r.score, window: w.score },
  ];
}

describe('driftSlices', () => {
  it('names the one group in which a column moved', () => {
    const pair = pairOf((row) => (row.country === 'it' ? { ...row, amount: (row.amount ?? 0) + 3 } : row));
    const [slice, ...others] = driftSlices(pair, ['amount']);
    expect(slice?.conditions).toEqual([{ column: 'country', kind: 'value', lower: null, upper: null, value: 'it' }]);
    expect(slice?.explained).toBeGreaterThan(0.95);
    expect(slice?.reference).toBeCloseTo(1 / 8, 1);
    expect(slice?.columns).toEqual([{ name: 'amount', share: 1 }]);
    expect(others).toEqual([]);
  });

  it('names no second condition that holds more of the drift by chance alone', () => {
    const pairs = Array.from({ length: 12 }, (_, seed) =>
      pairOf((row) => (row.country === 'it' ? { ...row, amount: (row.amount ?? 0) + 1.5 } : row), 1500, seed),
    );
    const named = (method: SlicesMethod) =>
      pairs.flatMap((pair) => driftSlices(pair, ['amount'], null, method).slice(0, 1));
    const alone = ({ conditions }: DriftSlice): boolean => conditions.length === 1 && conditions[0]?.value === 'it';
    const [before, now] = [named('drift-slices@2'), named('drift-slices@3')];
    expect(now.length).toBe(before.length);
    expect(now.every(alone)).toBe(true);
    expect(before.filter(alone).length).toBeLessThan(before.length / 2);
  });

  it('names a range of numbers, and a second condition where it takes two', () => {
    const old = pairOf((row) => (row.age >= 60 ? { ...row, amount: (row.amount ?? 0) + 3 } : row));
    const [range] = driftSlices(old, ['amount']);
    expect(range?.conditions).toMatchObject([{ column: 'age', kind: 'range', upper: null }]);
    expect(Math.abs((range?.conditions[0]?.lower ?? 0) - 60)).toBeLessThanOrEqual(3);
    const both = pairOf(
      (row) => (row.age >= 45 && row.country === 'de' ? { ...row, amount: (row.amount ?? 0) + 4 } : row),
      8000,
    );
    const [two] = driftSlices(both, ['amount']);
    expect(new Set(two?.conditions.map(({ column }) => column))).toEqual(new Set(['age', 'country']));
  });

  it('names a group that became more frequent and brought its values along', () => {
    const base: Change = (row) => ({ ...row, amount: (row.amount ?? 0) + (row.country === 'pt' ? 4 : 0) });
    const random = xoshiro128(3);
    const r = table(4000, base, random);
    const w = table(4000, (row) => base(random() < 0.3 ? { ...row, country: 'pt' } : row, random), random);
    const pair: TablePair = [
      { name: 'country', reference: r.country, window: w.country },
      { name: 'age', reference: r.age, window: w.age },
      { name: 'amount', reference: r.amount, window: w.amount },
    ];
    const [slice] = driftSlices(pair, ['country', 'amount']);
    expect(slice?.conditions).toMatchObject([{ column: 'country', value: 'pt' }]);
    expect(slice?.window).toBeGreaterThan(2 * (slice?.reference ?? 1));
    expect(slice?.explained).toBeGreaterThan(0.9);
  });

  it('names missing values', () => {
    const pair = pairOf((row, random) => (random() < 0.2 ? { ...row, amount: null, score: row.score + 3 } : row));
    expect(driftSlices(pair, ['score'])[0]?.conditions).toMatchObject([{ column: 'amount', kind: 'missing' }]);
  });

  it('finds two groups one after the other', () => {
    const pair = pairOf((row) => {
      if (row.country === 'it') return { ...row, amount: (row.amount ?? 0) + 3 };
      return row.age < 26 ? { ...row, score: row.score - 3 } : row;
    });
    const found = driftSlices(pair, ['amount', 'score']).map(({ conditions }) => conditions[0]?.column);
    expect(new Set(found)).toEqual(new Set(['country', 'age']));
  });

  it('names the group in which columns go together otherwise, by what tells its rows apart', () => {
    const together: Change = (row) => ({ ...row, score: (row.amount ?? 0) + 0.2 * row.score });
    const random = xoshiro128(5);
    const r = table(6000, together, random);
    const w = table(
      6000,
      (row) => {
        const { amount, score, ...rest } = together(row, random);
        return { ...rest, amount, score: row.country === 'it' || row.country === 'de' ? -score : score };
      },
      random,
    );
    const grouped = (side: typeof r) =>
      texts(
        Array.from(side.country.codes, (code) =>
          ['it', 'de'].includes(side.country.dictionary[code] ?? '') ? 'moved' : 'same',
        ),
      );
    const pair: TablePair = [
      { name: 'group', reference: grouped(r), window: grouped(w) },
      { name: 'amount', reference: r.amount, window: w.amount },
      { name: 'score', reference: r.score, window: w.score },
    ];
    expect(driftSlices(pair, [])).toEqual([]);
    const scores = outOfFoldScores(pair, { random: xoshiro128(3) });
    const [slice] = driftSlices(pair, [], scores);
    expect(slice?.conditions).toContainEqual(expect.objectContaining({ column: 'group', value: 'moved' }));
    expect(slice).toMatchObject({ columns: [], wholeRows: 1 });
    expect(slice?.explained).toBeGreaterThan(0.6);
    const healthy = pairOf((row) => row);
    expect(driftSlices(healthy, [], outOfFoldScores(healthy, { random: xoshiro128(3) }))).toEqual([]);
  });

  it('names rows by chance in no more than few of the small tables in which the drift is everywhere', () => {
    const named = (change: Change) =>
      Array.from({ length: 30 }, (_, k) => driftSlices(pairOf(change, 600, 100 + k), ['amount'])).filter(
        (found) => found.length > 0,
      ).length;
    expect(named((row) => ({ ...row, amount: (row.amount ?? 0) + 0.4 }))).toBeLessThanOrEqual(2);
    // While those that carry it are.
    expect(
      named((row) => (row.country === 'it' ? { ...row, amount: (row.amount ?? 0) + 3 } : row)),
    ).toBeGreaterThanOrEqual(29);
  });

  it('names none where the drift is everywhere, where there is none, and where nothing else could explain it', () => {
    expect(
      driftSlices(
        pairOf((row) => ({ ...row, amount: (row.amount ?? 0) + 1 })),
        ['amount'],
      ),
    ).toEqual([]);
    expect(
      driftSlices(
        pairOf((row) => row),
        ['amount'],
      ),
    ).toEqual([]);
    expect(
      driftSlices(
        pairOf((row) => row),
        [],
      ),
    ).toEqual([]);
    const [, , amount] = pairOf((row) => ({ ...row, amount: 9 }));
    expect(driftSlices([amount!], ['amount'])).toEqual([]);
  });

  it('names what only the window can tell apart, where nothing that both sides have does', () => {
    const apps = (rows: number): TablePair[number] => ({
      name: 'app',
      reference: texts(Array.from({ length: rows }, () => null)),
      window: texts(Array.from({ length: rows }, (_, i) => (i % 10 === 0 ? 'ios' : 'web'))),
    });
    let row = 0;
    const moved = pairOf((one) => (row++ % 10 === 0 ? { ...one, amount: (one.amount ?? 0) + 4 } : one));
    const [slice] = driftSlices([...moved, apps(4000)], ['amount']);
    expect(slice).toMatchObject({ conditions: [{ column: 'app', value: 'ios' }], reference: 0 });
    expect(slice?.window).toBeCloseTo(0.1, 2);
    // Nearly every row is of one app, which says nothing beside the country that moved.
    const italy = pairOf((one) => (one.country === 'it' ? { ...one, amount: (one.amount ?? 0) + 3 } : one));
    const [found] = driftSlices([...italy, apps(4000)], ['amount']);
    expect(found?.conditions.map(({ column }) => column)).toEqual(['country']);
  });
});
