import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cellText } from '../../../src/formats/columns/column-conversion.ts';
import { planTable, readRange, settleTable, type TableOutcome } from '../../../src/formats/range-reader.ts';
import type { AskedTypes } from '../../../src/formats/table.ts';
import { openTable } from '../../../src/formats/table-reader.ts';
import { writeArrowTable } from '../../bench/arrow-table.ts';

const FORMATS = ['csv', 'ndjson', 'parquet', 'arrow'] as const;
const ROWS = `select i as code, i * 3 as "count", i / 4.0 as share, i % 2 = 0 as flag, date '2024-02-28' + cast(i as integer) as day
  from range(5) t(i)`;

let folder: string;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-types-'));
  const duckdb = await (await DuckDBInstance.create()).connect();
  await duckdb.run(`copy (${ROWS}) to '${at('t.csv')}' (format csv, header)`);
  await duckdb.run(`copy (${ROWS}) to '${at('t.ndjson')}' (format json)`);
  await duckdb.run(`copy (${ROWS}) to '${at('t.parquet')}' (format parquet)`);
  duckdb.closeSync();
  await writeArrowTable(at('t.parquet'), at('t.arrow'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(file: string, types: AskedTypes): Promise<Record<string, [string, ...(string | null)[]]>> {
  const table = await openTable(at(file), { types });
  const found: Record<string, [string, ...(string | null)[]]> = {};
  for (const { name, type } of table.fields) found[name] = [type];
  for await (const { rows, columns } of table.batches()) {
    for (const [i, column] of columns.entries()) {
      expect(column.type).toBe(table.fields[i]?.type);
      for (let row = 0; row < rows; row++) found[table.fields[i]?.name ?? '']?.push(cellText(column, row));
    }
  }
  await table.close();
  return found;
}

describe('types that are asked for', () => {
  it.each(FORMATS)('are what columns of %s are read as', async (format) => {
    const types = { code: 'text', count: 'float64', day: 'timestamp', flag: 'text', none: 'text' } as const;
    const { code, count, day, flag, share } = await read(`t.${format}`, types);
    expect(code).toEqual(['text', '0', '1', '2', '3', '4']);
    expect(count).toEqual(['float64', '0', '3', '6', '9', '12']);
    expect(share?.[0]).toBe('float64');
    expect(flag).toEqual(['text', 'true', 'false', 'true', 'false', 'true']);
    expect(day?.slice(0, 3)).toEqual(['timestamp', '2024-02-28T00:00:00.000Z', '2024-02-29T00:00:00.000Z']);
  });

  it.each(FORMATS)('are refused where a cell of %s is no such value', async (format) => {
    for (const types of [{ share: 'int64' }, { flag: 'float64' }, { day: 'boolean' }] as const) {
      const [name] = Object.keys(types);
      await expect(read(`t.${format}`, types)).rejects.toMatchObject({
        code: 'unreadable-data',
        message: expect.stringContaining(`"${name}"`),
      });
    }
  });

  it('are refused with a cell of text that is no such value, where the cells are text', async () => {
    await writeFile(at('zip.csv'), 'zip,n\n5,1\n01234,0\n00012,1\n');
    const refused = (types: AskedTypes) =>
      read('zip.csv', types).then(
        () => '',
        (error: unknown) => String(error),
      );
    expect(await refused({ zip: 'int64' })).toContain(
      'values that are no int64, "01234" among them: it reads as text.',
    );
    expect(await refused({ n: 'boolean' })).toContain('values that are no boolean: it reads as int64.');
  });

  it('are not what a file states, of whose values it is not said that they are others', async () => {
    const duckdb = await (await DuckDBInstance.create()).connect();
    await duckdb.run(`copy (select '2024-02-28' as day) to '${at('stated.parquet')}' (format parquet)`);
    duckdb.closeSync();
    await writeArrowTable(at('stated.parquet'), at('stated.arrow'));
    for (const format of ['parquet', 'arrow']) {
      await expect(read(`stated.${format}`, { day: 'date' })).rejects.toMatchObject({
        message:
          'The column "day" is of the type text by the file itself, which is not read as date. Ask for that, for text, or for nothing.',
      });
    }
  });

  it('keep the very characters of text', async () => {
    await writeFile(at('raw.csv'), 'zip,price\n010,1.50\n7,2.00\n');
    expect(await read('raw.csv', { price: 'text' })).toEqual({
      zip: ['text', '010', '7'],
      price: ['text', '1.50', '2.00'],
    });
  });

  it.each(['csv', 'ndjson'])('hold for ranges of %s as for the whole', async (format) => {
    const types = { code: 'text', count: 'float64' } as const;
    const plan = await planTable(at(`t.${format}`), { types });
    if (plan === null) throw new Error('it is read in ranges');
    expect(plan.fields.slice(0, 2).map(({ type }) => type)).toEqual(['text', 'float64']);
    const outcomes: TableOutcome[] = [];
    for (const span of plan.ranges) {
      const reading = readRange(plan, span, [0, 1, 2, 3, 4]);
      for await (const { columns } of reading.batches()) expect(columns[0]?.type).toBe('text');
      outcomes.push(reading.outcome());
    }
    const settled = settleTable(plan, outcomes);
    expect(settled?.plan.fields).toEqual((await openTable(at(`t.${format}`), { types })).fields);
    const wrong = await planTable(at(`t.${format}`), { types: { share: 'int64' } });
    expect(() => settleTable(wrong ?? plan, outcomes)).toThrow('"share"');
  });

  it('tell of integers that a decimal cannot hold', async () => {
    await writeFile(at('big.ndjson'), '{"n":9007199254740993}\n{"n":1}\n');
    const { warnings } = await openTable(at('big.ndjson'), { types: { n: 'float64' } });
    expect(warnings).toMatchObject([{ code: 'rounded-integers', column: 'n' }]);
  });
});
