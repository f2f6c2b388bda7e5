import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTable } from '../../../src/formats/table-reader.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-header-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(text: string, header?: boolean) {
  const file = join(folder, 't.csv');
  await writeFile(file, text);
  const table = await openTable(file, header === undefined ? {} : { csv: { header } });
  const { fields, rows, warnings } = table;
  await table.close();
  return { names: fields.map(({ name }) => name), rows, codes: warnings.map(({ code }) => code) };
}

describe('the line of names of a delimited text', () => {
  it('may name years, above values that are none', async () => {
    expect(await read('id,2020,2021\na,5,7.5\nb,6,8.5\n')).toEqual({
      names: ['id', '2020', '2021'],
      rows: 2,
      codes: [],
    });
    // Here they are values.
    expect(await read('anna,1984\nbert,1990\n')).toMatchObject({ rows: 2, codes: ['no-header'] });
    expect(await read('anna,30\nbert,25\n')).toMatchObject({ rows: 2, codes: ['no-header'] });
  });

  it('is told to be a guess where nothing below differs from it in kind', async () => {
    expect(await read('alice,paris\nbob,rome\n')).toEqual({
      names: ['alice', 'paris'],
      rows: 1,
      codes: ['guessed-header'],
    });
    expect((await read('name,born\nbob,1990\n')).codes).toEqual([]);
  });

  it('is there, or is not, where somebody says so', async () => {
    expect(await read('alice,paris\nbob,rome\n', false)).toMatchObject({ names: ['column_1', 'column_2'], rows: 2 });
    expect(await read('alice,paris\nbob,rome\n', true)).toMatchObject({
      names: ['alice', 'paris'],
      rows: 1,
      codes: [],
    });
    expect(await read('1,2\n3,4\n', true)).toMatchObject({ names: ['1', '2'], rows: 1 });
  });
});
