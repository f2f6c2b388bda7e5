/** Real files, when they lie beside the project; their counts come from pandas. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openTable } from '../../src/formats/table-reader.ts';
import { tableValues } from './fixtures.ts';

const DATA = fileURLToPath(new URL('../../../shared/data/', import.meta.url));

const count = (values: readonly unknown[] | undefined, wanted: (value: unknown) => boolean): number =>
  values?.filter(wanted).length ?? -1;

describe.skipIf(!existsSync(`${DATA}census-employment-ma`))('census (needs ../shared/data)', () => {
  it('has its rows, types and codes', async () => {
    const reader = await openTable(`${DATA}census-employment-ma/reference.parquet`);
    expect(reader.rows).toBe(68_785);
    expect(reader.fields).toHaveLength(21);
    const types = new Map(reader.fields.map(({ name, type }) => [name, type]));
    expect([types.get('id'), types.get('AGEP'), types.get('SCHL')]).toEqual(['int64', 'float64', 'text']);
    const values = await tableValues(reader);
    await reader.close();
    expect(values.get('id')).toHaveLength(68_785);
    expect(values.get('SCHL')?.every((code) => typeof code === 'string')).toBe(true);
    expect(new Set(values.get('SCHL')).size).toBe(25);
    expect(values.get('AGEP')?.reduce<number>((sum, age) => sum + Number(age), 0)).toBe(2_849_409);
    expect(count(values.get('employed'), (value) => value === 1)).toBe(34_106);
  });
});

describe.skipIf(!existsSync(`${DATA}adult`))('adult (needs ../shared/data)', () => {
  it('is read without a header, without the blanks, and with its question marks absent', async () => {
    const reader = await openTable(`${DATA}adult/train.csv`);
    expect(reader.rows).toBe(32_561);
    expect(reader.fields.map(({ type }) => type).filter((type) => type === 'int64')).toHaveLength(6);
    const values = await tableValues(reader);
    expect(count(values.get('column_2'), (value) => value === null)).toBe(1836);
    expect(count(values.get('column_14'), (value) => value === null)).toBe(583);
    expect(new Set(values.get('column_15'))).toEqual(new Set(['<=50K', '>50K']));
    expect(values.get('column_3')?.reduce<number>((sum, weight) => sum + Number(weight), 0)).toBe(6_179_373_392);
  });
});

describe.skipIf(!existsSync(`${DATA}titanic`))('titanic (needs ../shared/data)', () => {
  it('has quoted names with commas, and absent ages', async () => {
    const reader = await openTable(`${DATA}titanic/titanic_reference.csv`);
    const values = await tableValues(reader);
    expect(reader.rows).toBe(891);
    expect(values.get('Name')?.[0]).toBe('Braund, Mr. Owen Harris');
    expect(count(values.get('Age'), (value) => value === null)).toBe(177);
    expect(count(values.get('Cabin'), (value) => value === null)).toBe(687);
  });
});
