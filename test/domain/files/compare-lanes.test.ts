import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CompareOptions, compareFiles } from '../../../src/domain/files/compare-files.ts';
import { comparisonBody } from '../../../src/domain/files/comparison-body.ts';
import { localTable } from '../../../src/domain/files/local-table.ts';
import { csvText } from '../../../src/formats/csv/writer.ts';
import { writeParquet } from '../../../src/formats/parquet/writer.ts';
import type { ColumnBatch, Field } from '../../../src/stats/column.ts';

/** Large enough for threads to be worth their start. */
const ROWS = 120_000;
const COLUMNS = 20;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-lanes-'));
  await writePair('reference', 0);
  await writePair('current', 0.3);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const at = (name: string) => join(folder, name);

const FIELDS: readonly Field[] = Array.from({ length: COLUMNS }, (_, k) => ({
  name: `c${k}`,
  type: k % 5 === 4 ? 'text' : 'float64',
}));

function columnOf(k: number, shift: number): ColumnBatch['columns'][number] {
  if (FIELDS[k]?.type === 'text') {
    const dictionary = Array.from({ length: 10 ** (1 + (k % 4)) }, (_, i) => `value ${i}`);
    const codes = Int32Array.from({ length: ROWS }, (_, i) => (i * 7919 + k) % dictionary.length);
    return { kind: 'category', type: 'text', length: ROWS, codes, dictionary };
  }
  const values = Float64Array.from({ length: ROWS }, (_, i) => Math.sin(i * 12.9898 + k) + (k === 3 ? shift : 0));
  return { kind: 'number', type: 'float64', length: ROWS, values, valid: null, exact: null };
}

async function writePair(name: string, shift: number): Promise<void> {
  const columns = FIELDS.map((_, k) => columnOf(k, shift));
  async function* batches() {
    yield { rows: ROWS, columns };
  }
  await writeParquet(at(`${name}.parquet`), FIELDS, batches());
  await writeFile(at(`${name}.csv`), csvText(FIELDS, batches()));
}

async function compare(format: string, threads: number) {
  const told: number[] = [];
  const options: CompareOptions = {
    ...{ include: null, exclude: [], categories: [], measures: null, falseAlarms: null, segment: null },
    policy: { slices: true },
    as: 'evidently',
    folder,
    memoryBytes: 2 ** 28,
    threads,
    onRows: (rows) => told.push(rows),
  };
  const [reference, current] = [await localTable(at(`reference.${format}`)), await localTable(at(`current.${format}`))];
  const body = comparisonBody(await compareFiles({ reference, current }, options));
  expect(Math.round(told.reduce((sum, rows) => sum + rows, 0))).toBe(2 * ROWS);
  return body;
}

describe('a comparison', () => {
  // Columns of Parquet are read, profiled and compared one by one where there are several threads.
  it.each(['parquet', 'csv'])('of %s is the same however many threads there are, to the last digit', async (format) => {
    const alone = await compare(format, 1);
    expect(alone).toMatchObject({ verdict: 'drift', why: 'Of 20 columns, 1 drifted (c3).' });
    expect(await compare(format, 2)).toEqual(alone);
  });
});
