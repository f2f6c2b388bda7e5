import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Context } from '../../../src/context.ts';
import { advanceStorageRun } from '../../../src/domain/storage/advance.ts';
import { beginDueRuns } from '../../../src/domain/storage/due.ts';
import type { ObjectRemote } from '../../../src/store/remotes/remote.ts';
import { md5Of } from '../../support/datasets.ts';
import { manifestOf, type RunAnswer, type StorageService, startStorageService } from '../../support/storage.ts';

/** What these tests fill, none of which is named by one behind it. */
const FILLED = [
  ...[
    'storage_findings',
    'storage_runs',
    'jobs',
    'monitor_revisions',
    'monitors',
    'batches',
    'model_versions',
    'models',
  ],
  ...[
    'manifest_entries',
    'version_profiles',
    'tags',
    'push_objects',
    'push_sessions',
    'versions',
    'datasets',
    'objects',
    'object_tombstones',
  ],
];

let service: StorageService;
beforeAll(async () => {
  service = await startStorageService();
  await service.send('POST', '/v1/projects', { name: 'other' });
});
afterAll(() => service.close());
beforeEach(async () => {
  // To truncate them takes many times as long: each is a new file.
  await service.ctx.sql.unsafe(
    `update models set current_version_id = null; ${FILLED.map((table) => `delete from ${table}`).join('; ')}`,
  );
  service.remote.objects.clear();
});

const status = async (path: string, headers = {}) => (await service.send('GET', path, undefined, headers)).status;
const object = (oid: string) => status(`/v1/objects/${oid}`);
const held = (): string[] => [...service.remote.objects.keys()].sort();
const push = (text: string, dataset = 'd') => service.send('POST', `/v1/datasets/${dataset}/versions?path=x.csv`, text);
const commit = (oid: string, dataset = 'd') => service.send('POST', `/v1/datasets/${dataset}/versions`, { oid });
const refs = async (dataset = 'd'): Promise<string[]> => {
  const { body } = await service.send('GET', `/v1/datasets/${dataset}/versions`);
  return (body.items as { ref: string }[]).map(({ ref }) => ref);
};

/** Lets days go by for everything that waits. */
async function wait(): Promise<void> {
  const { sql } = service.ctx;
  await sql`update objects set received_at = received_at - interval '30 days'`;
  await sql`update versions set trashed_at = trashed_at - interval '30 days' where trashed_at is not null`;
  await sql`update object_tombstones set trashed_at = trashed_at - interval '30 days'`;
}
const MOVES = ['versions_trashed', 'versions_purged', 'versions_restored', 'objects_trashed', 'objects_removed'];
/** Runs collections with time between them until two in a row give up nothing more, nor take anything back. */
async function collectAll(body: object): Promise<void> {
  for (let idle = 0; idle < 2; ) {
    const { state, progress } = await service.work('/v1/gc', body);
    expect(state).toBe('done');
    idle = MOVES.some((name) => (progress[name] ?? 0) > 0) ? 0 : idle + 1;
    await wait();
  }
}
const gc = (body: object): Promise<RunAnswer> => service.work('/v1/gc', body);
const plan = async (body: object) => (await service.send('POST', '/v1/gc/plan', body)).body;
const actions = async (body: object): Promise<string[]> =>
  ((await plan(body)).versions as { ref: string; action: string; reasons: { code: string }[] }[]).map(
    ({ ref, action, reasons }) => `${ref} ${action} ${reasons.map(({ code }) => code).join(',')}`.trim(),
  );

describe('a plan', () => {
  it('says what would go with names and bytes, why the rest stays, and changes nothing', async () => {
    for (const text of ['a\n1\n', 'a\n22\n', 'a\n333\n', 'a\n4444\n']) await push(text);
    await service.send('PUT', '/v1/datasets/d/tags/prod', { ref: 'v2' });
    await service.hold('of no version');
    await wait();
    const body = { keep: { last: 1 } };
    expect(await actions(body)).toEqual(['v4 keep newest,keep-last', 'v3 trash', 'v2 keep tag', 'v1 trash']);
    expect(await plan(body)).toMatchObject({
      kept: 2,
      trashed: 2,
      freed: { objects: 2, bytes: 10, names: [{ oid: md5Of('a\n333\n'), size: 6 }, { size: 4 }] },
      unreferenced: { objects: 1, bytes: 13, names: [{ oid: md5Of('of no version') }] },
    });
    expect(await actions({ keep: { last: 1, tags: ['x*'] } })).toContain('v2 trash');
    await service.ctx.sql`update tags set fixed = true`;
    expect(await actions({ keep: { last: 1, tags: ['x*'] } })).toContain('v2 keep fixed-tag');
    await service.ctx.sql`update versions set git_rev = ${'ab'.repeat(20)} where number = 3`;
    expect(await actions({ keep: { git_revs: ['ABABABAB'] } })).toContain('v3 keep git');
    expect((await plan({})).trashed).toBe(0);
    expect((await plan({ unreferenced: false })).unreferenced).toMatchObject({ objects: 0 });
    expect(await refs()).toEqual(['v4', 'v3', 'v2', 'v1']);
    expect((await service.send('GET', '/v1/trash')).body.items).toEqual([]);
  });

  it('says of what no version has who sent it, and what for', async () => {
    const at = (oid: string, base: string) => `${base}/files/md5/${oid.slice(0, 2)}/${oid.slice(2)}`;
    const loose = md5Of('loose');
    await service.send('POST', at(loose, '/dvc/default/unsettled'), 'loose');
    await service.send('POST', at(md5Of('alone'), '/dvc/default'), 'alone');
    await service.send('POST', '/v1/datasets/was/versions?path=w.csv', 'w\n1\n');
    await service.ctx.sql`update versions set trashed_at = now(), purged_at = now() where path = 'w.csv'`;
    await wait();
    const unreferenced = (await plan({ pushed: true })).unreferenced as { names: { oid: string }[] };
    const named = new Map(unreferenced.names.map((object) => [object.oid, object]));
    const unknown = { pushed_by: null, dataset: null, version: null, path: null };
    expect(named.get(loose)).toMatchObject({ ...unknown, size: 5, pushed_by: 'anonymous', dataset: 'unsettled' });
    expect(named.get(md5Of('alone'))).toMatchObject({ ...unknown, origin: 'pushed' });
    expect(named.get(md5Of('w\n1\n'))).toMatchObject({ ...unknown, dataset: 'was', version: 'v1', path: 'w.csv' });
    await service.ctx.sql`delete from objects where oid in (${loose}, ${md5Of('alone')}, ${md5Of('w\n1\n')})`;
  });

  it('counts for a version only the files that no other one has', async () => {
    const first = await service.holdFolder({ shared: 'shared', own: 'own!' });
    const second = await service.holdFolder({ shared: 'shared' });
    await commit(first);
    await commit(second);
    const folder = manifestOf({ shared: 'shared', own: 'own!' }).length;
    expect(await plan({ keep: { last: 1 } })).toMatchObject({ freed: { objects: 2, bytes: folder + 4 } });
  });

  it('knows the models, and refuses what it cannot read', async () => {
    await push('age,label\n1,0\n2,1\n');
    await push('age,label\n1,0\n2,0\n');
    await service.drain(['profile-version']);
    await service.send('POST', '/v1/models', { name: 'm', task: 'binary' });
    const bound = await service.send('POST', '/v1/models/m/versions', { dataset: 'd', ref: 'v1' });
    expect(bound.status).toBe(201);
    expect(await actions({ keep: {} })).toEqual(['v2 keep newest', 'v1 keep model']);
    for (const keep of [{ last: -1 }, { last: 1.5 }, { git_revs: ['main'] }, { weekly: 2 }]) {
      expect((await service.send('POST', '/v1/gc/plan', { keep })).status).toBe(422);
    }
    expect((await service.send('POST', '/v1/gc/plan', { dataset: 'no' })).status).toBe(404);
    expect((await service.send('POST', '/v1/gc', { dataset: 'no' })).status).toBe(404);
  });
});

describe('a version in the trash', () => {
  it('is seen by nobody, keeps its bytes, and is restored with its number', async () => {
    await push('a\n1\n');
    await push('a\n2\n');
    const run = await gc({ keep: { last: 1 } });
    expect(run.progress).toMatchObject({ versions_trashed: 1, versions_kept: 1 });
    expect(await refs()).toEqual(['v2']);
    expect(await status('/v1/datasets/d/versions/v1')).toBe(410);
    expect(await object(md5Of('a\n1\n'))).toBe(200);
    const trash = (await service.send('GET', '/v1/trash')).body.items;
    expect(trash).toMatchObject([{ dataset: 'd', ref: 'v1', bytes: 4 }]);
    for (const _ of ['once', 'again']) {
      const restored = await service.send('POST', '/v1/datasets/d/versions/v1/restore');
      expect([restored.status, restored.body.ref]).toEqual([200, 'v1']);
    }
    expect(await refs()).toEqual(['v2', 'v1']);
    expect((await service.send('GET', '/v1/datasets/d/versions/v1/files/x.csv')).text).toBe('a\n1\n');
  });

  it('stays there when its content is pushed again, which is the next version', async () => {
    await push('a\n1\n');
    await push('a\n2\n');
    await gc({ keep: { last: 1 } });
    const again = await push('a\n1\n');
    expect([again.status, again.body.ref, again.body.created]).toEqual([201, 'v3', true]);
    expect(await refs()).toEqual(['v3', 'v2']);
    await service.send('POST', '/v1/datasets/d/versions/v1/restore');
    expect(await refs()).toEqual(['v3', 'v2', 'v1']);
  });

  it('leaves with its bytes when its time is over, and no other version with them', async () => {
    const first = await service.holdFolder({ shared: 'shared', own: 'own' });
    const second = await service.holdFolder({ shared: 'shared' });
    await commit(first);
    await commit(second);
    await collectAll({ keep: { last: 1 } });
    expect(held()).toEqual([second, md5Of('shared')].sort());
    expect(await status('/v1/datasets/d/versions/v1')).toBe(410);
    expect((await service.send('POST', '/v1/datasets/d/versions/v1/restore')).status).toBe(410);
    expect((await service.send('GET', '/v1/trash')).body.items).toEqual([]);
    expect(await status('/v1/datasets/d/versions/v2/archive')).toBe(200);
    // Pushed again, it is the next one, whole.
    await service.holdFolder({ shared: 'shared', own: 'own' });
    expect((await commit(first)).body).toMatchObject({ ref: 'v3', created: true });
    expect((await service.send('GET', '/v1/datasets/d/versions/v3/files/own')).text).toBe('own');
    expect(await status('/v1/datasets/d/versions/v1')).toBe(410);
  });

  it('comes back when a model was bound to it in the moment in which it was put there', async () => {
    await push('age,label\n1,0\n2,1\n');
    await push('age,label\n1,0\n2,0\n');
    await service.drain(['profile-version']);
    await service.send('POST', '/v1/models', { name: 'm', task: 'binary' });
    await gc({ keep: { last: 1 } });
    await service.ctx.sql`
      insert into model_versions (project_id, model_id, name, number, dataset_version_id, roles, metrics)
      select m.project_id, m.id, 'late', 1, v.id, '{}', '{}' from models m, versions v where v.number = 1`;
    await wait();
    expect((await gc({})).progress).toMatchObject({ versions_restored: 1, versions_purged: 0 });
    expect(await refs()).toEqual(['v2', 'v1']);
  });
});

describe('an object that nothing needs', () => {
  it('is left alone while it is young, and goes through the trash when it is not', async () => {
    const oid = await service.hold('uploaded, never committed');
    await gc({});
    expect(await object(oid)).toBe(200);
    await wait();
    expect((await gc({})).progress).toMatchObject({ objects_trashed: 1 });
    expect([await object(oid), held()]).toEqual([404, [oid]]);
    await gc({});
    expect(held()).toEqual([oid]);
    await wait();
    expect((await gc({})).progress).toMatchObject({ objects_removed: 1, removed_bytes: 25 });
    expect(held()).toEqual([]);
    expect((await service.send('PUT', `/v1/objects/${oid}`, 'uploaded, never committed')).status).toBe(201);
    expect(await object(oid)).toBe(200);
  });

  it('is held again when it is sent, committed, or named by a manifest while it is in the trash', async () => {
    const names = ['sent', 'committed', 'named'];
    for (const name of names) await service.hold(name);
    await wait();
    await gc({});
    expect(await Promise.all(names.map((name) => object(md5Of(name))))).toEqual([404, 404, 404]);
    const survey = await service.send('POST', '/v1/objects/batch', { objects: [{ oid: md5Of('sent'), size: 4 }] });
    expect(survey.body).toMatchObject({ objects: [{ missing: true }] });
    expect((await service.send('PUT', `/v1/objects/${md5Of('sent')}`, 'sent')).status).toBe(201);
    const body = { oid: md5Of('committed'), path: 'c.txt' };
    expect((await service.send('POST', '/v1/datasets/c/versions', body)).status).toBe(201);
    const files = [{ path: 'n', md5: md5Of('named') }];
    expect((await service.send('POST', '/v1/datasets/n/versions', { files })).status).toBe(201);
    expect(await Promise.all(names.map((name) => object(md5Of(name))))).toEqual([200, 200, 200]);
    await wait();
    await collectAll({});
    expect(await Promise.all(names.map((name) => object(md5Of(name))))).toEqual([404, 200, 200]);
  });

  it("stays when DVC sent it to the project's own remote, where only commits name it, unless that is asked for", async () => {
    const folder = manifestOf({ 'a.csv': 'in the folder' });
    const oid = `${md5Of(folder)}.dir`;
    const send = (name: string, text: string, remote = '/dvc/default') =>
      service.send('POST', `${remote}/files/md5/${name.slice(0, 2)}/${name.slice(2)}`, text);
    for (const text of ['in the folder', 'alone', 'named']) expect((await send(md5Of(text), text)).status).toBe(201);
    expect((await send(oid, folder)).status).toBe(201);
    const all = [md5Of('alone'), md5Of('in the folder'), md5Of('named'), oid].sort();
    await wait();
    await collectAll({ keep: { last: 1 } });
    expect(held()).toEqual(all);
    // What a repository names is kept, and a folder with its files.
    const keep = { oids: [oid, md5Of('named')].map((name) => ({ oid: name, why: 'data.dvc at HEAD' })) };
    expect((await plan({ keep, pushed: true })).unreferenced).toMatchObject({ names: [{ oid: md5Of('alone') }] });
    await collectAll({ keep, pushed: true });
    expect(held()).toEqual(all.filter((name) => name !== md5Of('alone')));
    await collectAll({ pushed: true });
    expect(held()).toEqual([]);
  });

  it('counts as sent by DVC also when it had come another way before', async () => {
    const oid = await service.hold('both ways');
    await service.send('POST', `/dvc/default/files/md5/${oid.slice(0, 2)}/${oid.slice(2)}`, 'both ways');
    await wait();
    await collectAll({});
    expect(held()).toEqual([oid]);
  });

  it('is of no dataset: one dataset is collected without it', async () => {
    await push('a\n1\n');
    const oid = await service.hold('of no version');
    await wait();
    await collectAll({ dataset: 'd', keep: { last: 1 } });
    expect(held()).toContain(oid);
    const refused = await service.send('POST', '/v1/gc', { dataset: 'd', unreferenced: true });
    expect(refused).toMatchObject({ status: 400, body: { detail: expect.stringContaining('whole project') } });
  });

  it('is listed in the trash, and taken out of it by its name', async () => {
    const oid = await service.hold('given up');
    await wait();
    await gc({});
    const { items } = (await service.send('GET', '/v1/trash/objects')).body;
    expect(items).toEqual([expect.objectContaining({ oid, size: 8 })]);
    const restore = () => service.send('POST', `/v1/objects/${oid}/restore`);
    expect(await restore()).toMatchObject({ status: 200, body: { oid, created: true } });
    expect(await restore()).toMatchObject({ status: 200, body: { oid, created: false } });
    expect(await object(oid)).toBe(200);
    expect((await service.send('GET', '/v1/trash/objects')).body.items).toEqual([]);
    expect((await service.send('POST', `/v1/objects/${md5Of('never')}/restore`)).status).toBe(404);
  });

  it('stays when others wrote it into the remote, unless that is asked for', async () => {
    service.remote.objects.set(md5Of('theirs'), new TextEncoder().encode('theirs'));
    await service.work('/v1/remote/scan');
    await wait();
    await collectAll({});
    expect(held()).toEqual([md5Of('theirs')]);
    await collectAll({ scanned: true });
    expect(held()).toEqual([]);
  });

  it('keeps its bytes while another project has them', async () => {
    const theirs = { 'tidemark-project': 'other' };
    const oid = await service.hold('shared by two');
    await service.send('PUT', `/v1/objects/${oid}`, 'shared by two', theirs);
    await service.ctx.sql`update objects set received_at = now() - interval '9 days' where project_id = 1`;
    await gc({});
    await service.ctx.sql`update object_tombstones set trashed_at = now() - interval '9 days'`;
    await gc({});
    expect([await object(oid), await status(`/v1/objects/${oid}`, theirs), held()]).toEqual([404, 200, [oid]]);
  });

  it('that was quarantined is quarantined when it comes back', async () => {
    const oid = await service.hold('rotten');
    service.remote.objects.set(oid, new Uint8Array(6));
    await service.work('/v1/remote/scrub');
    await wait();
    await gc({});
    const files = [{ path: 'n', md5: oid }];
    expect((await service.send('POST', '/v1/datasets/n/versions', { files })).status).toBe(409);
  });

  it('is a batch of the log, or a reference of a monitor: those are needed', async () => {
    const [batch, reference] = [await service.hold('batch'), await service.hold('reference')];
    const { sql } = service.ctx;
    await sql`insert into models (project_id, name, task) values (1, 'm', 'binary')`;
    await sql`insert into batches (project_id, model_id, kind, oid, bytes, rows, rejected, duplicates, conflicts,
      violations, state) select 1, id, 'predictions', ${batch}, 5, 1, 0, 0, 0, '[]', 'accepted' from models`;
    await push('a\n1\n');
    await sql`insert into monitors (project_id, model_id, name, enabled) select 1, id, 'x', 'on' from models`;
    await sql`insert into monitor_revisions (monitor_id, revision, config, reference_version_id, reference_oid, reason)
      select m.id, 1, '{}', v.id, ${reference}, 'test' from monitors m, versions v`;
    await collectAll({});
    expect(held()).toEqual([batch, reference, md5Of('a\n1\n')].sort());
  });
});

describe('a collection that is killed', () => {
  /** The service's context with a remote that dies when it is told to remove something. */
  const dying = (after: number): Context => {
    let removed = 0;
    const remote = new Proxy(service.remote as ObjectRemote, {
      get: (target, name) =>
        name === 'remove'
          ? async (oid: string) => {
              if (removed++ >= after) throw new Error('killed');
              await target.remove(oid);
            }
          : Reflect.get(target, name).bind(target),
    });
    return { ...service.ctx, remote };
  };

  it.each([0, 1, 2])('after %s removals goes on, and loses nothing that is needed', async (after) => {
    const doomed = await service.holdFolder({ a: 'a', b: 'b', shared: 'shared' });
    const kept = await service.holdFolder({ shared: 'shared', c: 'c' });
    await commit(doomed);
    await commit(kept);
    for (let round = 0; round < 8; round++) {
      const begun = await service.send('POST', '/v1/gc', { keep: { last: 1 } });
      await service.drain(['advance-storage-run'], dying(after));
      await service.ctx.sql`update jobs set run_at = now() - interval '1 second'`;
      await service.drain();
      expect((await service.send('GET', `/v1/remote/runs/${String(begun.body.id)}`)).body.state).toBe('done');
      await wait();
    }
    expect(held()).toEqual([kept, md5Of('shared'), md5Of('c')].sort());
    expect(await status('/v1/datasets/d/versions/v2/archive')).toBe(200);
    expect(await service.ctx.sql`select 1 from object_tombstones where state <> 'removed'`).toHaveLength(0);
  });

  it('lets no client believe in bytes that are just going, and takes them when they are gone', async () => {
    const oid = await service.hold('going');
    await wait();
    await gc({});
    await wait();
    const begun = await service.send('POST', '/v1/gc', {});
    const during: number[] = [];
    const remote = new Proxy(service.remote as ObjectRemote, {
      get: (target, name) =>
        name === 'remove'
          ? async (gone: string) => {
              during.push((await service.send('PUT', `/v1/objects/${oid}`, 'going')).status);
              await target.remove(gone);
            }
          : Reflect.get(target, name).bind(target),
    });
    await service.drain(['advance-storage-run'], { ...service.ctx, remote });
    expect(during).toEqual([503]);
    expect((await service.send('GET', `/v1/remote/runs/${String(begun.body.id)}`)).body.state).toBe('done');
    expect((await service.send('PUT', `/v1/objects/${oid}`, 'going')).status).toBe(201);
    expect(await object(oid)).toBe(200);
  });

  it.each(['another one failed', 'its connection was cut'])(
    'goes on only when no removal is under way, though %s: it would take what is stored anew',
    async (what) => {
      const [slow, fast] = [await service.hold('slow'), await service.hold('fast')];
      await wait();
      await gc({});
      await wait();
      await service.send('POST', '/v1/gc', {});
      const events: string[] = [];
      const [reached, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const removing = async (oid: string) => {
        if (oid === fast && what === 'another one failed') throw new Error('refused');
        if (oid === slow) {
          reached.resolve();
          await gate.promise;
          events.push('removed');
        }
        await service.remote.remove(oid);
      };
      const remote = new Proxy(service.remote as ObjectRemote, {
        get: (target, name) => (name === 'remove' ? removing : Reflect.get(target, name).bind(target)),
      });
      const drained = service
        .drain(['advance-storage-run'], { ...service.ctx, remote })
        .then(() => events.push('over'));
      await reached.promise;
      const { sql } = service.ctx;
      if (what === 'its connection was cut') {
        await sql`select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and state = 'idle in transaction'`;
      }
      // More than it takes to give the run back.
      for (let asked = 0; asked < 200; asked++) await sql`select 1`;
      expect((await service.send('PUT', `/v1/objects/${slow}`, 'slow')).status).toBe(503);
      events.push('let go on');
      gate.resolve();
      await drained;
      expect(events).toEqual(['let go on', 'removed', 'over']);
      await sql`update jobs set run_at = now() - interval '1 second'`;
      await service.drain();
      expect(held()).toEqual([]);
    },
  );

  it('refuses bytes that were found in the remote just before they were removed', async () => {
    const oid = await service.hold('found');
    await wait();
    await gc({});
    await wait();
    // The push finds the bytes there; before it is written down the collection removes them.
    const put = service.remote.put.bind(service.remote);
    service.remote.put = async (source, options) => {
      const stored = await put(source, options);
      await gc({});
      return stored;
    };
    const sent = await service.send('PUT', `/v1/objects/${oid}`, 'found');
    service.remote.put = put;
    expect([sent.status, sent.headers.get('retry-after'), held()]).toEqual([503, '1', []]);
    expect((await service.send('PUT', `/v1/objects/${oid}`, 'found')).status).toBe(201);
    expect(await object(oid)).toBe(200);
  });

  it('leaves an archive whole that was begun before its version was collected', async () => {
    const folder = await service.holdFolder({ a: 'first file', b: 'second file' });
    await commit(folder);
    await push('a\n9\n');
    const answer = await service.app.request('/v1/datasets/d/versions/v1/archive');
    await gc({ keep: { last: 1 } });
    expect(await status('/v1/datasets/d/versions/v1')).toBe(410);
    const bytes = await answer.arrayBuffer();
    expect(bytes.byteLength).toBe(Number(answer.headers.get('content-length')));
    expect(Buffer.from(bytes).includes('second file')).toBe(true);
  });
});

describe('a fetch by dvc beside collections', () => {
  const remote = '/dvc/default/d/files/md5';
  const address = (oid: string) => `${remote}/${oid.slice(0, 2)}/${oid.slice(2)}`;

  it('ends whole when its version is given up after its first question', async () => {
    const folder = await service.holdFolder({ a: 'first file', b: 'second file' });
    await commit(folder);
    await push('a\n9\n');
    await service.ctx.sql`update objects set received_at = received_at - interval '30 days'`;
    expect(await status(address(folder))).toBe(200);
    await gc({ keep: { last: 1 } });
    expect(await refs()).toEqual(['v2']);
    // The folder is read again before the first file is; and once it is read, days are left for its files.
    expect(await status(address(folder), { range: 'bytes=0-9' })).toBe(206);
    await service.ctx
      .sql`update versions set trashed_at = trashed_at - interval '30 days' where trashed_at is not null`;
    expect((await gc({})).progress).toMatchObject({ versions_purged: 1, objects_trashed: 1 });
    expect(await status(address(folder))).toBe(404);
    for (const text of ['first file', 'second file']) {
      expect((await service.send('GET', address(md5Of(text)))).text).toBe(text);
    }
  });

  it('of a file ends whole when the file is removed while it is sent', async () => {
    const sent = await push('a\n1\n');
    await push('a\n2\n');
    const answer = await service.app.request(address(String(sent.body.oid)));
    await collectAll({ keep: { last: 1 } });
    expect(held()).toEqual([md5Of('a\n2\n')]);
    expect(await answer.text()).toBe('a\n1\n');
  });
});

describe('pushes beside collections', () => {
  it('of the same bytes at once are one object, also out of the trash', async () => {
    const oid = await service.hold('by sixteen');
    await wait();
    await gc({});
    const sent = await Promise.all(
      Array.from({ length: 16 }, () => service.send('PUT', `/v1/objects/${oid}`, 'by sixteen')),
    );
    expect(sent.every(({ status: code }) => code === 200 || code === 201)).toBe(true);
    expect(await service.ctx.sql`select oid from objects`).toEqual([{ oid }]);
    expect(await service.ctx.sql`select oid from object_tombstones`).toHaveLength(0);
    expect(await object(oid)).toBe(200);
  });

  it('never lose what was acknowledged', async () => {
    const texts = Array.from({ length: 12 }, (_, i) => `racing ${i}`);
    let over = false;
    const collecting = (async () => {
      while (!over) {
        await service.ctx.sql`update objects set received_at = now() - interval '30 days'`;
        await service.ctx.sql`update object_tombstones set trashed_at = now() - interval '30 days'`;
        const begun = await service.send('POST', '/v1/gc', {});
        await advanceStorageRun(service.ctx, { runId: String(begun.body.id) });
      }
    })();
    const outcomes = new Map<number, number>();
    try {
      for (let round = 0; round < 25; round++) {
        const statuses = await Promise.all(texts.map((text) => push(text, 'race').then((answer) => answer.status)));
        for (const code of statuses) outcomes.set(code, (outcomes.get(code) ?? 0) + 1);
        // As a user would delete them, so that the next round pushes old unreferenced objects again.
        const acknowledged = texts.filter((_, i) => (statuses[i] ?? 500) < 300);
        for (const text of acknowledged) {
          expect(service.remote.objects.has(md5Of(text)), text).toBe(true);
          expect(await object(md5Of(text))).toBe(200);
        }
        await service.ctx.sql`update versions set trashed_at = now(), purged_at = now()`;
      }
    } finally {
      over = true;
      await collecting;
    }
    expect([...outcomes.keys()].every((code) => [200, 201, 503].includes(code))).toBe(true);
    // How many find their bytes just going hangs on which is faster.
    expect((outcomes.get(200) ?? 0) + (outcomes.get(201) ?? 0)).toBeGreaterThan(0);
  });
});

describe('the schedule', () => {
  it('empties what somebody put into the trash, and gives up nothing of itself', async () => {
    await push('a\n1\n');
    await push('a\n2\n');
    const loose = await service.hold('loose');
    await gc({ keep: { last: 1 }, unreferenced: false });
    for (let round = 0; round < 6; round++) {
      await beginDueRuns(service.ctx);
      await service.drain();
      await wait();
    }
    expect(held()).toEqual([loose, md5Of('a\n2\n')].sort());
    const runs = (await service.send('GET', '/v1/remote/runs?kind=collect')).body.items as { author: string }[];
    expect(runs.some(({ author }) => author === 'system')).toBe(true);
    expect(runs.length).toBeLessThan(6);
  });
});
