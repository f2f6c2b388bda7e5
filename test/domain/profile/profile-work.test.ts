import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { work } from '../../../src/domain/profile/profile-work.ts';
import { openTable } from '../../../src/formats/table-reader.ts';

describe('a part of a profile in a thread', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-part-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('tells of all its rows, a million values at a time', async () => {
    const file = join(folder, 'rows.csv');
    const rows = 600_000;
    writeFileSync(file, `a,b\n${Array.from({ length: rows }, (_, i) => `${i % 7},${i % 3}\n`).join('')}`);
    const table = await openTable(file, { name: file, memoryBytes: 2 ** 28 });
    const told: number[] = [];
    const all = { kind: 'columns', file, name: file, memoryBytes: 2 ** 28, fields: table.fields } as const;
    const request = { ...all, types: undefined, wanted: [0, 1], paged: null, keep: null, counted: false };
    await work(request, (more) => told.push(more));
    expect(told.reduce((sum, more) => sum + more, 0)).toBe(rows);
    expect(told).toHaveLength(2);
    expect(told[0]).toBeGreaterThanOrEqual(2 ** 19);
    await table.close();
  });
});
