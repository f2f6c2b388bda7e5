import { describe, expect, it } from 'vitest';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { samplePair } from '../../../src/stats/table/table-sample.ts';
import { judge } from '../../../src/stats/verdict/judge.ts';
import type { JudgeColumn, JudgePolicy } from '../../../src/stats/verdict/judgement.ts';
import { tableFindings } from '../../../src/stats/verdict/table-findings.ts';
import { splitMeasures, TABLE_MEASURE_NAMES, TABLE_MEASURES } from '../../../src/stats/verdict/table-measures.ts';
import { numbers, profileOf, texts, times } from '../columns.ts';
import { drawPair, type TableSpec } from '../table/tables.ts';

const NO_EFFECT = { 'wasserstein/reference-std@1': 9, 'js_distance/base2/reference-edges@2': 1 };
/** What so few deals, and each row used once, can show. */
const WEAKER: Readonly<Record<string, number>> = { 'mmd/permutation@2': 0.001, 'mmd/linear-time@2': 0.02 };
/** Those of rows as wholes: what moves in some of them, the shift of a slice, is another question. */
const WHOLE = TABLE_MEASURE_NAMES.filter(
  (name) => TABLE_MEASURES[name].cautious === undefined && !name.startsWith('slice_shift/'),
);
const ALL: Partial<JudgePolicy> = { tableMeasures: WHOLE };

function columnsOf(reference: TableSpec, window: TableSpec, seed = 1): JudgeColumn[] {
  return drawPair(reference, window, xoshiro128(seed)).map((pair) => ({
    ...pair,
    role: 'feature',
    profile: profileOf({ [pair.name]: pair.reference }).columns[0]!,
  }));
}

describe('a judgement that was asked for whole rows', () => {
  it('sees what no column shows, and says that it is the whole rows that drifted', () => {
    const columns = columnsOf({ rows: 800, together: 0.9 }, { rows: 600, together: -0.9 });
    const judgement = judge({ columns, policy: ALL });
    expect(judgement.dataset).toMatchObject({ verdict: 'drift', drifted: 0, reasons: ['whole_rows'] });
    expect(judgement.dataset.why).toMatch(
      /none drifted\. Whole rows differ: Domain classifier 0\.\d+ is further than 0\.05/,
    );
    expect(judgement.table?.map(({ drift }) => drift)).toEqual([true, true, false, false, false, true]);
    // The mean discrepancy has no scale of its own, so it is shown, unless it is given a limit.
    expect(judgement.table?.[2]).toMatchObject({ limit: null, q: null });
    const limited = judge({
      columns,
      policy: { ...ALL, limits: { 'mmd/linear-time@2': 0.001, 'mmd/permutation@2': 2 } },
    });
    expect(limited.table?.map(({ drift }) => drift)).toEqual([true, true, false, false, true, true]);
    expect(judgement.table?.map(({ measure }) => measure)).toEqual(WHOLE);
    for (const finding of judgement.table ?? []) {
      expect(finding.p).toBeLessThanOrEqual(WEAKER[finding.measure] ?? 1e-6);
      expect(finding.value).toBeGreaterThan(finding.null95 ?? finding.nullMean!);
      expect(finding.direction).toBe(TABLE_MEASURES[finding.measure].direction);
    }
    const [classifier, pca] = judgement.table ?? [];
    expect(classifier?.low).toBeGreaterThan(0.7);
    expect(
      classifier?.contributions
        .slice(0, 2)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['a', 'b']);
    expect(pca?.parameters).toMatchObject({ n: 800, m: 600, columns: 5 });
    expect(JSON.parse(JSON.stringify(judgement))).toEqual(judgement);
    expect(judge({ columns, policy: ALL })).toEqual(judgement);
  });

  it('says which rows carry what whole rows show', () => {
    const random = xoshiro128(6);
    const draw = (flipped: boolean) => {
      const x = Array.from({ length: 3000 }, () => normalDeviate(random));
      const sign = (i: number): number => (flipped && i % 4 === 0 ? -1 : 1);
      return {
        x: numbers(x),
        y: numbers(x.map((v, i) => sign(i) * v + 0.2 * normalDeviate(random))),
        group: texts(x.map((_, i) => (i % 4 === 0 ? 'moved' : 'same'))),
      };
    };
    const [reference, moved, healthy] = [draw(false), draw(true), draw(false)];
    const slicesOf = (window: typeof reference) => {
      const columns = (['x', 'y', 'group'] as const).map((name) => ({
        name,
        role: 'feature' as const,
        profile: profileOf({ [name]: reference[name] }).columns[0]!,
        reference: reference[name],
        window: window[name],
      }));
      return judge({ columns, policy: { tableMeasures: ['domain_classifier/auc@1'], slices: true } }).slices;
    };
    const [slice] = slicesOf(moved) ?? [];
    expect(slice?.conditions).toContainEqual(expect.objectContaining({ column: 'group', value: 'moved' }));
    expect(slice).toMatchObject({ columns: [], wholeRows: 1 });
    expect(slicesOf(healthy)).toEqual([]);
  });

  it('leaves out of whole rows what has no weight', () => {
    const columns = columnsOf({ rows: 800 }, { rows: 600, shift: 2 });
    const policy = { tableMeasures: ['domain_classifier/auc@1' as const] };
    expect(judge({ columns, policy }).table?.[0]?.drift).toBe(true);
    const moved = judge({ columns, policy }).columns.flatMap(({ name, verdict }) =>
      verdict === 'drift' ? [name] : [],
    );
    const weights = Object.fromEntries(moved.map((name) => [name, 0]));
    expect(judge({ columns, policy: { ...policy, weights } })).toMatchObject({
      table: [{ drift: false }],
      dataset: { verdict: 'no_drift', judged: columns.length - moved.length },
    });
  });

  it('needs both: a difference that is too small to matter is none, however certain', () => {
    const columns = columnsOf({ rows: 9000 }, { rows: 9000, shift: 0.16 });
    const { table, dataset } = judge({ columns, policy: { ...ALL, limits: NO_EFFECT } });
    const [classifier] = table ?? [];
    expect(classifier?.q).toBeLessThan(0.05);
    expect(classifier).toMatchObject({ limit: 0.05, drift: false });
    expect(dataset).toMatchObject({ verdict: 'no_drift', reasons: [] });
  });

  it('is what it was where a report says that it was made by the first way of judging', () => {
    const columns = columnsOf({ rows: 800, together: 0.9 }, { rows: 600, together: -0.9 });
    const judgement = judge({ columns, policy: { ...ALL, method: 'judge@1' } });
    expect(judgement).toMatchObject({ method: 'judge@1', dataset: { verdict: 'no_drift' } });
    expect(Object.keys(judgement.dataset)).not.toContain('reasons');
    expect(Object.keys(judgement.table?.[0] ?? {})).not.toContain('q');
    expect(judgement.columns[0]?.findings.map(({ measure }) => measure)).not.toContain('combined_ranks/cauchy@1');
  });

  it('says nothing of them unasked', () => {
    const columns = columnsOf({ rows: 100 }, { rows: 100 });
    expect(Object.keys(judge({ columns }))).not.toContain('table');
  });

  it('leaves out segments and what cannot be compared, and says why there is no value', () => {
    const clock = times(Array.from({ length: 80 }, (_, i) => i));
    const flat = numbers(Array.from({ length: 80 }, () => 1));
    const column = (name: string, of: typeof clock | typeof flat, role: JudgeColumn['role'] = 'feature') => ({
      name,
      role,
      profile: profileOf({ [name]: of }).columns[0]!,
      reference: of,
      window: of,
    });
    const { table } = judge({
      columns: [column('t', clock), column('s', flat, 'segment'), column('x', flat)],
      policy: ALL,
    });
    expect(table?.map(({ value, reason }) => [value, reason])).toEqual([
      [0.5, null],
      ...Array.from({ length: WHOLE.length - 1 }, () => [null, 'too few rows or columns that vary']),
    ]);
    expect(table?.[0]?.parameters).toMatchObject({ columns: 1 });
    for (const finding of tableFindings([], TABLE_MEASURE_NAMES)) expect(finding.reason).not.toBeNull();
  });
});

describe('samplePair', () => {
  it('keeps the same rows of every column, at most 10,000, fewer of a wide table', () => {
    const rows = 12_000;
    const values = Array.from({ length: rows }, (_, i) => i);
    const number = samplePair('n', { reference: numbers(values), window: numbers(values.slice(0, 50)) }, 2);
    const sides = { reference: texts(values.map(String)), window: texts(values.slice(0, 50).map(String)) };
    const text = samplePair('t', sides, 2);
    expect(samplePair('mixed', { reference: numbers(values), window: texts(['a']) }, 2)).toBeNull();
    expect([number?.reference.length, number?.window.length]).toEqual([10_000, 50]);
    if (number?.reference.kind !== 'number' || text?.reference.kind !== 'category') throw new Error('other kinds');
    const { codes, dictionary } = text.reference;
    number.reference.values.forEach((v, i) => {
      expect(dictionary[codes[i]!]).toBe(String(v));
    });
    expect(dictionary).toHaveLength(10_000);
    expect(new Set(number.reference.values).size).toBe(10_000);
    const wide = samplePair('n', { reference: numbers(values), window: numbers(values) }, 2_000);
    expect(wide?.reference.length).toBe(2_000);
  });

  it('keeps missing values missing', () => {
    const pair = samplePair('n', { reference: numbers([1, null, 3]), window: numbers([null]) }, 1);
    expect(pair?.reference).toMatchObject({ values: Float64Array.of(1, 0, 3), valid: Uint8Array.of(0b101) });
    const codes = samplePair('t', { reference: texts(['a', null, 'b', 'a']), window: texts([null]) }, 1);
    expect(codes?.reference).toMatchObject({ codes: Int32Array.of(0, -1, 1, 0), dictionary: ['a', 'b'] });
    expect(codes?.window).toMatchObject({ codes: Int32Array.of(-1), dictionary: [] });
  });
});

describe('splitMeasures', () => {
  it('tells measures of columns from those of whole rows', () => {
    expect(splitMeasures(['mmd/random-features@2', 'psi/reference-edges@1', 'nothing'])).toEqual({
      measures: ['psi/reference-edges@1'],
      tableMeasures: ['mmd/random-features@2'],
    });
    expect(splitMeasures(['mmd/random-features@2']).measures).toBeNull();
  });
});
