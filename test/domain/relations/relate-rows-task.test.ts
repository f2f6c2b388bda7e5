import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { relateRows } from '../../../src/domain/relations/relate-rows-task.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-relations-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function written(name: string, text: string) {
  await writeFile(join(folder, name), text);
  return { file: join(folder, name), name };
}

describe('the relations of a table', () => {
  it('are over the rows of all its files, whatever columns each of them has', async () => {
    const line = (i: number): string => `${i % 40},${(i % 40) * 2},k${i % 4}`;
    const lines = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => line(from + i)).join('\n');
    const files = [
      await written('a.csv', `x,y,plan\n${lines(0, 60)}\n`),
      await written('b.csv', `plan,x,y,day\n${'k0,1.5,3.0,2026-01-01\n'.repeat(3)}`),
    ];
    const fields = [
      { name: 'x', type: 'float64' },
      { name: 'y', type: 'float64' },
      { name: 'plan', type: 'text' },
      { name: 'day', type: 'date' },
    ] as const;
    const found = await relateRows({ files, fields, rows: 63, memoryBytes: 2 ** 28 });
    expect(found.duplicates).toEqual({ method: 'row-hashes/53@1', rows: 63, duplicates: 22, error: 0 });
    expect(found).toMatchObject({ sampledRows: 63, leftOut: ['day'] });
    expect(found.correlations).toHaveLength(3);
    expect(found.correlations[0]).toMatchObject({ columns: ['x', 'y'], rows: 63 });
    expect(found.correlations[0]?.pearson).toBeCloseTo(1, 12);
    expect(found.correlations.find(({ columns }) => columns.includes('plan'))).toMatchObject({ pearson: null });
  });

  it('are over a sample of a long table, the same in every run', async () => {
    const text = `x,y\n${Array.from({ length: 30_000 }, (_, i) => `${Math.sin(i * 12.9898)},${Math.cos(i * 78.233)}`).join('\n')}\n`;
    const files = [await written('long.csv', text)];
    const fields = [
      { name: 'x', type: 'float64' },
      { name: 'y', type: 'float64' },
    ] as const;
    const input = { files, fields, rows: 30_000, memoryBytes: 2 ** 28 };
    const found = await relateRows(input);
    expect(found).toMatchObject({ sampledRows: 10_000, duplicates: { rows: 30_000, duplicates: 0 } });
    expect(await relateRows(input)).toEqual(found);
  });
});
