import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { CategoryColumn, Column, NumberColumn } from '../../../src/stats/column.ts';
import { type CompatTool, compareColumnAs, concludeAs } from '../../../src/stats/compat/compare-as.ts';
import { goodnessOfFit, robust } from '../../../src/stats/compat/deequ.ts';
import type { CompatColumn } from '../../../src/stats/compat/finding.ts';
import { MEASURE_VALUES } from '../measure-values.ts';
import { relativeError, type SampleSpec, sample, setA } from '../samples.ts';

type Kind = 'float' | 'int' | 'text';
type Table<S> = {
  readonly name: string;
  readonly specs: Readonly<Record<string, readonly [Kind, SampleSpec, SampleSpec]>>;
  readonly said: S;
};

/** What the tools themselves say; made by `test/fixtures/stats/generate_compat.py`. */
function fixture<S>(tool: string): Table<S>[] {
  const url = new URL(`../../fixtures/stats/compat-${tool}.json`, import.meta.url);
  return (JSON.parse(readFileSync(url, 'utf8')) as { tables: Table<S>[] }).tables;
}

function column(kind: Kind, spec: SampleSpec): Column {
  const values = sample(spec);
  const length = values.length;
  if (kind === 'float') return { kind: 'number', type: 'float64', length, values, valid: null, exact: null };
  const whole = values.map(Math.floor);
  if (kind === 'int') return { kind: 'number', type: 'int64', length, values: whole, valid: null, exact: null };
  return texts(Array.from(whole, (value) => `c${value}`));
}

function texts(values: readonly (string | null)[], type: CategoryColumn['type'] = 'text'): CategoryColumn {
  const dictionary = type === 'boolean' ? ['false', 'true'] : [...new Set(values)].filter((value) => value !== null);
  const codes = Int32Array.from(values, (value) => (value === null ? -1 : dictionary.indexOf(value)));
  return { kind: 'category', type, length: values.length, codes, dictionary };
}

const numbers = (...values: number[]): NumberColumn => ({
  kind: 'number',
  type: 'float64',
  length: values.length,
  values: Float64Array.from(values),
  valid: null,
  exact: null,
});

const columnsOf = ({ specs }: Table<unknown>): CompatColumn[] =>
  Object.entries(specs).map(([name, [kind, reference, current]]) => ({
    name,
    reference: column(kind, reference),
    current: column(kind, current),
  }));

/** Equal to nine digits; what is nothing but rounding on either side counts as nothing. */
function expectEqual(found: number | null, said: number, what: string): void {
  if (Math.abs(said) < 1e-8) expect(Math.abs(found ?? Number.NaN), what).toBeLessThan(1e-7);
  else expect(Math.abs((found ?? Number.NaN) / said - 1), `${what}: ${found} | ${said}`).toBeLessThan(1e-9);
}

const compareAs = (tool: CompatTool, columns: readonly CompatColumn[]) =>
  concludeAs(
    tool,
    columns.map((given) => compareColumnAs(tool, given)),
  );

type Evidently = {
  readonly drift: boolean;
  readonly columns: Readonly<Record<string, { method: string; threshold: number; score: number }>>;
};

describe('as Evidently', () => {
  it.each(fixture<Evidently>('evidently'))('chooses, scores and decides as it does: $name', (table) => {
    const report = compareAs('evidently', columnsOf(table));
    expect(report.drift).toBe(table.said.drift);
    expect(report.columns).toHaveLength(Object.keys(table.said.columns).length);
    for (const { column: name, method, threshold, score } of report.columns) {
      const said = table.said.columns[name];
      expect({ name, method }).toEqual({ name, method: said?.method });
      if (method?.includes('text content')) continue;
      expect({ name, threshold }).toEqual({ name, threshold: said?.threshold });
      expectEqual(score, said?.score ?? Number.NaN, `${table.name} ${name}`);
    }
  });

  it('gives no number where the tool gives a random one, or fails', () => {
    const free = texts(Array.from({ length: 20 }, (_, i) => `text ${i}`));
    const [text, empty, mixed] = compareAs('evidently', [
      { name: 'text', reference: free, current: free },
      { name: 'empty', reference: numbers(Number.NaN), current: numbers(1) },
      { name: 'mixed', reference: free, current: numbers(1) },
    ]).columns;
    const columns = [{ name: 'text', reference: free, current: free }, ...moved(1, 0)];
    // One of two drifts, and the text counts as well: half would do.
    expect(compareAs('evidently', columns)).toMatchObject({ drift: true, reason: null });
    expect(compareAs('evidently', [columns[0]!, ...moved(1, 1)])).toMatchObject({
      drift: null,
      reason: '1 of 3 columns drift; what it says of text, which could tip it, cannot be had.',
    });
    expect(compareAs('evidently', [columns[0]!, ...moved(1, 3)])).toMatchObject({ drift: false, reason: null });
    for (const finding of [text, empty, mixed]) {
      expect(finding).toMatchObject({ score: null, drift: null, reason: expect.stringMatching(/./) });
    }
  });
});

/** Columns that drift as every tool says, and columns that do not. */
function moved(drifted: number, healthy: number): CompatColumn[] {
  const plain = Array.from({ length: 60 }, (_, i) => Math.sin(i));
  return Array.from({ length: drifted + healthy }, (_, i) => ({
    name: `c${i}`,
    reference: numbers(...plain),
    current: numbers(...plain.map((v) => (i < drifted ? v + 5 : v))),
  }));
}

type Nannyml = {
  readonly columns: Readonly<Record<string, { scores: number[]; threshold: number; alerts: number }>>;
};

describe('as NannyML', () => {
  it.each(fixture<Nannyml>('nannyml'))('has its chunks, its distances and its limits: $name', (table) => {
    const report = compareAs('nannyml', columnsOf(table));
    for (const { column: name, threshold, drift, details } of report.columns) {
      const said = table.said.columns[name];
      expectEqual(threshold, said?.threshold ?? Number.NaN, `${table.name} ${name} limit`);
      said?.scores.forEach((score, i) => {
        expectEqual(Number(details[`chunk_${i}`]), score, `${table.name} ${name} chunk ${i}`);
      });
      expect({ name, alerts: details.alerts, drift }).toEqual({ name, alerts: said?.alerts, drift: said!.alerts > 0 });
    }
  });

  it('says what it cannot compare', () => {
    const few = numbers(1, 2, 3);
    const [short, mixed] = compareAs('nannyml', [
      { name: 'short', reference: few, current: few },
      { name: 'mixed', reference: few, current: texts(['a']) },
    ]).columns;
    expect(short).toMatchObject({ score: null, reason: expect.stringContaining('10 rows') });
    expect(mixed).toMatchObject({ score: null, reason: expect.stringContaining('types') });
  });
});

type Whylogs = {
  readonly columns: Readonly<Record<string, { method: string; score: number; category: string }>>;
};

describe('as whylogs', () => {
  it.each(fixture<Whylogs>('whylogs'))(
    'scores texts, and numbers that its sketch holds, as it does: $name',
    (table) => {
      const found = compareAs('whylogs', columnsOf(table)).columns.filter(({ score }) => score !== null);
      expect(found.map(({ column: name }) => name).sort()).toEqual(Object.keys(table.said.columns).sort());
      for (const { column: name, score, drift } of found) {
        const said = table.said.columns[name];
        expectEqual(score, said?.score ?? Number.NaN, `${table.name} ${name}`);
        expect({ name, drift }).toEqual({ name, drift: said?.category === 'DRIFT' });
      }
    },
  );
});

describe('as whylogs and Deequ', () => {
  it.each([
    ['whylogs', 1024],
    ['deequ', 2048],
  ] as const)('%s gives no number of more values than its sketch holds', (tool, held) => {
    const some = (rows: number) => numbers(...Array.from({ length: rows }, (_, i) => Math.sin(i)));
    const said = (rows: number) =>
      compareAs(tool, [{ name: 'x', reference: some(rows), current: some(10) }]).columns[0];
    expect(said(held)?.score).not.toBeNull();
    expect(said(held + 1)).toMatchObject({
      score: null,
      reason: `Of more than ${held} numbers its sketch holds a random part.`,
    });
    expect(said(0)).toMatchObject({ score: null, reason: 'A side has no values.' });
  });
});

/** A text column with so many rows of each value. */
const rowsOf = (counts: Readonly<Record<string, number>>): CategoryColumn =>
  texts(Object.entries(counts).flatMap(([name, count]) => Array.from({ length: count }, () => name)));

describe('as TFDV', () => {
  const compared = (reference: Record<string, number>, current: Record<string, number>) =>
    compareAs('tfdv', [{ name: 'x', reference: rowsOf(reference), current: rowsOf(current) }]).columns[0];

  it('has the values of its own tests', () => {
    expect(compared({ hello: 1, world: 9 }, { hello: 3, world: 7 })?.score).toBeCloseTo(0.2, 12);
    const [divergence] = [
      compared({ b: 2, a: 2, c: 1 }, { a: 2, Z: 1, Y: 1, X: 1 })?.details.jensen_shannon_divergence,
    ];
    expect(divergence).toBeCloseTo(0.6, 12);
  });

  type Said = {
    readonly columns: Readonly<Record<string, { infinity_norm?: number; jensen_shannon_divergence: number }>>;
  };

  it.each(fixture<Said>('tfdv'))('has its distances of every column: $name', (table) => {
    for (const { column: name, method, score, details } of compareAs('tfdv', columnsOf(table)).columns) {
      const said = table.said.columns[name];
      const divergence = method === 'infinity_norm' ? details.jensen_shannon_divergence : score;
      expectEqual(Number(divergence), said?.jensen_shannon_divergence ?? Number.NaN, `${table.name} ${name}`);
      if (method === 'infinity_norm') expectEqual(score, said?.infinity_norm ?? Number.NaN, `${table.name} ${name}`);
      else expect(said).not.toHaveProperty('infinity_norm');
    }
  });

  it('has its distances of numbers that are missing, infinite or all the same', () => {
    const columns = Object.keys(odd(1)).map((name) => ({
      name,
      reference: numbers(...odd(500)[name]!),
      current: numbers(...odd(311)[name]!),
    }));
    const said = tableSaid('odd');
    for (const { column: name, score } of compareAs('tfdv', columns).columns) {
      expectEqual(score, said[name]?.jensen_shannon_divergence ?? Number.NaN, name);
    }
  });

  it('has its distances of a thousand of more texts, of long ones and of booleans', () => {
    const [before, now] = [toldApart(1020), toldApart(311)];
    const columns = Object.keys(before).map((name) => ({ name, reference: before[name]!, current: now[name]! }));
    const said = tableSaid('told apart');
    for (const { column: name, method, score, details } of compareAs('tfdv', columns).columns) {
      const divergence = method === 'infinity_norm' ? details.jensen_shannon_divergence : score;
      expectEqual(Number(divergence), said[name]?.jensen_shannon_divergence ?? Number.NaN, name);
      if (method === 'infinity_norm') expectEqual(score, said[name]?.infinity_norm ?? Number.NaN, name);
      else expect(said[name]).not.toHaveProperty('infinity_norm');
    }
  });

  it('gives no number where there is nothing to compare', () => {
    const compare = (reference: Column, current: Column) =>
      compareAs('tfdv', [{ name: 'x', reference, current }]).columns[0];
    expect(compare(numbers(Number.NaN), numbers(1))).toMatchObject({ score: null, reason: 'A side has no values.' });
    expect(compare(numbers(-1e308, 1e308, 1e308), numbers(1))).toMatchObject({
      score: null,
      reason: 'The numbers span more than a double can hold.',
    });
    expect(compare(numbers(1), rowsOf({ a: 1 }))).toMatchObject({ score: null, reason: expect.stringMatching(/./) });
  });
});

/** Twin: `beyond` in test/fixtures/stats/generate_tfdv.py. */
function odd(rows: number): Record<string, number[]> {
  const made = (of: (i: number, x: number) => number) => Array.from({ length: rows }, (_, i) => of(i, (i * 0.37) % 11));
  const { NaN: missing, POSITIVE_INFINITY: infinity } = Number;
  return {
    missing: made((i, x) => (i % 7 === 0 ? missing : x)),
    infinite: made((i, x) => (i % 9 === 0 ? infinity : i % 11 === 0 ? -infinity : x)),
    'one infinite': made((i, x) => (i === 3 ? infinity : x * x)),
    'all infinite': made(() => -infinity),
    same: made(() => 2.5),
  };
}

/** Twin: `told_apart` in test/fixtures/stats/generate_tfdv.py. */
function toldApart(rows: number): Record<string, CategoryColumn> {
  const made = (of: (i: number) => string) => texts(Array.from({ length: rows }, (_, i) => of(i)));
  const flags = (of: (i: number) => boolean | null) =>
    texts(
      Array.from({ length: rows }, (_, i) => of(i)?.toString() ?? null),
      'boolean',
    );
  const point = (i: number) => String.fromCodePoint((i % 3 === 0 ? 0x1f600 : 0xe000) + Math.floor(i / 3));
  return {
    alike: made((i) => `w${(i * 7) % 1020}`),
    'code points': made((i) => (i % 3 === 2 ? `k${i}` : point(i))),
    long: made((i) => (i % 2 === 0 ? 'l'.repeat(1020 + (i % 9)) : 'é'.repeat(509 + (i % 7)))),
    'yes or no': flags((i) => i % 3 === 0 || (i + rows) % 4 === 0),
    unsaid: flags((i) => (i % 4 === 0 ? null : (i * i) % ((rows % 7) + 2) === 0)),
  };
}

type Distances = { readonly infinity_norm?: number; readonly jensen_shannon_divergence: number };

function tableSaid(name: 'odd' | 'told apart'): Readonly<Record<string, Distances>> {
  const url = new URL('../../fixtures/stats/compat-tfdv.json', import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8'))[name].columns;
}

describe('as Deequ', () => {
  const tables = [
    { a: 10, b: 20, c: 25, d: 10, e: 5 },
    { a: 11, b: 20, c: 25, d: 10, e: 10 },
  ] as const;

  it('has the values of its own tests', () => {
    const [found] = compareAs('deequ', [
      { name: 'x', reference: rowsOf(tables[0]), current: rowsOf(tables[1]) },
    ]).columns;
    expect(found?.details.linf_simple).toBeCloseTo(0.06015037593984962, 12);
    // What is within chance for so few rows is nothing.
    expect(found?.score).toBe(0);
    expect(robust(0.5, 70, 76, 1)).toBeCloseTo(0.5 - Math.sqrt(146 / (70 * 76)), 12);
  });

  it.each(fixture<Readonly<Record<string, Readonly<Record<string, number>>>>>('deequ'))(
    'has its distances of every column: $name',
    (table) => {
      for (const { column: name, score, details, reason } of compareAs('deequ', columnsOf(table)).columns) {
        const said = table.said[name];
        if (said === undefined) expect(reason).toContain('a random part');
        for (const [measure, value] of Object.entries(said ?? {})) {
          if (reason?.includes('hash table') === true && measure.startsWith('chi_square')) continue;
          const found = measure === 'linf_robust' ? score : Number(details[measure]);
          expectEqual(found, value, `${table.name} ${name} ${measure}`);
        }
      }
    },
  );

  it('takes the largest difference of the distribution functions of numbers', () => {
    const { reference, current } = setA();
    const [found] = compareAs('deequ', [
      { name: 'x', reference: numbers(...reference), current: numbers(...current) },
    ]).columns;
    expect(found?.details.linf_simple).toBeCloseTo(0.0735, 12);
    expect(found?.score).toBe(0);
    const moved = numbers(...Array.from(current, (v) => v + 1));
    const [far] = compareAs('deequ', [{ name: 'x', reference: numbers(...reference), current: moved }]).columns;
    const simple = Number(far?.details.linf_simple);
    expect(far?.score).toBeCloseTo(simple - 1.8 * Math.sqrt(1800 / (1000 * 800)), 12);
  });

  it('puts small cells together, and leaves out what the reference lacks', () => {
    const two = goodnessOfFit({ reference: Float64Array.of(90, 10), current: Float64Array.of(40, 60) });
    expect(two?.statistic).toBeCloseTo((40 - 90) ** 2 / 90 + (60 - 10) ** 2 / 10, 10);
    // Three cells, of which more than a fifth expect fewer than five: the two smallest become one.
    const three = goodnessOfFit({ reference: Float64Array.of(60, 36, 4, 0), current: Float64Array.of(50, 40, 10, 7) });
    expect(three?.statistic).toBeCloseTo((50 - 60) ** 2 / 60 + (50 - 40) ** 2 / 40, 10);
    // Two of three as rare as each other: either could go to the smallest one, unless they were seen as often.
    const rare = (...current: number[]) =>
      goodnessOfFit({ reference: Float64Array.of(90, 4, 4, 2), current: Float64Array.from(current) });
    expect(rare(88, 2, 8, 2)).toMatchObject({ statistic: null, p: null, reason: expect.stringContaining('order') });
    expect(rare(88, 5, 5, 2)?.reason).toBeNull();
    expect(goodnessOfFit({ reference: Float64Array.of(5, 4), current: Float64Array.of(4, 5) })).toBeNull();
  });
});

const scipyDetails = (reference: Float64Array, current: Float64Array) =>
  compareAs('scipy', [{ name: 'x', reference: numbers(...reference), current: numbers(...current) }]).columns[0]!
    .details;

describe('as SciPy', () => {
  it('has the tests of its reference set', () => {
    const [found] = compareAs('scipy', [
      {
        name: 'b',
        reference: rowsOf({ a: 420, b: 310, c: 180, d: 70, e: 20 }),
        current: rowsOf({ a: 300, b: 270, c: 140, d: 60, f: 30 }),
      },
    ]).columns;
    expect(found?.details).toEqual({ statistic: expect.closeTo(57.00944960212202, 10), df: 5 });
    expect(found?.score).toBeCloseTo(5.03432796e-11, 18);
  });

  it('has every test of two samples, with the values that it gives', () => {
    const { reference, current } = setA();
    const details = scipyDetails(reference, current);
    const said = MEASURE_VALUES.setA;
    const pairs = [
      ['cramervonmises_2samp', said.cvm],
      ['mannwhitneyu', said.mannWhitney],
      ['epps_singleton_2samp', said.eppsSingleton],
    ] as const;
    for (const [name, [statistic, p]] of pairs) {
      expect(relativeError(Number(details[name]), statistic), name).toBeLessThan(1e-9);
      expect(relativeError(Number(details[`${name}_p`]), p), name).toBeLessThan(1e-7);
    }
    expect(relativeError(Number(details.energy_distance), said.energy)).toBeLessThan(1e-9);
    expect(relativeError(Number(details.anderson_ksamp), said.ad)).toBeLessThan(1e-9);
    expect(details.anderson_ksamp_p).toBe(0.001);
    expect(relativeError(Number(details.ttest_welch_p), said.welchP)).toBeLessThan(1e-9);
    let compared = 0;
    for (const { x, y, ad, t, mannWhitney } of MEASURE_VALUES.pairs) {
      const found = scipyDetails(sample(x), sample(y));
      if (ad != null) expect(relativeError(Number(found.anderson_ksamp_p), ad.p)).toBeLessThan(1e-6);
      if (t != null && Number.isFinite(t.welch))
        expect(relativeError(Number(found.ttest_welch), t.welch)).toBeLessThan(1e-8);
      if (mannWhitney !== undefined) expect(found.mannwhitneyu).toBe(mannWhitney[0]);
      compared++;
    }
    expect(compared).toBeGreaterThan(40);
  });

  it('ranks infinities as SciPy does, and has nothing of sizes then', () => {
    const { POSITIVE_INFINITY: infinity } = Number;
    const steps = (count: number, step: number, from = 0) => Array.from({ length: count }, (_, i) => from + i * step);
    const reference = numbers(...Array(3).fill(-infinity), ...steps(30, 0.37), infinity, infinity);
    const current = numbers(...Array(6).fill(infinity), ...steps(25, 0.31, 2));
    const [found] = compareAs('scipy', [{ name: 'x', reference, current }]).columns;
    expect(found?.score).toBeCloseTo(0.18006276351664433, 12);
    expect(found?.details).toEqual({
      statistic: expect.closeTo(0.2571428571428571, 14),
      wasserstein_distance: null,
      energy_distance: null,
      cramervonmises_2samp: expect.closeTo(0.330647488712005, 12),
      cramervonmises_2samp_p: expect.closeTo(0.11193878154207482, 9),
      mannwhitneyu: 407.5,
      mannwhitneyu_p: expect.closeTo(0.08368840801875227, 12),
      anderson_ksamp: expect.closeTo(1.9314373541977856, 12),
      anderson_ksamp_p: expect.closeTo(0.051963712454730845, 9),
      ttest_welch: null,
      ttest_welch_p: null,
      epps_singleton_2samp: null,
      epps_singleton_2samp_p: null,
    });
    // One side is enough, and both have to be numbers of some size or other.
    const finite = numbers(...steps(25, 0.31, 2));
    for (const pair of [
      { reference, current: finite },
      { reference: finite, current },
    ]) {
      const details = compareAs('scipy', [{ name: 'x', ...pair }]).columns[0]?.details;
      expect(details).toMatchObject({ wasserstein_distance: null, mannwhitneyu: expect.any(Number) });
    }
  });

  it('gives no p where SciPy would count one from ties, and counts as it does without', () => {
    const untied = scipyDetails(Float64Array.of(0.01, 1, 2.9, 5.2), Float64Array.of(0.3, 2, 3.7));
    expect(untied.cramervonmises_2samp_p).toBeGreaterThan(0);
    const tied = scipyDetails(Float64Array.of(1, 1, 2, 3), Float64Array.of(1, 2, 3));
    expect(tied).toMatchObject({ cramervonmises_2samp: expect.any(Number), cramervonmises_2samp_p: null });
    // A statistic that there is not is none.
    expect(scipyDetails(Float64Array.of(1), Float64Array.of(2))).toMatchObject({
      cramervonmises_2samp: null,
      anderson_ksamp: null,
      epps_singleton_2samp: null,
    });
  });
});
