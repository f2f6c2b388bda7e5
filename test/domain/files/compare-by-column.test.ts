import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareByColumn } from '../../../src/domain/files/compare-by-column.ts';
import { type CompareOptions, compareFiles } from '../../../src/domain/files/compare-files.ts';
import { comparisonBody } from '../../../src/domain/files/comparison-body.ts';
import { localTable } from '../../../src/domain/files/local-table.ts';
import { writeParquet } from '../../../src/formats/parquet/writer.ts';
import type { Column, Field } from '../../../src/stats/column.ts';
import { DEFAULT_POLICY } from '../../../src/stats/verdict/judge.ts';

/** Of so many rows threads are worth their start. */
const ROWS = 90_000;

let folder: string;
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-by-column-'));
  await write('reference', { ...columns(0), gone: numbers((i) => i % 9) });
  await write('current', { added: numbers((i) => i % 11), ...columns(0.4) });
  await write('retyped', { ...columns(0.4), amount: texts((i) => `${i % 7} CHF`) });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Value = (i: number) => number | null;

function numbers(numberAt: Value, type: 'float64' | 'int64' = 'float64'): Column {
  const valid = new Uint8Array(Math.ceil(ROWS / 8)).fill(0xff);
  const values = Float64Array.from({ length: ROWS }, (_, i) => {
    const value = numberAt(i);
    if (value === null) valid[i >> 3]! &= ~(1 << (i & 7));
    return value ?? 0;
  });
  return { kind: 'number', type, length: ROWS, values, valid, exact: null };
}

function texts(textOf: (i: number) => string): Column {
  const codes = new Map<string, number>();
  const codeOf = (text: string): number => {
    codes.set(text, codes.get(text) ?? codes.size);
    return codes.get(text)!;
  };
  const rows = Int32Array.from({ length: ROWS }, (_, i) => codeOf(textOf(i)));
  return { kind: 'category', type: 'text', length: ROWS, codes: rows, dictionary: [...codes.keys()] };
}

/** Every kind of column that a table has; the amount moves by so much. */
function columns(shift: number): Readonly<Record<string, Column>> {
  const times = Float64Array.from({ length: ROWS }, (_, i) => 1.7e12 + i * 60_000);
  const codes = Int32Array.from({ length: ROWS }, (_, i) => Number(i % 3 === 0));
  return {
    id: numbers((i) => i, 'int64'),
    amount: numbers((i) => Math.sin(i * 12.9898) + shift),
    count: numbers((i) => (i % 13 === 0 ? null : i % 50), 'int64'),
    odd: numbers((i) => (i % 1000 === 0 ? Number.NaN : i % 1001 === 0 ? Number.POSITIVE_INFINITY : Math.cos(i))),
    empty: numbers(() => null),
    plan: texts((i) => ['basic', 'pro', 'Ünï'][i % 3]!),
    many: texts((i) => `value ${(i * 7919) % 20_000}`),
    key: texts((i) => `row ${i}`),
    code: numbers((i) => i % 4, 'int64'),
    at: { kind: 'time', type: 'timestamp', length: ROWS, values: times, valid: null },
    late: { kind: 'category', type: 'boolean', length: ROWS, codes, dictionary: ['false', 'true'] },
  };
}

async function write(name: string, table: Readonly<Record<string, Column>>): Promise<void> {
  const fields: readonly Field[] = Object.entries(table).map(([field, { type }]) => ({ name: field, type }));
  await writeParquet(
    at(`${name}.parquet`),
    fields,
    (async function* () {
      yield { rows: ROWS, columns: Object.values(table) };
    })(),
  );
}

const sidesOf = async (current: string) => ({
  reference: await localTable(at('reference.parquet')),
  current: await localTable(at(`${current}.parquet`)),
});

const PLAIN = {
  ...{ include: null, exclude: [], categories: [], measures: null, falseAlarms: null, segment: null, as: null },
  ...{ policy: {}, memoryBytes: 2 ** 28 },
};

const compare = async (current: string, given: Partial<CompareOptions> = {}) =>
  comparisonBody(await compareFiles(await sidesOf(current), { ...PLAIN, threads: 2, folder, ...given }));

/** Whether the tables are compared so at all. */
async function isByColumn(current: string, given: Partial<CompareOptions> = {}): Promise<boolean> {
  const reading = { memoryBytes: 2 ** 28, threads: 2, ...given };
  const comparing = { ...PLAIN, policy: DEFAULT_POLICY };
  return (await compareByColumn(await sidesOf(current), reading, comparing)) !== null;
}

describe('a comparison column by column', () => {
  it('is that of the whole tables, to the last digit', async () => {
    expect(await isByColumn('current')).toBe(true);
    for (const given of [
      {},
      { as: 'evidently', exclude: ['count'] },
      { include: ['key', 'amount', 'plan'], categories: ['code'] },
      { categories: ['code'], policy: { slices: true } },
    ] as const) {
      const whole = await compare('current', { ...given, threads: 1 });
      expect(await compare('current', given)).toEqual(whole);
    }
  });

  it('leaves out what names rows, and says what only one table has', async () => {
    const body = await compare('current');
    expect(body).toMatchObject({
      verdict: 'drift',
      why: expect.stringContaining('amount'),
      skipped: [{ name: 'id' }, { name: 'key' }],
      schema: { removed: ['gone'], added: ['added'] },
    });
  });

  it('tells the rows as they are read', async () => {
    const files: string[] = [];
    const told: number[] = [];
    await compare('current', { onFile: (name) => files.push(name), onRows: (rows) => told.push(rows) });
    expect(files).toEqual(['reference.parquet', 'current.parquet']);
    expect(told.length).toBeGreaterThan(20);
    expect(told.reduce((sum, rows) => sum + rows, 0)).toBeCloseTo(2 * ROWS, 3);
  });

  it('is left to the whole tables where a column has become another kind, or has a type that was asked for', async () => {
    expect(await isByColumn('retyped')).toBe(false);
    expect(await isByColumn('current', { types: { code: 'text' } })).toBe(false);
    expect(await compare('retyped')).toMatchObject({
      schema: { retyped: [{ name: 'amount', reference: 'float64', current: 'text', misfits: { count: ROWS } }] },
    });
  });

  it('says of a broken file what the whole file says, its rows taken back', async () => {
    const bytes = await readFile(at('current.parquet'));
    // Pages of the first columns.
    bytes.fill(0xff, 60_000, 200_000);
    await writeFile(at('broken.parquet'), bytes);
    const told: number[] = [];
    const whole = await compare('broken', { threads: 1 }).catch((error: unknown) => error);
    const apart = await compare('broken', { onRows: (rows) => told.push(rows) }).catch((error: unknown) => error);
    expect(apart).toEqual(whole);
    expect(apart).toMatchObject({ code: 'unreadable-data', message: expect.stringContaining('broken.parquet') });
    expect(told.some((rows) => rows < 0)).toBe(true);
  });
});
