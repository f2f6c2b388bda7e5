import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { partitionKeys, partitionWarning, withKeys } from '../../src/formats/partition-keys.ts';
import { openTable } from '../../src/formats/table-reader.ts';
import { tableValues, tempFile, type Value } from './fixtures.ts';

type Read = { readonly type: string; readonly values: readonly Value[] };
/** Made by `generate_partitions.py` beside it. */
const file = new URL('../fixtures/tables/partitions.json', import.meta.url);
const FOLDERS = Object.entries(
  JSON.parse(readFileSync(file, 'utf8')) as Record<string, { paths: string[]; duckdb: Read; pyarrow: Read }>,
);
const TYPES: Readonly<Record<string, string>> = { BIGINT: 'int64', VARCHAR: 'text', DATE: 'date' };

const valuesOf = async (paths: readonly string[], name: string): Promise<Value[]> => {
  const values: Value[] = [];
  for (const keys of partitionKeys(paths)) {
    const table = withKeys(await openTable(tempFile('x\n1\n', 't.csv')), keys);
    values.push(...((await tableValues(table)).get(name) ?? []));
  }
  return values;
};

describe('keys that folders are named by', () => {
  it.each(FOLDERS)(
    'are of the type that DuckDB gives them, with its values: %s',
    async (name, { paths, duckdb, pyarrow }) => {
      const [first] = partitionKeys(paths);
      expect(first?.[0]).toMatchObject({ name, type: TYPES[duckdb.type] });
      const values = await valuesOf(paths, name);
      if (duckdb.type === 'DATE') expect(values).toEqual(duckdb.values.map((day) => Date.parse(String(day))));
      else expect(values).toEqual(duckdb.values);
      // But that `01` is a number there.
      if (pyarrow.type === 'string' && duckdb.type === 'VARCHAR') expect(values).toEqual(pyarrow.values);
    },
  );

  it('are those of all folders above a file, and none of its own name', () => {
    const named = (path: string) => partitionKeys([path])[0]?.map(({ name }) => name);
    expect(named('year=2026/region=eu/part-0.parquet')).toEqual(['year', 'region']);
    expect(named('sales/year=2026/day=/x.parquet')).toEqual(['year', 'day']);
    expect(named('sales/year=2026.parquet')).toEqual([]);
    expect(named('=2026/a==b/x.parquet')).toEqual(['a']);
    expect(named('a=1/b=2/a=3/x.csv')).toEqual(['a', 'b']);
  });

  it('count from the inner folder, and stand for themselves where they are no escapes', () => {
    expect(partitionKeys(['a=1/a=2/x.csv'])).toEqual([[{ name: 'a', type: 'int64', text: '2' }]]);
    expect(partitionKeys(['a%20b=100%/x.csv'])).toEqual([[{ name: 'a b', type: 'text', text: '100%' }]]);
  });

  it('are read as what is asked for, where all values are that', () => {
    const paths = ['year=2025/x.csv', 'year=2026/x.csv'];
    expect(partitionKeys(paths, { year: 'text' })[1]).toEqual([{ name: 'year', type: 'text', text: '2026' }]);
    expect(() => partitionKeys(['year=2025/x.csv', 'year=x/x.csv'], { year: 'int64' })).toThrow(/"year" holds values/);
  });

  it('are columns behind those of a file, in any order and alone', async () => {
    const path = tempFile('x,y\n1,a\n2,b\n', 't.csv');
    const [keys = []] = partitionKeys([
      'day=2025-01-02/big=9007199254740993/flag=true/rate=0.5/none=__HIVE_DEFAULT_PARTITION__/t.csv',
    ]);
    const table = withKeys(await openTable(path), keys);
    expect(table.fields.map(({ name, type }) => `${name} ${type}`)).toEqual([
      ...['x int64', 'y text', 'day date', 'big int64', 'flag boolean', 'rate float64', 'none text'],
    ]);
    const wanted = ['flag', 'y', 'big', 'none', 'x', 'day', 'rate'];
    expect([...(await tableValues(table, wanted))]).toEqual([
      ['flag', [true, true]],
      ['y', ['a', 'b']],
      ['big', [9007199254740993n, 9007199254740993n]],
      ['none', [null, null]],
      ['x', [1, 2]],
      ['day', [Date.UTC(2025, 0, 2), Date.UTC(2025, 0, 2)]],
      ['rate', [0.5, 0.5]],
    ]);
    expect([...(await tableValues(table, ['rate']))]).toEqual([['rate', [0.5, 0.5]]]);
  });

  it('give way to a column that the file has itself, which is told', async () => {
    const [keys = []] = partitionKeys(['x=7/t.csv']);
    const table = withKeys(await openTable(tempFile('x\n1\n', 't.csv')), keys);
    expect([...(await tableValues(table))]).toEqual([['x', [1]]]);
    expect(partitionWarning(['x', 'x'])).toEqual({
      code: 'partition-keys',
      detail: expect.stringContaining('too, x:'),
    });
    expect(partitionWarning([])).toBeNull();
    const many = partitionWarning(Array.from({ length: 12 }, (_, i) => `k${i}`))?.detail;
    expect(many).toContain('k9:');
    expect(many).not.toContain('k10');
  });
});
