import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CompareOptions, compareFiles } from '../../../src/domain/files/compare-files.ts';
import { comparisonBody } from '../../../src/domain/files/comparison-body.ts';
import { localTable } from '../../../src/domain/files/local-table.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-schema-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const PLAIN: CompareOptions = {
  ...{ memoryBytes: 2 ** 28, threads: 2, as: null, folder: tmpdir(), segment: null, falseAlarms: null },
  ...{ include: null, exclude: [], categories: [], measures: null, policy: {} },
};

type Rows = readonly Record<string, unknown>[];

async function compare(reference: Rows, current: Rows, options: Partial<CompareOptions> = {}) {
  const table = async (name: string, rows: Rows) => {
    const file = join(folder, name);
    await writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    return localTable(file);
  };
  const sides = { reference: await table('r.ndjson', reference), current: await table('c.ndjson', current) };
  return compareFiles(sides, { ...PLAIN, ...options });
}

const rows = (more: (i: number) => object = () => ({})): Rows =>
  Array.from({ length: 400 }, (_, i) => ({ x: Math.sin(i), y: i % 50, ...more(i) }));

describe('a comparison whose schemas differ', () => {
  it('is drift when one cell makes numbers texts, and shows the cell', async () => {
    const found = await compare(
      rows(),
      rows((i) => (i === 7 ? { y: 'none' } : {})),
    );
    expect(found.judgement.dataset).toMatchObject({ verdict: 'drift', reasons: ['schema'] });
    expect(found.judgement.dataset.why).toContain('y (int64, but 1 of 400 cells are "none")');
    expect(comparisonBody(found)['schema']).toMatchObject({
      retyped: [{ name: 'y', misfits: { count: 1, cells: 400, examples: ['none'] } }],
    });
  });

  it('is drift when a column is gone, unless it was left out', async () => {
    const less = rows().map((row) => ({ x: row['x'] }));
    const found = await compare(rows(), less);
    expect(found.judgement.dataset).toMatchObject({ verdict: 'drift', reasons: ['schema'] });
    expect(found.judgement.dataset.why).toMatch(/^Columns of the reference are gone: y\. Of 1 column, none drifted\./);
    for (const options of [{ exclude: ['y'] }, { include: ['x'] }]) {
      expect((await compare(rows(), less, options)).judgement.dataset.verdict).toBe('no_drift');
    }
    // One that is new takes nothing away.
    expect((await compare(less, rows())).judgement.dataset.verdict).toBe('no_drift');
  });

  it('is drift for vectors of another length', async () => {
    const vectors = (length: number) => rows(() => ({ v: Array.from({ length }, (_, k) => k) }));
    const { change, judgement } = await compare(vectors(3), vectors(4));
    expect(change.retyped).toEqual([
      { name: 'v', reference: 'vector[3]', current: 'vector[4]', misfits: null, written: null },
    ]);
    expect(judgement.dataset.verdict).toBe('drift');
  });

  it('takes a column without any value for one whose values are missing', async () => {
    const { change, judgement } = await compare(
      rows(),
      rows(() => ({ y: null })),
    );
    expect(change.retyped).toEqual([]);
    expect(judgement.columns.find(({ name }) => name === 'y')).toMatchObject({
      verdict: 'drift',
      effect: { measure: expect.stringContaining('missing') },
    });
  });

  it('takes decimals for whole numbers and digits for texts', async () => {
    const { change } = await compare(
      rows((i) => ({ code: `0${i % 9}` })),
      rows((i) => ({ y: (i % 50) + 0.5, code: i % 9 })),
    );
    expect(change).toEqual({ removed: [], retyped: [] });
  });

  it('says of texts that look like numbers or dates what would read them', async () => {
    const german = (i: number) => Math.sin(i).toFixed(2).replace('.', ',');
    const { change, judgement } = await compare(
      rows(() => ({ t: '2025-12-31' })),
      rows((i) => ({ x: german(i), t: '31.12.2025' })),
    );
    expect(change.retyped).toMatchObject([
      { name: 'x', written: { looks_like: 'numbers', signs: [{ decimal: ',' }] } },
      { name: 't', written: { looks_like: 'dates', signs: [], dates: ['day-first'] } },
    ]);
    const why = (name: string) => judgement.columns.find((column) => column.name === name)?.why;
    expect(why('x')).toMatch(/window text\. Its texts look like numbers to a person: say decimal ","\.$/);
    expect(why('t')).toMatch(/Its texts look like dates to a person: say dates "day-first"\.$/);
    expect(judgement.dataset.why).toContain('…, which look like numbers to a person: say decimal ","');
    const turned = await compare(
      rows((i) => ({ t: `${(i % 28) + 1}.12.2025` })),
      rows(() => ({ t: '2025-12-31' })),
    );
    expect(turned.change.retyped).toMatchObject([{ name: 't', misfits: null, written: { looks_like: 'dates' } }]);
    const words = await compare(
      rows(),
      rows(() => ({ x: 'none' })),
    );
    expect(words.change.retyped).toMatchObject([{ name: 'x', written: null }]);
  });
});
