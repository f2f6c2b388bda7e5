import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { collidingPair } from '../support/bytes.ts';
import { md5Of } from '../support/datasets.ts';
import { type StorageService, startStorageService } from '../support/storage.ts';

let service: StorageService;
beforeAll(async () => {
  service = await startStorageService();
});
afterAll(() => service.close());
beforeEach(() => service.ctx.sql`truncate audit`);

type Entry = { action: string; subject: string; author: string; request_id: string | null; details: object };
const read = async (query = ''): Promise<Entry[]> => {
  const { status, body, text } = await service.send('GET', `/v1/audit${query}`);
  if (status !== 200) throw new Error(text);
  return body.items as Entry[];
};
const told = async (query = ''): Promise<string[]> =>
  (await read(query)).map(({ action, subject, author }) => `${author}: ${action} ${subject}`);
const push = (text: string, dataset: string, query = '') =>
  service.send('POST', `/v1/datasets/${dataset}/versions?path=x.csv${query}`, text);

describe('the audit', () => {
  it('has what is done to versions and datasets, with the request', async () => {
    await push('a\n1\n', 'd', '&tag=prod');
    await push('a\n2\n', 'd');
    await service.send('PATCH', '/v1/datasets/d/versions/v2', { message: 'new' });
    const gone = await service.send('DELETE', '/v1/datasets/d/versions/v2');
    await service.send('DELETE', '/v1/datasets/d/versions/v2');
    await service.send('POST', '/v1/datasets/d/versions/v2/restore');
    await service.send('POST', '/v1/datasets/d/versions/v2/restore');
    await service.send('PUT', '/v1/datasets/d/retention', { last: 3 });
    await service.send('DELETE', '/v1/datasets/d');
    await service.send('DELETE', '/v1/datasets/d');
    await service.send('POST', '/v1/datasets/d/restore');
    await service.send('DELETE', '/v1/datasets/d/versions/v2');
    await push('a\n2\n', 'd');
    expect((await told()).toReversed()).toEqual([
      'anonymous: tag.set d@prod',
      'anonymous: version.noted d@v2',
      'anonymous: version.trashed d@v2',
      'anonymous: version.restored d@v2',
      'anonymous: dataset.retention-set d',
      'anonymous: dataset.deleted d',
      'anonymous: dataset.restored d',
      'anonymous: version.trashed d@v2',
      'anonymous: version.restored d@v2',
    ]);
    const [, trashed] = await read('?action=version.trashed');
    expect(trashed).toMatchObject({ request_id: gone.headers.get('x-request-id'), details: { oid: md5Of('a\n2\n') } });
  });

  it('has a tag that moves, and not one that stays', async () => {
    for (const text of ['t\n1\n', 't\n2\n']) await push(text, 'tagged');
    const put = (body: object) => service.send('PUT', '/v1/datasets/tagged/tags/prod', body);
    for (const body of [{ ref: 'v1' }, { ref: 'v1' }, { ref: 'v2' }, { ref: 'v2', fixed: true }]) await put(body);
    expect((await put({ ref: 'v1' })).status).toBe(409);
    await service.send('DELETE', '/v1/datasets/tagged/tags/prod?fixed=true');
    const entries = (await read()).toReversed();
    expect(entries.map(({ action, details }) => [action, details])).toEqual([
      ['tag.set', { version: 'v1', from: null, fixed: false }],
      ['tag.set', { version: 'v2', from: 'v1', fixed: false }],
      ['tag.set', { version: 'v2', from: 'v2', fixed: true }],
      ['tag.removed', {}],
    ]);
  });

  it.each([
    ['by itself', (oid: string) => ['GET', `/v1/objects/${oid}`]],
    ['in part', (oid: string) => ['GET', `/v1/objects/${oid}`, undefined, { range: 'bytes=1-2' }]],
    ['by dvc', (oid: string) => ['GET', `/dvc/default/files/md5/${oid.slice(0, 2)}/${oid.slice(2)}`]],
    ['in a pack', (oid: string) => ['POST', '/v1/objects/unpack', { oids: [oid] }]],
    ['in an archive', () => ['GET', '/v1/datasets/met/versions/latest/archive']],
    ['as a file', () => ['GET', '/v1/datasets/met/versions/latest/files/m.csv']],
  ] as [string, (oid: string) => Parameters<typeof service.send>][])(
    'names who met what is corrupt, %s',
    async (how, ask) => {
      const text = `m\n${how}\n`;
      await service.send('POST', '/v1/datasets/met/versions?path=m.csv', text);
      const oid = md5Of(text);
      await service.ctx.sql`truncate audit`;
      service.remote.objects.set(oid, Buffer.from(text.replace('m', 'n')));
      // What has begun breaks off.
      await service.send(...ask(oid)).catch(() => {});
      expect(await told()).toEqual([`anonymous: object.quarantined ${oid}`]);
      await service.send('POST', '/v1/datasets/met/versions?path=m.csv', text);
      expect(await told()).toContain(`anonymous: object.healed ${oid}`);
      await service.ctx.sql`truncate audit`;
    },
  );

  it('has what becomes of objects: quarantined, healed, restored, removed', async () => {
    const oid = await service.hold('rotten');
    service.remote.objects.set(oid, Buffer.from('rotteN'));
    expect((await service.send('GET', `/v1/objects/${oid}`)).status).toBe(404);
    expect((await service.send('GET', `/v1/objects/${oid}`)).status).toBe(404);
    await service.send('PUT', `/v1/objects/${oid}`, 'rotten');
    service.remote.objects.set(oid, Buffer.from('rotteN'));
    await service.work('/v1/remote/scrub');
    service.remote.objects.set(oid, Buffer.from('rotten'));
    await service.work('/v1/remote/scrub');
    expect((await told()).toReversed()).toEqual([
      `anonymous: object.quarantined ${oid}`,
      `anonymous: object.healed ${oid}`,
      `scrub: object.quarantined ${oid}`,
      `scrub: object.healed ${oid}`,
    ]);
    await service.ctx.sql`truncate audit`;
    await service.ctx.sql`update objects set received_at = now() - interval '30 days' where oid = ${oid}`;
    await service.work('/v1/gc');
    await service.send('POST', `/v1/objects/${oid}/restore`);
    await service.ctx.sql`update objects set received_at = now() - interval '30 days' where oid = ${oid}`;
    await service.work('/v1/gc');
    await service.ctx.sql`update object_tombstones set trashed_at = now() - interval '90 days'`;
    const run = await service.work('/v1/gc');
    expect((await told()).toReversed()).toEqual([
      `anonymous: object.restored ${oid}`,
      `anonymous: objects.removed ${run.id}`,
    ]);
    expect((await read())[0]?.details).toMatchObject({ objects_removed: 1, removed_bytes: 6, oids: [oid] });
  });

  it('has what a collection puts into the trash and gives up', async () => {
    for (const text of ['c\n1\n', 'c\n2\n', 'c\n3\n']) await push(text, 'collected');
    const run = await service.work('/v1/gc', { dataset: 'collected', keep: { last: 2 } });
    expect(await read()).toMatchObject([
      { action: 'version.trashed', subject: 'collected@v1', details: { run: run.id, oid: md5Of('c\n1\n') } },
    ]);
    await service.ctx.sql`update versions set trashed_at = now() - interval '90 days' where trashed_at is not null`;
    await service.work('/v1/gc');
    expect(await told('?action=version.purged')).toEqual(['anonymous: version.purged collected@v1']);
  });

  it('has a second content under one MD5, whatever way it came', async () => {
    const [first, second] = collidingPair().map((bytes) => Buffer.from(bytes));
    const oid = md5Of(first ?? '');
    await service.send('PUT', `/v1/objects/${oid}`, first);
    const ways = [
      await service.send('PUT', `/v1/objects/${oid}`, second),
      await service.send('POST', '/v1/datasets/swap/versions?path=x.bin', second),
      await service.send('POST', `/dvc/default/swap/files/md5/${oid.slice(0, 2)}/${oid.slice(2)}`, second),
    ];
    expect(ways.map(({ status }) => status)).toEqual([409, 409, 409]);
    expect(await read()).toMatchObject(
      ways.toReversed().map(({ headers }) => ({
        action: 'object.digest-conflict',
        subject: oid,
        author: 'anonymous',
        request_id: headers.get('x-request-id'),
      })),
    );
  });

  it('is read by pages and by filters', async () => {
    for (let i = 0; i < 5; i++) await push(`p\n${i}\n`, 'pages', `&tag=t${i % 2}`);
    const first = await service.send('GET', '/v1/audit?limit=2&action=tag.set');
    const items = first.body.items as Entry[];
    const next = await service.send('GET', `/v1/audit?limit=10&action=tag.set&cursor=${String(first.body.next)}`);
    expect([...items, ...(next.body.items as Entry[])].map(({ details }) => details)).toMatchObject(
      [5, 4, 3, 2, 1].map((n) => ({ version: `v${n}` })),
    );
    expect(next.body.next).toBeNull();
    expect(await told('?subject=pages@t1')).toHaveLength(2);
    expect(await told('?author=nobody')).toEqual([]);
    expect(await told('?since=2099-01-01T00:00:00Z')).toEqual([]);
    expect(await told('?until=2099-01-01T00:00:00Z')).toHaveLength(5);
    expect(await told(`?request_id=${items[0]?.request_id}`)).toHaveLength(1);
    for (const query of ['?action=drop', '?since=yesterday', '?limit=0', '?cursor=zz', '?nothing=1']) {
      expect((await service.send('GET', `/v1/audit${query}`)).status, query).toBe(400);
    }
    expect((await service.send('GET', '/v1/audit', undefined, { 'tidemark-project': 'other' })).status).toBe(404);
  });

  // Last: from the first key on, the service lets only keys in.
  it('has who made a key and revoked it, and never the key', async () => {
    const send = (method: string, path: string, body?: object, key?: string) =>
      service.send(method, path, body, key === undefined ? {} : { authorization: `Bearer ${key}` });
    const made = await send('POST', '/v1/keys', { name: 'boss', scopes: ['admin'] });
    const boss = String(made.body.key);
    const ci = await send('POST', '/v1/keys', { name: 'ci', scopes: ['data:write'] }, boss);
    await send('DELETE', `/v1/keys/${String(ci.body.id)}`, undefined, boss);
    await send('DELETE', `/v1/keys/${String(ci.body.id)}`, undefined, boss);
    const { body, text } = await send('GET', '/v1/audit', undefined, boss);
    const by = `key:${String(made.body.id)} (boss)`;
    expect(body.items).toMatchObject([
      { action: 'key.revoked', subject: ci.body.id, author: by },
      { action: 'key.made', subject: ci.body.id, author: by, details: { name: 'ci', scopes: ['data:write'] } },
      { action: 'key.made', subject: made.body.id, author: 'anonymous', details: { name: 'boss' } },
    ]);
    expect(text).not.toContain(boss.split('_')[2] ?? boss);
    const low = await send('POST', '/v1/keys', { name: 'low', scopes: ['data:write', 'data:read'] }, boss);
    expect((await send('GET', '/v1/audit', undefined, String(low.body.key))).status).toBe(403);
  });
});
