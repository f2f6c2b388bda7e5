import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Context } from '../../../src/context.ts';
import { putObject } from '../../../src/domain/object/objects.ts';
import { eraseNeglected, eraseProject, type Pace } from '../../../src/domain/project/erase.ts';
import { findProject } from '../../../src/store/access/access.ts';
import { claimJob, enqueue } from '../../../src/store/jobs/jobs.ts';
import { md5Of, sha256Of } from '../../support/datasets.ts';
import { type StorageService, startStorageService } from '../../support/storage.ts';
import { type Act, startAct } from '../retraining/act.ts';

const IN_DEFAULT = { 'tidemark-project': 'default' };
/** Few at a time, so that each part takes several steps. */
const SMALL: Pace = { rows: 7, objects: 2, removals: 2 };

/** Every table that holds a row, with how many. */
async function rowsIn({ sql }: Pick<Context, 'sql'>): Promise<Record<string, number>> {
  const tables = await sql<{ name: string }[]>`
    select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'
    order by 1`;
  const found: Record<string, number> = {};
  for (const { name } of tables) {
    const [row] = await sql<{ n: number }[]>`select count(*)::int n from ${sql(name)}`;
    if ((row?.n ?? 0) > 0) found[name] = row?.n ?? 0;
  }
  return found;
}

const idOf = async (ctx: Context, name: string): Promise<number> => (await findProject(ctx.db, name))?.id ?? 0;

/** Its time is over. */
const due = (ctx: Context, name: string) =>
  ctx.sql`update projects set erase_at = now() - interval '1 second' where name = ${name}`;

describe('a project with all that a project can have', () => {
  let act: Act;
  beforeAll(async () => {
    act = await startAct({ project: 'gone' });
    await act.logDay(0);
    await act.logDay(1);
    for (const n of [2, 3, 4]) await act.logDay(n, { shift: 1 });
    await act.call('POST', '/v1/registries', { kind: 'mlflow' });
    await act.call('POST', '/v1/silences', {
      matchers: [{ name: 'model', value: 'none' }],
      ends_at: '2100-01-01T00:00:00Z',
      comment: 'x',
    });
    await act.call('PUT', '/v1/datasets/credit/tags/prod', { ref: 'v1' });
    await act.call('PUT', '/v1/datasets/credit/retention', { last: 3 });
    await act.drain();
  });
  afterAll(() => act.close());

  it('leaves not one row behind, and nothing of another project goes with it', async () => {
    const before = await rowsIn(act.ctx);
    for (const table of [
      'runs',
      'reports',
      'episodes',
      'messages',
      'attempts',
      'column_verdicts',
      'prediction_index',
    ]) {
      expect(before[table], table).toBeGreaterThan(0);
    }
    await act.call('POST', '/v1/datasets/kept/versions?path=x.csv', 'a\n1\n', IN_DEFAULT);
    const answer = await act.call('DELETE', '/v1/projects/gone?confirm=gone&undo_seconds=0', undefined, IN_DEFAULT);
    expect(answer.status).toBe(200);
    const id = await idOf(act.ctx, 'gone');
    for (let steps = 0; steps < 2000 && (await idOf(act.ctx, 'gone')) !== 0; steps++) {
      await eraseProject(act.ctx, { project: id }, { rows: 1000, objects: 5, removals: 5 });
    }
    await act.drain();
    expect(await rowsIn(act.ctx)).toEqual({
      audit: 2,
      datasets: 1,
      file_profiles: 1,
      objects: 1,
      projects: 1,
      version_profiles: 1,
      versions: 1,
    });
    const { body } = await act.call<{ items: object[] }>('GET', '/v1/audit', undefined, IN_DEFAULT);
    expect(body.items).toMatchObject([
      { action: 'project.erased', subject: 'gone', author: 'system', details: { deleted_by: 'anonymous' } },
      { action: 'project.deleted', subject: 'gone', author: 'anonymous', details: { undo_seconds: 0, models: 1 } },
    ]);
  });
});

describe('what is erased', () => {
  let service: StorageService;
  beforeEach(async () => {
    service = await startStorageService();
    await service.send('POST', '/v1/projects', { name: 'gone' });
    await service.send('POST', '/v1/projects', { name: 'other' });
  });
  afterEach(() => service.close());

  const push = (project: string, dataset: string, text: string) =>
    service.send('POST', `/v1/datasets/${dataset}/versions?path=x.csv&project=${project}`, text);
  const remove = (name: string) => service.send('DELETE', `/v1/projects/${name}?confirm=${name}&undo_seconds=0`);
  const held = async (text: string): Promise<boolean> => (await service.remote.stat(md5Of(text) as never)) !== null;
  const erase = async (name: string, pace = SMALL): Promise<void> => {
    await due(service.ctx, name);
    await eraseProject(service.ctx, { project: await idOf(service.ctx, name) }, pace);
  };

  it('is the bytes that no other project has, and its name is free', async () => {
    const texts = Array.from({ length: 9 }, (_, i) => `a\n${i}\n`);
    for (const text of texts) await push('gone', 'many', text);
    await push('other', 'one', texts[3] ?? '');
    const described = await service.send('GET', '/v1/projects/gone');
    expect(described.body.holds).toMatchObject({ versions: 9, objects: 9, bytes: 36, own_bytes: 32 });
    await remove('gone');
    await erase('gone');
    expect(await Promise.all(texts.map(held))).toEqual(texts.map((_, i) => i === 3));
    expect((await service.send('GET', '/v1/projects/gone')).status).toBe(404);
    expect((await service.send('POST', '/v1/projects', { name: 'gone' })).status).toBe(201);
    expect((await push('gone', 'many', texts[0] ?? '')).body).toMatchObject({ ref: 'v1', created: true });
    for (const project of ['gone', 'other']) {
      const begun = await service.send('POST', `/v1/remote/check?project=${project}`);
      await service.drain();
      const run = await service.send('GET', `/v1/remote/runs/${String(begun.body.id)}?project=${project}`);
      expect([project, run.body]).toMatchObject([project, { state: 'done', progress: { findings: 0 } }]);
    }
  });

  it('is what lies under names of DVC 2 too, but for those that another project has', async () => {
    const sent = async (project: string, text: string) => {
      const name = md5Of(text.replaceAll('\r\n', '\n'));
      const path = `/dvc/${project}/${name.slice(0, 2)}/${name.slice(2)}`;
      expect((await service.send('POST', path, text)).status).toBeLessThan(300);
      return name;
    };
    const alone = await Promise.all(['a\n1\n', 'a\n2\n', 'a\n3\n'].map((text) => sent('gone', text)));
    const shared = await sent('gone', 'b\n1\n');
    // By other line ends, which are the same to DVC 2.
    expect(await sent('other', 'b\r\n1\r\n')).toBe(shared);
    expect([...service.remote.legacy.keys()].toSorted()).toEqual([...alone, shared].toSorted());
    await remove('gone');
    await erase('gone');
    expect(await idOf(service.ctx, 'gone')).toBe(0);
    expect([...service.remote.legacy.keys()]).toEqual([shared]);
    const read = await service.send('GET', `/dvc/other/${shared.slice(0, 2)}/${shared.slice(2)}`);
    expect([read.status, read.text]).toEqual([200, 'b\r\n1\r\n']);
  });

  it('goes on where it was killed, at every step', async () => {
    const oid = await service.send('PUT', `/v1/objects/${md5Of('b\n1\n')}?project=gone`, 'b\n1\n');
    expect(oid.status).toBe(201);
    for (let i = 0; i < 6; i++) await push('gone', 'many', `a\n${i}\n`);
    await push('other', 'one', 'a\n2\n');
    await remove('gone');
    const id = await idOf(service.ctx, 'gone');
    let killed = 0;
    // The process dies with its so-manyeth statement that begins a transaction, or with a removal under way.
    for (let after = 1; (await idOf(service.ctx, 'gone')) !== 0; after += 1) {
      let left = after;
      const die = (): void => {
        if (--left === 0) throw new Error('killed');
      };
      const remove = async (name: never): Promise<void> => {
        die();
        await service.remote.remove(name);
      };
      const remote = { ...service.remote, remove };
      const db = new Proxy(service.ctx.db, {
        get: (target, name, self) => {
          if (name === 'transaction') die();
          return Reflect.get(target, name, self);
        },
      });
      await eraseProject({ ...service.ctx, db, remote }, { project: id }, SMALL).catch(() => killed++);
      expect(after).toBeLessThan(200);
    }
    expect(killed).toBeGreaterThan(10);
    expect(await held('a\n2\n')).toBe(true);
    expect(await held('a\n1\n')).toBe(false);
    expect((await rowsIn(service.ctx)).object_tombstones).toBeUndefined();
  });

  it('is not what a worker has in hand, which is waited for', async () => {
    await push('gone', 'many', 'a\n1\n');
    const job = await claimJob(service.ctx.db, ['profile-version'], 60);
    expect(job?.projectId).toBe(await idOf(service.ctx, 'gone'));
    await remove('gone');
    await erase('gone');
    expect(await idOf(service.ctx, 'gone')).not.toBe(0);
    expect(await held('a\n1\n')).toBe(true);
    await service.ctx.sql`update jobs set lease_until = now() - interval '1 second' where state = 'active'`;
    await erase('gone');
    expect(await idOf(service.ctx, 'gone')).toBe(0);
  });

  it('cannot be restored from its first step on', async () => {
    await push('gone', 'many', 'a\n1\n');
    await remove('gone');
    await service.ctx.sql`update projects set erasing_at = now() where name = 'gone'`;
    const refused = await service.send('POST', '/v1/projects/gone/restore');
    expect([refused.status, refused.body.detail]).toEqual([410, expect.stringContaining('being erased')]);
  });

  it('is not a project whose time is not over, or that was restored', async () => {
    await push('gone', 'many', 'a\n1\n');
    await service.send('DELETE', '/v1/projects/gone?confirm=gone');
    const id = await idOf(service.ctx, 'gone');
    await eraseProject(service.ctx, { project: id });
    expect((await service.send('GET', '/v1/projects/gone')).body.deleted_at).not.toBeNull();
    await service.send('POST', '/v1/projects/gone/restore');
    await due(service.ctx, 'gone');
    await eraseProject(service.ctx, { project: id });
    expect((await push('gone', 'many', 'a\n2\n')).body.ref).toBe('v2');
  });

  it('is found by the schedule where its job is gone', async () => {
    await remove('gone');
    await service.ctx.sql`delete from jobs`;
    await due(service.ctx, 'gone');
    await eraseNeglected(service.ctx);
    await service.drain(['erase-project']);
    expect(await idOf(service.ctx, 'gone')).toBe(0);
  });

  it('refuses what comes late, from a request that was let in before', async () => {
    const id = await idOf(service.ctx, 'gone');
    const actor = { projectId: id, project: 'gone', author: 'ci', scopes: new Set(['data:write'] as const) };
    await remove('gone');
    await erase('gone');
    const source = (async function* () {
      yield Buffer.from('late');
    })();
    const put = putObject(service.ctx, actor, {
      oid: md5Of('late') as never,
      source,
      expect: { sha256: sha256Of('late') },
    });
    const { problemAnswer } = await import('../../../src/http/problem-answer.ts');
    const answer = await put.then(
      () => null,
      (error: unknown) => problemAnswer(error, { path: '/', id: '1', log: service.ctx.log }),
    );
    expect([answer?.status, answer?.body]).toEqual([
      410,
      expect.stringContaining('was deleted while this was under way'),
    ]);
  });

  it('leaves nothing of what was on its way meanwhile, but what another project has', async () => {
    const id = await idOf(service.ctx, 'gone');
    await push('other', 'one', 'shared, late');
    const actor = { projectId: id, project: 'gone', author: 'ci', scopes: new Set(['data:write'] as const) };
    /** Bytes of which the last come when the project is erased. */
    const source = (text: string) =>
      (async function* () {
        yield Buffer.from(text.slice(0, 2));
        if ((await idOf(service.ctx, 'gone')) !== 0) {
          await remove('gone');
          await erase('gone');
        }
        yield Buffer.from(text.slice(2));
      })();
    const tree = '[]';
    const sent: [oid: string, text: string][] = [
      [md5Of('late, alone'), 'late, alone'],
      [md5Of('shared, late'), 'shared, late'],
      [`${md5Of(tree)}.dir`, tree],
    ];
    for (const [oid, text] of sent) {
      await expect(putObject(service.ctx, actor, { oid, source: source(text), expect: {} })).rejects.toThrow();
    }
    await service.ctx.sql`update object_tombstones set trashed_at = now() - interval '1 year'`;
    expect((await service.work('/v1/gc')).state).toBe('done');
    expect(await Promise.all(sent.map(([oid]) => service.remote.stat(oid as never).then((at) => at !== null)))).toEqual(
      [false, true, false],
    );
  });

  it('begins no job meanwhile, and all of them again when it is restored', async () => {
    await push('gone', 'many', 'a\n1\n');
    await enqueue(service.ctx.db, { name: 'sweep-storage', key: 'storage', payload: {} });
    await service.send('DELETE', '/v1/projects/gone?confirm=gone');
    const names = ['profile-version', 'sweep-storage'] as const;
    const first = await claimJob(service.ctx.db, names, 60);
    expect(first?.name).toBe('sweep-storage');
    expect(await claimJob(service.ctx.db, names, 60)).toBeNull();
    await service.send('POST', '/v1/projects/gone/restore');
    expect((await claimJob(service.ctx.db, names, 60))?.name).toBe('profile-version');
  });
});
