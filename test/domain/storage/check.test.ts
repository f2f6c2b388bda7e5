import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Context } from '../../../src/context.ts';
import { md5Of } from '../../support/datasets.ts';
import { meanwhile } from '../../support/meanwhile.ts';
import { type StorageService, startStorageService } from '../../support/storage.ts';

let service: StorageService;
beforeAll(async () => {
  service = await startStorageService();
  await service.send('POST', '/v1/projects', { name: 'other' });
});
afterAll(() => service.close());
beforeEach(async () => {
  await service.ctx.sql`truncate storage_findings, storage_runs, jobs, manifest_entries, objects, object_tombstones,
    versions, datasets, version_profiles restart identity cascade`;
  service.remote.objects.clear();
});

const check = async (): Promise<string[]> => (await service.findings(await service.work('/v1/remote/check'))).sort();

describe('a check', () => {
  it('finds nothing where database and remote agree, whatever has been pushed, deleted and given up', async () => {
    await service.send('POST', '/v1/datasets/d/versions?path=x.csv', 'a\n1\n');
    await service.send('POST', '/v1/datasets/d/versions', { oid: await service.holdFolder({ a: 'a', 'b/c': 'c' }) });
    await service.hold('loose');
    // In no order: the manifest has its own.
    const files = ['c', 'a'].map((text) => ({ path: `${text}.txt`, md5: md5Of(text) }));
    await service.send('POST', '/v1/datasets/listed/versions', { files });
    await service.send('PUT', `/v1/objects/${md5Of('theirs')}`, 'theirs', { 'tidemark-project': 'other' });
    const run = await service.work('/v1/remote/check');
    expect(run).toMatchObject({ state: 'done', progress: { objects: 6, manifests: 2, versions: 3, findings: 0 } });
    await service.ctx.sql`update objects set received_at = now() - interval '9 days'`;
    await service.work('/v1/gc', { keep: { last: 1 } });
    expect(await check()).toEqual([]);
    await service.ctx.sql`update object_tombstones set trashed_at = now() - interval '9 days'`;
    await service.work('/v1/gc', {});
    expect(await check()).toEqual([]);
    expect(service.remote.objects.has(md5Of('loose'))).toBe(false);
  });

  it('names what is quarantined, though its size is right, until it is healed', async () => {
    await service.send('POST', '/v1/datasets/d/versions?path=x.csv', 'a\n1\n');
    const oid = md5Of('a\n1\n');
    service.remote.objects.set(oid, Buffer.from('a\n7\n'));
    expect(await check()).toEqual([]);
    await service.work('/v1/remote/scrub');
    const run = await service.work('/v1/remote/check');
    expect(run.progress).toMatchObject({ quarantined: 1, findings: 1 });
    const { body } = await service.send('GET', `/v1/remote/runs/${run.id}/findings`);
    expect(body.items).toMatchObject([
      { code: 'quarantined', oid, detail: expect.stringContaining('Versions that have it: 1, first d@v1 (x.csv)') },
    ]);
    await service.send('PUT', `/v1/objects/${oid}`, 'a\n1\n');
    expect(await check()).toEqual([]);
  });

  it('says nothing of a version that a collection gives up while it is looked at', async () => {
    await service.send('POST', '/v1/datasets/d/versions?path=x.csv', 'a\n1\n');
    const { sql } = service.ctx;
    const begun = await service.send('POST', '/v1/remote/check', {});
    await sql`update storage_runs set cursor = '{"phase": "versions", "after": "0"}'`;
    await meanwhile(
      sql,
      async (tx) => {
        await tx`lock table objects`;
        await tx`update versions set trashed_at = now(), purged_at = now()`;
        await tx`delete from objects`;
      },
      () => service.drain(),
    );
    const run = await service.send('GET', `/v1/remote/runs/${String(begun.body.id)}`);
    expect(run.body).toMatchObject({ state: 'done', progress: { versions: 1, findings: 0 } });
  });

  it('finds what is dangling, orphaned or of a wrong size', async () => {
    const [lost, short] = [await service.hold('lost'), await service.hold('short')];
    await service.hold('fine');
    service.remote.objects.delete(lost);
    service.remote.objects.set(short, new Uint8Array(2));
    service.remote.objects.set(md5Of('nobody'), new Uint8Array(6));
    expect(await check()).toEqual(
      [`dangling ${lost}`, `wrong-size ${short}`, `orphaned ${md5Of('nobody')}`].toSorted(),
    );
    // It only says so.
    expect((await service.send('GET', '/v1/remote')).body).toMatchObject({ quarantined: 0 });
  });

  it('finds what was removed and lies there again, and what is lost in the trash', async () => {
    const [gone, trashed] = [await service.hold('gone'), await service.hold('trashed')];
    await service.ctx.sql`update objects set received_at = now() - interval '9 days'`;
    await service.work('/v1/gc', {});
    await service.ctx.sql`update object_tombstones set trashed_at = now() - interval '9 days' where oid = ${gone}`;
    await service.work('/v1/gc', {});
    service.remote.objects.set(gone, new TextEncoder().encode('gone'));
    service.remote.objects.delete(trashed);
    expect(await check()).toEqual([`dangling ${trashed}`, `orphaned ${gone}`]);
  });

  it('takes nothing that was derived as given: entries, members, totals and roots', async () => {
    const first = await service.holdFolder({ a: 'a', b: 'b' });
    const second = await service.holdFolder({ c: 'c', d: 'd' });
    const third = await service.holdFolder({ e: 'e' });
    for (const oid of [first, second, third]) await service.send('POST', '/v1/datasets/d/versions', { oid });
    const { sql } = service.ctx;
    await sql`update manifest_entries set path = 'z' where oid = ${first} and path = 'b'`;
    await sql`delete from objects where oid = ${md5Of('c')}`;
    await sql`update versions set bytes = bytes + 1 where oid = ${third}`;
    const found = await check();
    expect(found).toEqual(
      [
        `wrong-entries ${first}`,
        `wrong-root ${first}`,
        `missing-members ${second}`,
        `wrong-totals ${second}`,
        `wrong-totals ${third}`,
        `orphaned ${md5Of('c')}`,
      ].toSorted(),
    );
    await sql`delete from objects where oid = ${third}`;
    expect(await check()).toContain(`dangling-version ${third}`);
  });

  it('goes on with what an earlier release began, behind the names that it had done', async () => {
    const texts = Array.from({ length: 40 }, (_, i) => `lost ${i}`);
    for (const text of texts) await service.hold(text);
    service.remote.objects.clear();
    const begun = await service.send('POST', '/v1/remote/check', {});
    await service.ctx.sql`update storage_runs set cursor = '{"phase": "objects", "after": "7f"}'`;
    await service.drain();
    const run = await service.send('GET', `/v1/remote/runs/${String(begun.body.id)}`);
    const behind = texts.map(md5Of).filter((oid) => oid.slice(0, 2) > '7f').length;
    expect(run.body).toMatchObject({ state: 'done', progress: { objects: behind, dangling: behind } });
  });

  it('goes on where it was killed, and says each thing once', async () => {
    const texts = Array.from({ length: 60 }, (_, i) => `lost ${i}`);
    for (const text of texts) await service.hold(text);
    service.remote.objects.clear();
    // A moment after each name, so that steps are short; dead with the thirtieth.
    let clock = service.ctx.now().getTime();
    let names = 0;
    const dying: Context = {
      ...service.ctx,
      now: () => {
        if (++names === 30) throw new Error('killed');
        clock += 400;
        return new Date(clock);
      },
      remote: service.remote,
    };
    const begun = await service.send('POST', '/v1/remote/check', {});
    await service.drain(['advance-storage-run'], dying);
    await service.ctx.sql`update jobs set run_at = now() - interval '1 second'`;
    await service.drain(['advance-storage-run'], dying);
    const run = (await service.send('GET', `/v1/remote/runs/${String(begun.body.id)}`)).body;
    expect(run).toMatchObject({ state: 'done', progress: { objects: 60, dangling: 60, findings: 60 } });
    const page = await service.send('GET', `/v1/remote/runs/${String(begun.body.id)}/findings?limit=40`);
    const rest = await service.send(
      'GET',
      `/v1/remote/runs/${String(begun.body.id)}/findings?cursor=${String(page.body.next)}`,
    );
    const oids = [page, rest].flatMap(({ body }) => (body.items as { oid: string }[]).map(({ oid }) => oid));
    expect(oids.toSorted()).toEqual(texts.map(md5Of).toSorted());
  });
});
