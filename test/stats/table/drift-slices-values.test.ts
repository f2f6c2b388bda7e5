import { describe, expect, it } from 'vitest';
import { type Uniform, xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { normalQuantile } from '../../../src/stats/special/normal-quantile.ts';
import { driftSlices, SLICES_METHOD } from '../../../src/stats/table/drift-slices.ts';
import type { TablePair } from '../../../src/stats/table/table-pair.ts';
import { texts } from '../columns.ts';

/** Texts by column. */
type Row = Readonly<Record<string, string | null>>;
type Tables = { readonly reference: readonly Row[]; readonly window: readonly Row[] };
type Condition = readonly [column: string, value: string | null];

const pairOf = ({ reference, window }: Tables): TablePair =>
  Object.keys({ ...reference[0], ...window[0] }).map((name) => ({
    name,
    reference: texts(reference.map((row) => row[name]!)),
    window: texts(window.map((row) => row[name]!)),
  }));

const holds = (row: Row, conditions: readonly Condition[]): boolean =>
  conditions.every(([column, value]) => row[column] === value);

const where = ({ reference, window }: Tables, keep: (row: Row) => boolean): Tables => ({
  reference: reference.filter(keep),
  window: window.filter(keep),
});

/** Σ (p - q)² / h less its mean without drift; 0 where X² is not so many deviations beyond its own. */
function driftOf({ reference, window }: Tables, column: string, deviations = 0): number {
  const [n, m] = [reference.length, window.length];
  if (n === 0 || m === 0) return 0;
  const values = new Set([...reference, ...window].map((row) => row[column]));
  let square = 0;
  for (const value of values) {
    const count = (rows: readonly Row[]): number => rows.filter((row) => row[column] === value).length;
    const [r, w] = [count(reference), count(window)];
    square += (n * m * (r / n - w / m) ** 2) / (r + w);
  }
  const df = values.size - 1;
  return square - df > deviations * Math.sqrt(2 * df) ? (square - df) * (1 / n + 1 / m) : 0;
}

/** How fast Σ (p - q)² / h grows with the part of its side that has each value, by value. */
function growth({ reference, window }: Tables, column: string, side: 0 | 1): Map<string | null, number> {
  const [n, m] = [reference.length, window.length];
  const values = [...new Set([...reference, ...window].map((row) => row[column]!))];
  const shares = [reference, window].map((rows) =>
    values.map((value) => rows.filter((row) => row[column] === value).length / rows.length),
  );
  const distance = (i: number, more: number): number => {
    const [p, q] = [0, 1].map((of) => shares[of]![i]! + (of === side ? more : 0));
    return (p! - q!) ** 2 / ((n * p! + m * q!) / (n + m));
  };
  const step = 1e-6;
  return new Map(values.map((value, i) => [value, (distance(i, step) - distance(i, -step)) / (2 * step)]));
}

/** The error that the drift of columns has where rows are left out that have nothing to do with it. */
function errorOf(all: Tables, rest: Tables, columns: readonly string[]): number {
  const of = (rows: readonly Row[], left: number, side: 0 | 1): number => {
    const growths = columns.map((column) => growth(all, column, side));
    const added = rows.map((row) => columns.reduce((sum, column, c) => sum + growths[c]!.get(row[column]!)!, 0));
    const mean = added.reduce((sum, one) => sum + one, 0) / rows.length;
    const variance = added.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (rows.length - 1);
    return variance * (1 / left - 1 / rows.length);
  };
  const spread = ({ reference, window }: Tables): number => 1 / reference.length + 1 / window.length;
  const degrees = columns.reduce(
    (sum, column) => sum + new Set([...all.reference, ...all.window].map((row) => row[column])).size - 1,
    0,
  );
  const first = of(all.reference, rest.reference.length, 0) + of(all.window, rest.window.length, 1);
  return Math.sqrt(first + 2 * degrees * (spread(rest) - spread(all)) ** 2);
}

/**
 * How much more the rows that fulfil both conditions carry of the columns' drift than those of the slice of one of them
 * would if drawn from it, in standard errors.
 */
function excessOf(all: Tables, [slice, both]: readonly [Tables, Tables], columns: readonly string[]): number {
  let [more, variance] = [0, 0];
  for (const side of ['reference', 'window'] as const) {
    const growths = columns.map((column) => growth(all, column, side === 'reference' ? 0 : 1));
    const carried = (row: Row): number => columns.reduce((sum, name, c) => sum + growths[c]!.get(row[name]!)!, 0);
    const mean = (rows: readonly Row[]): number => rows.reduce((sum, row) => sum + carried(row), 0) / rows.length;
    const [rows, k] = [slice[side], both[side].length];
    if (rows.length < 2 || k === 0) continue;
    const usual = mean(rows);
    const spread = rows.reduce((sum, row) => sum + (carried(row) - usual) ** 2, 0) / (rows.length - 1);
    more += (k / all[side].length) * (mean(both[side]) - usual);
    variance += (k / all[side].length) ** 2 * spread * (1 / k - 1 / rows.length);
  }
  return more / Math.sqrt(variance);
}

/** The search by its description, on columns of few texts. */
class Search {
  readonly #start: Tables;
  readonly #columns: readonly string[];
  readonly #whole: ReadonlyMap<string, number>;
  #open: Tables;
  #tried = 0;

  readonly #version: 1 | 2 | 3;

  constructor(tables: Tables, targets: readonly string[], version: 1 | 2 | 3 = 3) {
    this.#version = version;
    this.#start = tables;
    this.#open = tables;
    this.#columns = Object.keys(tables.reference[0]!);
    this.#whole = new Map(targets.map((name) => [name, driftOf(tables, name, 4)]));
  }

  found() {
    const slices = [];
    while (slices.length < 3 && this.#left() >= 0.25) {
      const best = this.#best();
      if (best === undefined) break;
      slices.push(this.#told(best.conditions, best.explained));
      this.#open = where(this.#open, (row) => !holds(row, best.conditions));
    }
    return slices;
  }

  #left(): number {
    const whole = [...this.#whole.values()].reduce((sum, drift) => sum + drift, 0);
    const left = [...this.#whole].reduce((sum, [name, d]) => sum + (d === 0 ? 0 : this.#weighted(this.#open, name)), 0);
    return whole === 0 ? 0 : left / whole;
  }

  #support({ reference, window }: Tables, windowOnly = false): number {
    const ofWindow = window.length / this.#start.window.length;
    return windowOnly ? ofWindow : (reference.length / this.#start.reference.length + ofWindow) / 2;
  }

  #weighted(tables: Tables, column: string): number {
    return driftOf(tables, column) * this.#support(tables);
  }

  #isWindowOnly(column: string): boolean {
    return this.#start.reference.every((row) => row[column] === null);
  }

  /** What is gone of each target without the rows of some conditions, which none of them names. */
  #gone(conditions: readonly Condition[]): Map<string, number> {
    const rest = where(this.#open, (row) => !holds(row, conditions));
    const others = [...this.#whole].filter(([name, d]) => d > 0 && !conditions.some(([column]) => column === name));
    return new Map(others.map(([name]) => [name, this.#weighted(this.#open, name) - this.#weighted(rest, name)]));
  }

  #candidate(conditions: readonly Condition[]) {
    const [last] = conditions.at(-1)!;
    const inside = where(this.#open, (row) => holds(row, conditions));
    const rest = where(this.#open, (row) => !holds(row, conditions));
    const support = this.#support(inside, this.#isWindowOnly(last));
    const rows = inside.reference.length + inside.window.length;
    if (rows < 30 || support < 0.01 || Math.min(rest.reference.length, rest.window.length) < 30) return [];
    const gone = this.#gone(conditions);
    if (gone.size === 0) return [];
    this.#tried++;
    const whole = [...gone.keys()].reduce((sum, name) => sum + this.#whole.get(name)!, 0);
    const all = [...gone.values()].reduce((sum, one) => sum + one, 0);
    const explained = Math.min(1, all / whole);
    if (explained < support + 0.2) return [];
    const usual = [...gone.keys()].reduce((sum, name) => sum + driftOf(this.#open, name), 0) * this.#support(inside);
    const t = (all - usual) / (errorOf(this.#open, rest, [...gone.keys()]) * this.#support(rest));
    return [{ conditions, explained, t, worth: explained * Math.log(explained / support) }];
  }

  #on(column: string, given: readonly Condition[]) {
    const { reference, window } = this.#start;
    const values = new Set([...reference, ...window].map((row) => row[column]!));
    return [...values].flatMap((value) => this.#candidate([...given, [column, value]]));
  }

  #best() {
    this.#tried = 0;
    const singles = this.#columns.flatMap((column) =>
      this.#on(column, [])
        .sort((a, b) => b.worth - a.worth)
        .slice(0, 1),
    );
    const ranked = singles.sort((a, b) => b.worth - a.worth);
    const pairs = ranked.slice(0, 6).flatMap(({ conditions }) => {
      const [[first]] = conditions as readonly [Condition];
      return this.#columns
        .filter((column) => column !== first && this.#isWindowOnly(column) === this.#isWindowOnly(first))
        .flatMap((column) => this.#on(column, conditions));
    });
    // What the largest of so many exceeds by chance in 5 % of tables.
    const least = this.#version > 1 ? -normalQuantile(0.025 / this.#tried) : Number.NEGATIVE_INFINITY;
    const sure = pairs.filter(({ t }) => t > least).sort((a, b) => b.worth - a.worth);
    const isPart = ({ conditions }: (typeof ranked)[number]) =>
      sure.some((pair) => pair.conditions[0] === conditions[0]);
    const single = ranked.find((one) => one.t > least || isPart(one));
    const better = sure.filter((pair) => pair.worth >= 1.15 * (single?.worth ?? 0));
    return better.find(({ conditions }) => this.#version < 3 || this.#needsBoth(conditions, least)) ?? single;
  }

  #needsBoth(conditions: readonly Condition[], least: number): boolean {
    const both = where(this.#open, (row) => holds(row, conditions));
    const columns = [...this.#gone(conditions).keys()];
    return conditions.every((one) => {
      const slice = where(this.#open, (row) => holds(row, [one]));
      return excessOf(this.#open, [slice, both], columns) > least;
    });
  }

  #told(conditions: readonly Condition[], explained: number) {
    const gone = [...this.#gone(conditions)].flatMap(([name, one]) => (one > 0 ? [{ name, one }] : []));
    const all = gone.reduce((sum, { one }) => sum + one, 0);
    const inside = where(this.#open, (row) => holds(row, conditions));
    return {
      conditions: conditions.map(([column, value]) => ({
        ...{ column, kind: value === null ? 'missing' : 'value', lower: null, upper: null, value },
      })),
      reference: inside.reference.length / this.#start.reference.length,
      window: inside.window.length / this.#start.window.length,
      explained: expect.closeTo(explained, 10),
      columns: gone
        .sort((a, b) => b.one - a.one)
        .slice(0, 5)
        .map(({ name, one }) => ({ name, share: expect.closeTo(one / all, 10) })),
    };
  }
}

const TARGETS = Array.from({ length: 9 }, (_, i) => `t${i + 1}`);

type Change = (row: Row, random: Uniform) => Row;

/** Rows of a country, a shop and a plan, and of what is sold in them: texts that do not depend on those. */
function tables(change: Change, seed = 1, sizes = { n: 360, m: 280 }): Tables {
  const random = xoshiro128(seed);
  const one = (from: string): string => from[Math.floor(from.length * random() ** 1.3)]!;
  const draw = (): Row => ({
    country: one('ABCDE'),
    shop: one('xyz'),
    plan: random() < 0.1 ? null : one('mn'),
    ...Object.fromEntries(TARGETS.map((name) => [name, one('opqr')])),
  });
  return {
    reference: Array.from({ length: sizes.n }, draw),
    window: Array.from({ length: sizes.m }, () => change(draw(), random)),
  };
}

const to = (row: Row, value: string, ...names: readonly string[]): Row => ({
  ...row,
  ...Object.fromEntries(names.map((name) => [name, value])),
});

const CHANGES: Readonly<Record<string, { readonly change: Change; readonly targets: readonly string[] }>> = {
  'one value': { change: (row) => (row['country'] === 'B' ? to(row, 'r', 't1') : row), targets: ['t1'] },
  'rows without one': {
    change: (row) => (row['plan'] === null ? to(row, 'r', 't1', 't3') : row),
    targets: ['t1', 't3'],
  },
  'two values together': {
    change: (row) => (row['country'] === 'A' && row['plan'] === 'm' ? to(row, 'r', 't1', 't2') : row),
    targets: ['t1', 't2'],
  },
  'one group after the other': {
    change: (row) =>
      row['country'] === 'C' ? to(row, 'q', 't1') : row['shop'] === 'z' ? to(row, 'r', 't2', 't3') : row,
    targets: ['t1', 't2', 't3'],
  },
  'four groups, of which three are told': {
    change: (row, random) => {
      const at = 'BCDE'.indexOf(row['country'] ?? '');
      return at < 0 || random() < 0.1 ? row : to(row, 'r', `t${at + 1}`);
    },
    targets: ['t1', 't2', 't3', 't4'],
  },
  'more columns than are told': {
    change: (row) => (row['shop'] === 'y' ? to(row, 'r', ...TARGETS) : row),
    targets: TARGETS,
  },
  'a group that is more frequent, and brings its own': {
    change: (row, random) => (random() < 0.3 ? { ...to(row, 'r', 't1'), country: 'E' } : row),
    targets: ['country', 't1'],
  },
  'part of it everywhere': {
    change: (row, random) => (random() < 0.25 ? to(row, 'q', 't2') : row['country'] === 'D' ? to(row, 'r', 't1') : row),
    targets: ['t1', 't2', 't6'],
  },
  everywhere: { change: (row, random) => (random() < 0.4 ? to(row, 'q', 't1') : row), targets: ['t1'] },
  nothing: { change: (row) => row, targets: ['t1', 't2'] },
};

describe('slices that carry the drift', () => {
  it.each(Object.entries(CHANGES))('are those of the description: %s', (_, { change, targets }) => {
    for (const seed of [1, 2]) {
      const made = tables(change, seed);
      expect(driftSlices(pairOf(made), targets)).toEqual(new Search(made, targets).found());
      if (seed > 1) continue;
      // As reports of before have them.
      for (const version of [1, 2] as const) {
        const before = driftSlices(pairOf(made), targets, null, `drift-slices@${version}`);
        expect(before).toEqual(new Search(made, targets, version).found());
      }
    }
  });

  it('were some of chance before these were told from others', () => {
    const { change, targets } = CHANGES['everywhere']!;
    const pair = pairOf(tables(change));
    expect([driftSlices(pair, targets).length, driftSlices(pair, targets, null, 'drift-slices@1').length]).toEqual([
      0, 1,
    ]);
  });

  it('are found of what the window alone can tell apart, apart from what both can', () => {
    const change: Change = (row, random) =>
      random() < 0.2 ? { ...to(row, 'r', 't1'), app: 'ios' } : { ...row, app: 'web' };
    for (const seed of [4, 5]) {
      const { reference, window } = tables(change, seed);
      const made = { reference: reference.map((row) => ({ ...row, app: null })), window };
      const found = driftSlices(pairOf(made), ['t1']);
      expect(found).toEqual(new Search(made, ['t1']).found());
      expect(found[0]).toMatchObject({ conditions: [{ column: 'app', value: 'ios' }], reference: 0 });
    }
  });

  it('are not of fewer than thirty rows, nor such that leave fewer than thirty of a side', () => {
    const change: Change = (row) => (row['country'] === 'E' ? to(row, 'r', 't1') : row);
    for (const m of [90, 120, 150, 200, 250]) {
      const made = tables(change, m, { n: m, m });
      expect(driftSlices(pairOf(made), ['t1']), `${m}`).toEqual(new Search(made, ['t1']).found());
    }
    const often: Change = (row, random) => (random() < 0.8 ? { ...to(row, 'r', 't1'), shop: 'w' } : row);
    for (const m of [140, 150, 160, 170]) {
      const made = tables(often, m, { n: 200, m });
      expect(driftSlices(pairOf(made), ['t1']), `${m}`).toEqual(new Search(made, ['t1']).found());
    }
  });

  it('are of the first twenty columns that are to be explained', () => {
    const made = tables((row) => (row['shop'] === 'y' ? to(row, 'r', 't1') : row));
    const wide = (rows: readonly Row[]): Row[] =>
      rows.map(({ t1, ...row }, i) => ({
        ...row,
        ...Object.fromEntries(Array.from({ length: 17 }, (_, k) => [`s${k}`, String((i + k) % 2)])),
        t1: t1 ?? null,
      }));
    const both = { reference: wide(made.reference), window: wide(made.window) };
    const names = Object.keys(both.reference[0]!).filter((name) => !['country', 'shop', 'plan'].includes(name));
    // The last one is the one that moved.
    expect(names).toHaveLength(26);
    expect(driftSlices(pairOf(both), names)).toEqual([]);
    expect(driftSlices(pairOf(both), names.slice(6))).toHaveLength(1);
  });

  it('are of columns whatever their names, and of two as of many', () => {
    const made = tables((row) => (row['country'] === 'B' ? to(row, 'r', 't1') : row));
    const named = ({ country, t1 }: Row): Row => ({ country: country ?? null, '': t1 ?? null });
    const both = { reference: made.reference.map(named), window: made.window.map(named) };
    const found = driftSlices(pairOf(both), ['']);
    expect(found).toEqual(new Search(both, ['']).found());
    expect(found).toMatchObject([{ conditions: [{ value: 'B' }], columns: [{ name: '', share: 1 }] }]);
    expect(SLICES_METHOD).toBe('drift-slices@3');
  });

  it('are none of a table without rows, or of one column', () => {
    const made = tables((row) => to(row, 'r', 't1'));
    expect(driftSlices(pairOf({ ...made, window: made.window.slice(0, 0) }), ['t1'])).toEqual([]);
    const pair = pairOf(made).filter(({ name }) => name === 't1');
    expect(driftSlices(pair, ['t1'])).toEqual([]);
    // Nor of what a classifier says of the rows of one.
    const group = texts(Array.from({ length: 300 }, (_, i) => (i % 2 === 0 ? 'a' : 'b')));
    const one = { name: 'group', reference: group, window: group };
    const scores = Float64Array.from({ length: 600 }, (_, i) => (i >= 300 && i % 2 === 0 ? 1 : (i % 7) / 10));
    expect(driftSlices([one], [], scores)).toEqual([]);
    const noise = texts(Array.from({ length: 300 }, (_, i) => String(i % 3)));
    const two = [one, { name: 'noise', reference: noise, window: noise }];
    expect(driftSlices(two, [], scores)).toMatchObject([{ conditions: [{ value: 'a' }], columns: [], wholeRows: 1 }]);
    expect(driftSlices(pairOf({ ...made, reference: made.reference.slice(0, 0) }), ['t1'])).toEqual([]);
  });
});
