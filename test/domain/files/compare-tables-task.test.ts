import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { ComputationProgress } from '../../../schemas/wire/computations.ts';
import { compareTables } from '../../../src/domain/files/compare-tables-task.ts';
import { localTable } from '../../../src/domain/files/local-table.ts';
import { progressText } from '../../../src/web/format.ts';

it('says by its rows how far it is in a single large file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-task-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 't.csv');
  await writeFile(file, `x,y\n${Array.from({ length: 200_000 }, (_, i) => `${i},${i % 7}`).join('\n')}\n`);
  const side = await localTable(file);
  const options = {
    ...{ memoryBytes: 2 ** 28, threads: 2, folder, as: null, segment: null, falseAlarms: null, include: null },
    ...{ exclude: [], categories: [], measures: null, policy: {} },
  };
  const told: ComputationProgress[] = [];
  await compareTables({ reference: side, current: side, options }, (progress) => told.push(progress));
  const reading = told.filter(({ phase }) => phase === 'reading');
  expect(reading[0]).toEqual({ phase: 'reading', done: 0, of: 2, unit: 'files', rows: 0 });
  expect(reading.at(-1)).toEqual({ phase: 'reading', done: 1, of: 2, unit: 'files', rows: 400_000 });
  expect(reading.filter(({ done }) => done === 0).length).toBeGreaterThan(2);
  expect(progressText(reading.at(-1)!)).toMatch(/^reading 1 of 2 files, 400.000 rows$/);
  expect(told.at(-1)).toMatchObject({ phase: 'judging', unit: 'columns' });
});
