import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Context } from '../../../src/context.ts';
import { advanceStorageRun } from '../../../src/domain/storage/advance.ts';
import { TidemarkError } from '../../../src/errors.ts';
import type { ObjectRemote } from '../../../src/store/remotes/remote.ts';
import { md5Of } from '../../support/datasets.ts';
import { type StorageService, startStorageService } from '../../support/storage.ts';

let service: StorageService;
beforeAll(async () => {
  service = await startStorageService();
});
afterAll(() => service.close());
beforeEach(async () => {
  await service.ctx.sql`delete from storage_findings`;
  await service.ctx.sql`delete from storage_runs`;
  await service.ctx.sql`delete from jobs`;
  await service.ctx.sql`delete from manifest_entries`;
  await service.ctx.sql`delete from objects`;
  service.remote.objects.clear();
});

/** The context with some of the remote's methods replaced. */
function withRemote(change: (remote: ObjectRemote) => Partial<ObjectRemote>): Context {
  const remote = new Proxy(service.remote as ObjectRemote, {
    get: (target, name) => Reflect.get(change(target), name) ?? Reflect.get(target, name).bind(target),
  });
  return { ...service.ctx, remote };
}

const age = () => service.ctx.sql`update objects set verified_at = now() - interval '90 days'`;
const verifiedLately = async (): Promise<string[]> => {
  const rows = await service.ctx.sql<{ oid: string }[]>`
    select oid from objects where verified_at > now() - interval '1 day' order by oid`;
  return rows.map((row) => row.oid);
};
const begin = async (): Promise<string> => String((await service.send('POST', '/v1/remote/scrub', {})).body.id);
const flip = (oid: string): void => {
  const bytes = service.remote.objects.get(oid) ?? new Uint8Array(1);
  service.remote.objects.set(oid, bytes.with(0, (bytes[0] ?? 0) ^ 1));
};

describe('a scrub', () => {
  it('reads every object and notes when', async () => {
    const oids = [await service.hold('one'), await service.hold('two'), await service.hold('')];
    await age();
    const run = await service.work('/v1/remote/scrub');
    expect(run).toMatchObject({ state: 'done', progress: { objects: 3, good: 3, bytes: 6, findings: 0 } });
    expect(await verifiedLately()).toEqual(oids.toSorted());
    expect((await service.send('GET', '/v1/remote')).body).toMatchObject({ objects: 3, bytes: 6, quarantined: 0 });
  });

  it('leaves out what was read lately, when it is asked to', async () => {
    const [old, young] = [await service.hold('old'), await service.hold('young')];
    await service.ctx.sql`update objects set verified_at = now() - interval '90 days' where oid = ${old}`;
    const run = await service.work('/v1/remote/scrub', { unread_seconds: 86_400 });
    expect(run.progress.objects).toBe(1);
    expect(await verifiedLately()).toEqual([old, young].toSorted());
  });

  it('quarantines what is corrupt and what is lost, with every folder that lists it, and good bytes heal', async () => {
    const folder = await service.holdFolder({ 'a.csv': 'aaa', 'b.csv': 'bbb', 'c.csv': 'ccc' });
    const whole = await service.holdFolder({ 'c.csv': 'ccc' });
    await age();
    flip(md5Of('aaa'));
    service.remote.objects.delete(md5Of('bbb'));
    const run = await service.work('/v1/remote/scrub');
    expect(run.progress).toMatchObject({ corrupt: 1, missing: 1, good: 3, findings: 2 });
    expect(await service.findings(run)).toEqual(
      [`corrupt ${md5Of('aaa')}`, `missing ${md5Of('bbb')}`].toSorted((a, b) =>
        a.slice(-32).localeCompare(b.slice(-32)),
      ),
    );
    for (const oid of [md5Of('aaa'), md5Of('bbb'), folder]) {
      expect((await service.send('GET', `/v1/objects/${oid}`)).status, oid).toBe(404);
    }
    expect((await service.send('GET', `/v1/objects/${whole}`)).status).toBe(200);
    const listed = await service.send('GET', '/v1/remote/quarantined?limit=1');
    expect(listed.body.items).toHaveLength(1);
    const rest = await service.send('GET', `/v1/remote/quarantined?cursor=${String(listed.body.next)}`);
    expect(rest.body).toMatchObject({ items: [{}], next: null });

    expect((await service.send('PUT', `/v1/objects/${md5Of('aaa')}`, 'aaa')).status).toBe(201);
    expect((await service.send('GET', `/v1/objects/${folder}`)).status).toBe(404);
    expect((await service.send('PUT', `/v1/objects/${md5Of('bbb')}`, 'bbb')).status).toBe(201);
    expect((await service.send('GET', `/v1/objects/${folder}`)).status).toBe(200);
    expect((await service.send('GET', '/v1/remote')).body).toMatchObject({ quarantined: 0 });
  });

  it('heals what was quarantined when its bytes came back by another way', async () => {
    const oid = await service.hold('restored from a backup');
    const good = service.remote.objects.get(oid) ?? new Uint8Array();
    flip(oid);
    await service.work('/v1/remote/scrub');
    expect((await service.send('GET', `/v1/objects/${oid}`)).status).toBe(404);
    service.remote.objects.set(oid, good);
    expect((await service.work('/v1/remote/scrub')).progress).toMatchObject({ healed: 1, findings: 0 });
    expect((await service.send('GET', `/v1/objects/${oid}`)).text).toBe('restored from a backup');
  });

  it('tells the receivers which versions are hit, once', async () => {
    await service.send('POST', '/v1/webhooks', { url: 'https://hooks.example/x' });
    await service.send('POST', '/v1/datasets/d/versions?path=x.csv', 'a\n1\n');
    await service.hold('of no version');
    flip(md5Of('a\n1\n'));
    flip(md5Of('of no version'));
    for (const _ of ['first', 'second']) await service.work('/v1/remote/scrub');
    const messages = await service.ctx.sql<{ body: string }[]>`
      select body from messages where type = 'dataset.version.quarantined'`;
    expect(messages).toHaveLength(1);
    expect(JSON.parse(messages[0]?.body ?? '')).toMatchObject({
      subject: md5Of('a\n1\n'),
      data: { object: md5Of('a\n1\n'), versions_total: 1, versions: [{ dataset: 'd', version: 1 }] },
    });
  });

  it('is one at a time in a project', async () => {
    await service.hold('x');
    const first = await service.send('POST', '/v1/remote/scrub', {});
    const second = await service.send('POST', '/v1/remote/scrub', {});
    expect([first.status, second.status, second.body.id]).toEqual([202, 200, first.body.id]);
    await service.drain();
    expect((await service.send('GET', '/v1/remote/runs?kind=scrub')).body.items).toHaveLength(1);
  });

  it('keeps to the rate that is allowed, on average', async () => {
    let now = service.ctx.now().getTime();
    const slow: Context = {
      ...withRemote((remote) => ({
        read: (oid, options) => {
          now += 4000;
          return remote.read(oid, options);
        },
      })),
      config: { ...service.ctx.config, storage: { ...service.ctx.config.storage, scrubMegabytesPerSecond: 1e-6 } },
      now: () => new Date(now),
    };
    await service.hold('ten bytes!');
    const id = await begin();
    await service.drain(['advance-storage-run'], slow);
    const [job] = await service.ctx.sql<{ pause: number }[]>`
      select extract(epoch from run_at - created_at)::float8 pause from jobs where name = 'advance-storage-run'`;
    // Ten bytes take ten seconds, four of which the reading took.
    expect(job?.pause).toBeCloseTo(6, 1);
    await service.ctx.sql`update jobs set run_at = now() - interval '1 second'`;
    await service.drain();
    expect((await service.send('GET', `/v1/remote/runs/${id}`)).body).toMatchObject({ state: 'done' });
  });
});

describe('a scrub that is interrupted', () => {
  const big = 40 * 1024 ** 2;
  const contents = ['1', '2', '3', '4'].map((mark) => mark.repeat(big));

  it('goes on behind what it had written, and notes nothing as read that was not', async () => {
    for (const content of contents) await service.hold(content);
    await age();
    const id = await begin();
    let reads = 0;
    const dying = withRemote((remote) => ({
      read: (oid, options) => {
        // Two objects are a step; the process dies in the second one.
        if (++reads === 3) throw new Error('killed');
        return remote.read(oid, options);
      },
    }));
    await service.drain(['advance-storage-run'], dying);
    const before = await verifiedLately();
    expect(before).toHaveLength(2);
    expect(before).toEqual(contents.map(md5Of).toSorted().slice(0, 2));
    const seen: string[] = [];
    const counting = withRemote((remote) => ({
      read: (oid, options) => {
        seen.push(oid);
        return remote.read(oid, options);
      },
    }));
    await service.ctx.sql`update jobs set run_at = now() - interval '1 second'`;
    await service.drain(['advance-storage-run'], counting);
    await service.ctx.sql`update jobs set run_at = now() - interval '1 second'`;
    await service.drain(['advance-storage-run'], counting);
    expect((await service.send('GET', `/v1/remote/runs/${id}`)).body).toMatchObject({
      state: 'done',
      progress: { objects: 4, good: 4 },
    });
    expect(seen.toSorted()).toEqual(contents.map(md5Of).toSorted().slice(2));
    expect(await verifiedLately()).toHaveLength(4);
  });

  it('and taken over writes nothing more when its worker wakes up', async () => {
    const oid = await service.hold('read by two');
    await age();
    const id = await begin();
    let wake: () => void = () => {};
    const asleep = new Promise<void>((resolve) => {
      wake = resolve;
    });
    let reading: () => void = () => {};
    const began = new Promise<void>((resolve) => {
      reading = resolve;
    });
    const sleepy = withRemote((remote) => ({
      read: async (name, options) => {
        reading();
        await asleep;
        return remote.read(name, options);
      },
    }));
    const late = advanceStorageRun(sleepy, { runId: id });
    await began;
    await advanceStorageRun(service.ctx, { runId: id });
    const [after] = await service.ctx.sql`select verified_at, progress from objects, storage_runs where oid = ${oid}`;
    // Meanwhile the bytes rot; the sleeper will find it, and must not say it twice.
    flip(oid);
    wake();
    await late;
    expect(await service.ctx.sql`select verified_at, progress from objects, storage_runs where oid = ${oid}`).toEqual([
      after,
    ]);
    expect(await service.ctx.sql`select 1 from storage_findings`).toHaveLength(0);
  });

  it('does not quarantine bytes that were healed while it read the bad ones', async () => {
    const oid = await service.hold('healed meanwhile');
    flip(oid);
    const id = await begin();
    const meanwhile = withRemote((remote) => ({
      read: async (name, options) => {
        const read = await remote.read(name, options);
        const bytes: Uint8Array[] = [];
        for await (const chunk of read) bytes.push(chunk);
        await service.send('PUT', `/v1/objects/${oid}`, 'healed meanwhile');
        return (async function* () {
          yield* bytes;
        })();
      },
    }));
    await advanceStorageRun(meanwhile, { runId: id });
    expect((await service.send('GET', `/v1/objects/${oid}`)).text).toBe('healed meanwhile');
  });

  it('waits while the store is away, and quarantines nothing for it', async () => {
    const oid = await service.hold('not lost');
    const id = await begin();
    const away = new TidemarkError('store-unavailable', 'The object store is not available.');
    const gone = withRemote(() => ({
      read: () => Promise.reject(away),
      probe: () => Promise.reject(away),
    }));
    await service.drain(['advance-storage-run'], gone);
    expect((await service.send('GET', `/v1/remote/runs/${id}`)).body).toMatchObject({
      state: 'running',
      error: away.message,
    });
    await service.ctx.sql`update jobs set run_at = now() - interval '1 second'`;
    await service.drain();
    expect((await service.send('GET', `/v1/remote/runs/${id}`)).body).toMatchObject({ state: 'done', error: null });
    expect((await service.send('GET', `/v1/objects/${oid}`)).status).toBe(200);
  });

  it('says what one object cannot be read for, and goes on with the others', async () => {
    const oids = [await service.hold('a'), await service.hold('b')].toSorted();
    const id = await begin();
    const sick = withRemote((remote) => ({
      read: (oid, options) =>
        oid === oids[0] ? Promise.reject(new TidemarkError('store-unavailable', 'EIO')) : remote.read(oid, options),
    }));
    await service.drain(['advance-storage-run'], sick);
    const run = (await service.send('GET', `/v1/remote/runs/${id}`)).body;
    expect(run).toMatchObject({ state: 'done', progress: { unreadable: 1, good: 1, findings: 1 } });
    expect((await service.send('GET', `/v1/objects/${oids[0]}`)).status).toBe(200);
  });
});

describe('the schedule', () => {
  it('begins a scrub when an object was not read for the time that is set, and not again', async () => {
    const { beginDueRuns } = await import('../../../src/domain/storage/due.ts');
    const runs = async () => (await service.send('GET', '/v1/remote/runs')).body.items;
    await service.hold('young');
    await beginDueRuns(service.ctx);
    expect(await runs()).toEqual([]);
    await age();
    for (const _ of [1, 2]) await beginDueRuns(service.ctx);
    await service.drain();
    await age();
    await beginDueRuns(service.ctx);
    expect(await runs()).toMatchObject([{ kind: 'scrub', author: 'system', state: 'done' }]);
  });
});
