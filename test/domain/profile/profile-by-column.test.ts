import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readKept } from '../../../src/domain/profile/kept-columns.ts';
import { profileAndKeep } from '../../../src/domain/profile/profile-file.ts';
import { writeParquet } from '../../../src/formats/parquet/writer.ts';
import { openTable } from '../../../src/formats/table-reader.ts';

const ROWS = 360_000;
const folder = mkdtempSync(join(tmpdir(), 'tidemark-by-column-'));

/** Enough values for two threads, of columns that differ in kind and in size. */
async function writeTable(): Promise<string> {
  const lines = Array.from({ length: ROWS }, (_, i) =>
    [Math.sin(i), i % 97, `code ${i % 11}`, Math.cos(i), i % 13, `text ${i}`].join(','),
  );
  const text = join(folder, 'table.csv');
  writeFileSync(text, ['c0,c1,c2,c3,c4,c5', ...lines, ''].join('\n'));
  const table = await openTable(text);
  const file = join(folder, 'table.parquet');
  await writeParquet(file, table.fields, table.batches());
  return file;
}

let kept = 0;
const keep = (): string => join(folder, `kept-${kept++}`);
const read = (file: string, threads: number) =>
  profileAndKeep({ file, name: file, memoryBytes: 2 ** 28, threads }, { keep });

describe('a Parquet file whose columns are read in threads', () => {
  let file: string;

  beforeAll(async () => {
    file = await writeTable();
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('has the profile, to the last digit, that one thread makes', async () => {
    const [alone, together] = [await read(file, 1), await read(file, 2)];
    expect(together.table).toEqual(alone.table);
    expect(together.table.rows).toBe(ROWS);
    expect(together.table.columns.map(({ name, kind }) => [name, kind])).toEqual([
      ['c0', 'number'],
      ['c1', 'number'],
      ['c2', 'category'],
      ['c3', 'number'],
      ['c4', 'number'],
      ['c5', 'category'],
    ]);
  });

  it('has its columns kept each under its own name', async () => {
    const { kept: columns } = await read(file, 2);
    const column = readKept(columns.get('c4') ?? [], 'int64');
    expect(column.length).toBe(ROWS);
    expect(column).toMatchObject({ kind: 'number', type: 'int64' });
    expect(column.kind === 'number' && [column.values[0], column.values[98]]).toEqual([0, 7]);
  });
});
