import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { profileVersion } from '../../src/domain/profile/profile.ts';
import { type DatasetService, md5Of, startDatasetService } from '../support/datasets.ts';

let service: DatasetService;
beforeAll(async () => {
  service = await startDatasetService();
});
afterAll(async () => {
  await service.close();
});

type Folder = Readonly<Record<string, string>>;
type Item = { change: string; path: string; from: { path: string; md5: string } | null; to: { path: string } | null };
type Diff = {
  identical: boolean;
  files: Record<
    'added' | 'removed' | 'renamed' | 'changed',
    { files: number; from_bytes: number; to_bytes: number }
  > & {
    unchanged: number;
    items: Item[];
    next: string | null;
  };
  content: {
    state: string;
    reason?: string;
    rows: unknown;
    schema: unknown;
    columns: { name: string; from: unknown; to: unknown; drift: { verdict: string } | null }[];
  };
};

const commit = async (dataset: string, folder: Folder): Promise<void> => {
  const files = [];
  for (const [path, bytes] of Object.entries(folder)) files.push({ path, md5: await service.hold(bytes) });
  const answer = await service.send('POST', `/v1/datasets/${dataset}/versions`, { files });
  if (answer.status >= 300) throw new Error(answer.text);
};
const push = async (dataset: string, path: string, bytes: string): Promise<void> => {
  const answer = await service.send('POST', `/v1/datasets/${dataset}/versions?path=${path}`, bytes);
  if (answer.status >= 300) throw new Error(answer.text);
};
const diff = async (dataset: string, ref: string, against: string, query = ''): Promise<Diff> => {
  const answer = await service.send('GET', `/v1/datasets/${dataset}/versions/${ref}/diff?against=${against}${query}`);
  if (answer.status !== 200) throw new Error(answer.text);
  // The answer's own shape is checked by the test of the OpenAPI document.
  return answer.body as unknown as Diff;
};
const profileAll = async (): Promise<void> => {
  const rows = await service.ctx.db.execute<{ id: string }>(
    sql`select version_id as id from version_profiles where state = 'pending'`,
  );
  for (const { id } of rows) await profileVersion(service.ctx, { versionId: Number(id) });
};

describe('the files of a diff', () => {
  it('are added, removed, renamed, changed and the rest', async () => {
    await commit('tree', {
      'a.txt': 'one',
      'b.txt': 'two',
      'c.txt': 'three',
      'd.txt': 'same',
      'e.txt': 'twin',
      'f.txt': 'twin',
    });
    await commit('tree', {
      'a.txt': 'ONE!',
      'moved/b.txt': 'two',
      'new.txt': 'fresh',
      'd.txt': 'same',
      'g.txt': 'twin',
    });
    const { files, identical } = await diff('tree', 'v2', 'v1');
    expect(identical).toBe(false);
    expect(files).toMatchObject({
      added: { files: 1, from_bytes: 0, to_bytes: 5 },
      removed: { files: 2, from_bytes: 9, to_bytes: 0 },
      renamed: { files: 2, from_bytes: 7, to_bytes: 7 },
      changed: { files: 1, from_bytes: 3, to_bytes: 4 },
      unchanged: 1,
      next: null,
    });
    expect(files.items.map(({ change, path, from }) => [change, path, from?.path ?? null])).toEqual([
      ['changed', 'a.txt', 'a.txt'],
      ['removed', 'c.txt', 'c.txt'],
      ['removed', 'f.txt', 'f.txt'],
      ['renamed', 'g.txt', 'e.txt'],
      ['renamed', 'moved/b.txt', 'b.txt'],
      ['added', 'new.txt', null],
    ]);
    expect(files.items[0]).toMatchObject({ from: { md5: md5Of('one'), size: 3 }, to: { md5: md5Of('ONE!'), size: 4 } });
    const same = await diff('tree', 'v2', 'v2');
    expect(same).toMatchObject({ identical: true, files: { unchanged: 5, items: [] } });
  });

  it('come in pages that hold each once', async () => {
    const names = Array.from({ length: 25 }, (_, i) => `${'zyx'[i % 3]}/é${i}.bin`);
    await commit('paged', { keep: 'k' });
    await commit('paged', Object.fromEntries(['keep', ...names].map((name) => [name, `content ${name}`])));
    const seen: string[] = [];
    let cursor = '';
    for (let pages = 0; pages < 10; pages++) {
      const { files } = await diff('paged', 'v2', 'v1', `&limit=7${cursor}`);
      seen.push(...files.items.map(({ path }) => path));
      if (files.next === null) break;
      cursor = `&cursor=${files.next}`;
    }
    expect(seen).toEqual([...names, 'keep'].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
  });

  it('may be one on a side, and of another dataset', async () => {
    await push('single', 'x.bin', 'one');
    await push('single', 'y.bin', 'one');
    await push('single', 'x.bin', 'two');
    expect((await diff('single', 'v2', 'v1')).files).toMatchObject({ renamed: { files: 1 }, unchanged: 0 });
    expect((await diff('single', 'v3', 'v1')).files).toMatchObject({ changed: { files: 1 } });
    expect((await diff('tree', 'v1', 'single@v1')).files).toMatchObject({
      renamed: { files: 1 },
      added: { files: 5 },
      removed: { files: 0 },
    });
  });

  it('are what a simple count over both folders says', async () => {
    const path = fc.constantFrom('a', 'b', 'c', 'd/e', 'd/f', 'g', 'h', 'i');
    const folder = fc.dictionary(path, fc.constantFrom('1', '22', '333'), { minKeys: 1 });
    let number = 0;
    await fc.assert(
      fc.asyncProperty(folder, folder, async (from, to) => {
        const dataset = `random-${number++}`;
        await commit(dataset, from);
        await commit(dataset, to);
        const { files } = await diff(dataset, 'latest', 'v1');
        const shared = Object.keys(from).filter((name) => name in to);
        const gone = Object.entries(from).filter(([name]) => !(name in to));
        const come = Object.entries(to).filter(([name]) => !(name in from));
        let renamed = 0;
        for (const bytes of ['1', '22', '333']) {
          const of = (side: [string, string][]) => side.filter(([, content]) => content === bytes).length;
          renamed += Math.min(of(gone), of(come));
        }
        const { added, removed, changed, renamed: moved, unchanged, items } = files;
        expect([added.files, removed.files, moved.files, changed.files, unchanged]).toEqual([
          come.length - renamed,
          gone.length - renamed,
          renamed,
          shared.filter((name) => from[name] !== to[name]).length,
          shared.filter((name) => from[name] === to[name]).length,
        ]);
        // Played onto the older folder, the items give the newer one.
        const played = new Map(Object.entries(from).map(([name, bytes]) => [name, md5Of(bytes)]));
        for (const { from: before } of items) if (before !== null) played.delete(before.path);
        for (const { to: after } of items as { to: { path: string; md5: string } | null }[]) {
          if (after !== null) played.set(after.path, after.md5);
        }
        expect(Object.fromEntries(played)).toEqual(
          Object.fromEntries(Object.entries(to).map(([name, bytes]) => [name, md5Of(bytes)])),
        );
      }),
      { numRuns: 20 },
    );
  });

  it.each([
    ['v1', 404],
    ['tree@v9', 404],
    ['no%20ref', 400],
    ['', 400],
  ])('refuses a side that is none: %s', async (against, status) => {
    expect((await service.send('GET', `/v1/datasets/empty/versions/v1/diff?against=${against}`)).status).toBe(status);
    expect((await service.send('GET', '/v1/datasets/tree/versions/v1/diff')).status).toBe(400);
  });
});

describe('the content of a diff', () => {
  const rows = (n: number, cell: (i: number) => string) => Array.from({ length: n }, (_, i) => cell(i)).join('\n');

  it('waits for the profiles, then compares schema and statistics', async () => {
    const colours = ['red', 'green', 'blue'];
    await push('table', 'x.csv', `id,age,colour,old\n${rows(300, (i) => `${i},${i % 50},${colours[i % 3]},1`)}\n`);
    await push('table', 'x.csv', `id,colour,age,new\n${rows(200, (i) => `${i},${colours[i % 2]},${i % 50}.5,`)}\n`);
    expect((await diff('table', 'v2', 'v1')).content).toMatchObject({
      state: 'pending',
      reason: expect.stringContaining('table@v1'),
    });
    await profileAll();
    const { content } = await diff('table', 'v2', 'v1');
    expect(content).toMatchObject({ state: 'ready', rows: { from: 300, to: 200 } });
    expect(content.schema).toEqual({
      added: [{ name: 'new', type: 'text', nullable: true, presence: 'required' }],
      removed: [{ name: 'old', type: 'int64', nullable: false, presence: 'required' }],
      changed: [
        {
          name: 'age',
          from: { type: 'int64', nullable: false, presence: 'required' },
          to: { type: 'float64', nullable: false, presence: 'required' },
        },
      ],
      reordered: true,
    });
    expect(content.columns.map(({ name, drift }) => [name, drift?.verdict ?? null])).toEqual([
      ['id', 'not_comparable'],
      ['colour', 'drift'],
      ['age', 'no_drift'],
      ['new', null],
      ['old', null],
    ]);
    expect(content.columns[2]).toMatchObject({
      from: { type: 'int64', rows: 300, nulls: 0, nan: 0, distinct: 50, min: 0, median: 24.5, max: 49, mean: 24.5 },
      to: { type: 'float64', rows: 200, mean: 25 },
      drift: { findings: expect.arrayContaining([expect.objectContaining({ measure: 'ks/two-sided@1' })]) },
    });
    const back = await diff('table', 'v1', 'v2');
    expect(back.content.schema).toMatchObject({ added: [{ name: 'old' }], removed: [{ name: 'new' }] });
  });

  it('tells the columns that only some files have, by another case too, and types that only some have', async () => {
    await commit('files', { 'a.csv': 'id,Plan\n1,x\n', 'b.csv': 'id,Plan\n2,y\n' });
    await commit('files', { 'a.csv': 'id,Plan\n1,x\n', 'b.csv': 'plan,id\ny,two\n' });
    await profileAll();
    const { content } = await diff('files', 'v2', 'v1');
    const text = { type: 'text', nullable: true, presence: 'optional' };
    expect(content.schema).toMatchObject({
      added: [{ name: 'plan', ...text }],
      removed: [],
      changed: [
        { name: 'id', from: { type: 'int64' }, to: { type: 'text', presence: 'required' } },
        { name: 'Plan', from: { presence: 'required' }, to: text },
      ],
    });
  });

  it('says why there is none for what is no table', async () => {
    await push('blob', 'x.bin', 'one');
    await push('blob', 'x.bin', 'two');
    await profileAll();
    expect((await diff('blob', 'v2', 'v1')).content).toMatchObject({
      state: 'unavailable',
      reason: expect.stringContaining('There is no profile of blob@v1'),
    });
  });
});

describe('the rows of a diff', () => {
  it('are compared on request, by a compute child on verified copies', async () => {
    await push('rows', 'x.csv', 'id,x\n1,a\n2,b\n');
    await push('rows', 'x.csv', 'id,x\n2,B\n3,c\n');
    const { body } = await service.send(
      'GET',
      '/v1/datasets/rows/versions/v2/diff?against=v1&rows=true&key=id&samples=1',
    );
    expect(body.rows).toEqual({
      key: ['id'],
      ...{ from: 2, to: 2, added: 1, removed: 1, changed: 1, unchanged: 0 },
      repeated_keys: { from: 0, to: 0 },
      columns: [{ name: 'x', changed: 1 }],
      samples: {
        added: [{ id: 3, x: 'c' }],
        removed: [{ id: 1, x: 'a' }],
        changed: [{ key: { id: 2 }, columns: [{ name: 'x', from: 'b', to: 'B' }] }],
      },
    });
    expect((await diff('rows', 'v2', 'v1')) as object).not.toHaveProperty('rows');
    expect(await readdir(join(service.ctx.config.data, 'tmp'))).toEqual([]);
  });

  it.each([
    ['rows=true&key=none', 400, 'is no column of both versions (both have: id, x)'],
    ['key=id', 400, 'belongs to "rows=true"'],
    ['rows=yes', 400, 'rows'],
    ['rows=true&key=a%00', 400, 'key'],
  ])('are refused for what cannot be: %s', async (query, status, says) => {
    const answer = await service.send('GET', `/v1/datasets/rows/versions/v2/diff?against=v1&${query}`);
    expect([answer.status, answer.body.detail]).toEqual([status, expect.stringContaining(says)]);
    expect(await readdir(join(service.ctx.config.data, 'tmp'))).toEqual([]);
  });
});
