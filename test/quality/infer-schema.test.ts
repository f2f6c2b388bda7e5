import { describe, expect, it } from 'vitest';
import { inferSchema } from '../../src/quality/infer-schema.ts';
import type { CategoryColumn, Column, NumberColumn } from '../../src/stats/column.ts';
import { mergeProfiles } from '../../src/stats/merge-profiles.ts';
import { createTableProfiler } from '../../src/stats/table-profiler.ts';

function numbers(type: NumberColumn['type'], values: readonly (number | null)[]): NumberColumn {
  const valid = new Uint8Array(Math.ceil(values.length / 8));
  values.forEach((value, i) => {
    if (value !== null) valid[i >> 3] = (valid[i >> 3] ?? 0) | (1 << (i & 7));
  });
  const filled = Float64Array.from(values, (value) => value ?? 0);
  return { kind: 'number', type, length: values.length, values: filled, valid, exact: null };
}

function texts(values: readonly (string | null)[]): CategoryColumn {
  const dictionary = [...new Set(values.filter((value) => value !== null))];
  const codes = Int32Array.from(values, (value) => (value === null ? -1 : dictionary.indexOf(value)));
  return { kind: 'category', type: 'text', length: values.length, codes, dictionary };
}

function profileOf(columns: Readonly<Record<string, Column>>) {
  const names = Object.keys(columns);
  const list = Object.values(columns);
  const profiler = createTableProfiler(names.map((name, i) => ({ name, type: list[i]?.type ?? 'text' })));
  profiler.add({ rows: list[0]?.length ?? 0, columns: list });
  return profiler.finish();
}

const columnOf = (column: Column) => inferSchema(profileOf({ x: column })).columns[0];
const repeat = <T>(values: readonly T[], times: number): T[] => Array.from({ length: times }, () => values).flat();

describe('the inferred schema', () => {
  it('closes the domain of a text column with few values that are seen often', () => {
    expect(columnOf(texts(repeat(['b', 'a', null], 10)))).toEqual({
      name: 'x',
      type: 'text',
      presence: 'required',
      nullable: true,
      nullShare: 1 / 3,
      domain: { kind: 'values', values: ['a', 'b'] },
      uniqueness: 'no',
      hints: [],
    });
  });

  it('leaves the domain open where values are many or seldom', () => {
    expect(columnOf(texts(Array.from({ length: 600 }, (_, i) => `t${i % 101}`)))?.domain).toBeNull();
    expect(columnOf(texts(['a', 'b', 'a', 'b']))?.domain).toBeNull();
  });

  it('gives numbers their range, and says whether NaN and infinities belong to them', () => {
    expect(columnOf(numbers('float64', [1.5, Number.NaN, -2, null]))).toMatchObject({
      nullable: true,
      allowsNan: true,
      allowsInfinite: false,
      domain: { kind: 'range', min: -2, max: 1.5 },
    });
    expect(columnOf(numbers('float64', [Number.POSITIVE_INFINITY, 0]))).toMatchObject({ allowsInfinite: true });
  });

  it('hints at keys, constants and codes', () => {
    const rows = Array.from({ length: 100 }, (_, i) => i);
    expect(columnOf(numbers('int64', rows))).toMatchObject({ uniqueness: 'exact', hints: ['key'] });
    expect(
      columnOf(
        numbers(
          'float64',
          rows.map((i) => i + 0.5),
        ),
      ),
    ).toMatchObject({ uniqueness: 'exact', hints: [] });
    expect(
      columnOf(
        numbers(
          'int64',
          rows.map((i) => i % 3),
        ),
      ),
    ).toMatchObject({ uniqueness: 'no', hints: ['codes'] });
    expect(
      columnOf(
        numbers(
          'int64',
          rows.map(() => 7),
        ),
      ),
    ).toMatchObject({ hints: ['constant'] });
    const nearly = Array.from({ length: 400 }, (_, i) => (i < 3 ? i : 9));
    expect(columnOf(numbers('int64', nearly))).toMatchObject({ hints: ['near-constant', 'codes'] });
    expect(columnOf(numbers('int64', nearly.slice(0, 100)))).toMatchObject({ hints: ['codes'] });
    expect(columnOf(texts(rows.map((i) => `id-${i}`)))).toMatchObject({ uniqueness: 'exact', hints: ['key'] });
    expect(columnOf(numbers('int64', [...rows, null]))).toMatchObject({ uniqueness: 'exact', hints: [] });
  });

  it('says that texts are numbers or dates in another writing', () => {
    expect(columnOf(texts(repeat(['1.829,02', '12,50'], 10)))).toMatchObject({ hints: ['written-numbers'] });
    expect(columnOf(texts(repeat(['31.12.2025', '01.01.2026'], 10)))).toMatchObject({ hints: ['written-dates'] });
  });

  it('takes a large key for one although its values are only estimated', () => {
    const rows = Array.from({ length: 50_000 }, (_, i) => `id-${i}`);
    const dictionary = rows;
    const codes = Int32Array.from(rows, (_, i) => i);
    const column = columnOf({ kind: 'category', type: 'text', length: rows.length, codes, dictionary });
    expect(column).toMatchObject({ uniqueness: 'likely', hints: ['key'] });
  });

  it('asks for a column that every file has, and no more than that', () => {
    const a = profileOf({ x: numbers('int64', [1, 2]), y: texts(['p', 'q']) });
    const b = profileOf({ x: numbers('float64', [0.5, 2]) });
    const [x, y] = inferSchema(mergeProfiles(a, b)).columns;
    expect(x).toMatchObject({ type: 'float64', presence: 'required', conflictingTypes: ['float64', 'int64'] });
    expect(y).toMatchObject({ presence: 'optional', nullable: true, nullShare: 0.5 });
  });

  it('of a table without rows expects nothing of the values', () => {
    expect(columnOf(numbers('float64', []))).toMatchObject({ nullable: false, nullShare: 0, domain: null, hints: [] });
  });
});
