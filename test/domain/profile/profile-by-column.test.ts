import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readKept } from '../../../src/domain/profile/kept-columns.ts';
import { profileAndKeep } from '../../../src/domain/profile/profile-file.ts';
import { arrowStream } from '../../../src/formats/arrow/stream.ts';
import { writeParquet } from '../../../src/formats/parquet/writer.ts';
import type { AskedTypes } from '../../../src/formats/table.ts';
import { openTable } from '../../../src/formats/table-reader.ts';
import type { ColumnBatch, Field } from '../../../src/stats/column.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { numbers } from '../../stats/columns.ts';

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

/** After so many columns the same ones come again. */
const PERIOD = 14;
const typeOf = (position: number): 'int64' | 'float64' => (position % 7 === 0 ? 'int64' : 'float64');

/** So many columns of numbers, some with gaps, of enough values for three threads. */
async function* wideBatches(columns: number, rows: number): AsyncGenerator<ColumnBatch> {
  const random = xoshiro128(columns);
  for (let from = 0; from < rows; from += 4_096) {
    const length = Math.min(4_096, rows - from);
    const column = (j: number) =>
      numbers(
        Array.from({ length }, () => {
          const value = 1000 + 10 ** (j % 5) * (random() - 0.5);
          if (j % 10 === 0 && random() < 0.1) return null;
          return typeOf(j) === 'int64' ? Math.round(value) : value;
        }),
        typeOf(j),
      );
    const drawn = Array.from({ length: PERIOD }, (_, j) => column(j));
    yield { rows: length, columns: Array.from({ length: columns }, (_, j) => drawn[j % PERIOD]!) };
  }
}

let [kept, wide] = [0, 0];
const keep = (): string => join(folder, `kept-${kept++}`);
const read = (file: string, threads: number, types?: AskedTypes) =>
  profileAndKeep({ file, name: file, memoryBytes: 2 ** 28, threads, types }, { keep });

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

  it.each([
    ['parquet', 70, 46_000, {}],
    ['parquet', 200, 23_000, {}],
    // Where a type is asked for, each thread opens the file and reads a share of the columns.
    ['parquet', 200, 23_000, { c7: 'float64' }],
    ['arrow', 200, 2_500, {}],
  ] as const)(
    'has the same profile in one, two and three threads: %s of %d columns',
    async (format, columns, rows, types) => {
      const path = join(folder, `wide-${wide++}.${format}`);
      const fields = Array.from({ length: columns }, (_, j): Field => ({ name: `c${j}`, type: typeOf(j) }));
      const batches = wideBatches(columns, rows);
      if (format === 'parquet') await writeParquet(path, fields, batches);
      else for await (const bytes of arrowStream(fields, batches)) appendFileSync(path, bytes);
      const asked = Object.keys(types).length > 0 ? types : undefined;
      const profiles = new Set<string>();
      for (const threads of [1, 2, 3]) profiles.add(JSON.stringify((await read(path, threads, asked)).table));
      expect(profiles.size).toBe(1);
    },
  );
});
