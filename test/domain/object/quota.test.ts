import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { packEnd, packLine } from '../../../src/formats/object-pack.ts';
import { type DatasetService, md5Of, startDatasetService } from '../../support/datasets.ts';

const QUOTA = 10_000;
const FULL = [507, 'https://tidemark.dev/problems/quota-exceeded'];

let service: DatasetService;
beforeAll(async () => {
  service = await startDatasetService({ TIDEMARK_MAX_PROJECT_BYTES: String(QUOTA) });
});
afterAll(() => service.close());
beforeEach(async () => {
  await service.ctx.db.execute(sql`delete from objects`);
  service.remote.objects.clear();
});

const bytes = (size: number, letter: string) => letter.repeat(size);
const told = ({ status, body }: Awaited<ReturnType<DatasetService['send']>>) => [status, body.type];
const put = (body: string, headers?: Record<string, string>) =>
  service.send('PUT', `/v1/objects/${md5Of(body)}`, body, headers);
const push = (body: string) => service.send('POST', '/v1/datasets/d/versions?path=x', body);
const dvc = (body: string) => {
  const oid = md5Of(body);
  return service.send('POST', `/dvc/default/d/files/md5/${oid.slice(0, 2)}/${oid.slice(2)}`, body);
};
const legacy = (body: string) => {
  const oid = md5Of(body);
  return service.send('POST', `/dvc/default/d/${oid.slice(0, 2)}/${oid.slice(2)}`, body);
};
const pack = (...bodies: string[]) => {
  const members = bodies.flatMap((body) => [packLine({ md5: md5Of(body), size: body.length }), Buffer.from(body)]);
  return service.send('POST', '/v1/objects/pack', Buffer.concat([...members, packEnd(bodies.length)]));
};
const begin = (body: string) => service.send('POST', '/v1/uploads', { oid: md5Of(body), size: body.length });
const announced = (body: string) => ({ 'content-length': String(body.length) });

describe('the quota of a project', () => {
  it('refuses what would pass it, on every way in, and stores nothing of that', async () => {
    expect((await put(bytes(9000, 'a'))).status).toBe(201);
    const large = bytes(2000, 'b');
    expect(told(await put(large, announced(large)))).toEqual(FULL);
    expect(told(await put(large))).toEqual(FULL);
    expect(told(await push(large))).toEqual(FULL);
    expect(told(await dvc(large))).toEqual(FULL);
    expect(told(await legacy(large))).toEqual(FULL);
    expect(told(await begin(large))).toEqual(FULL);
    expect(told(await pack(bytes(400, 'c'), bytes(1800, 'd')))).toEqual(FULL);
    expect([...service.remote.objects.keys()]).toEqual([md5Of(bytes(9000, 'a'))]);
  });

  it('says how much is held and what can be done', async () => {
    await put(bytes(9000, 'a'));
    expect((await push(bytes(2000, 'b'))).body).toMatchObject({
      detail: expect.stringMatching(/holds 9000 bytes and may hold 10000.*tidemark gc/),
      quota: QUOTA,
      held: 9000,
    });
  });

  it('takes what fits, to its last byte, and what is held already', async () => {
    const half = bytes(5000, 'a');
    expect((await put(half, announced(half))).status).toBe(201);
    expect((await pack(bytes(5000, 'b'))).status).toBe(200);
    expect((await put(half)).status).toBe(200);
    expect((await pack(half, bytes(5000, 'b'))).body).toEqual({ members: 2, created: 0 });
    expect(told(await put('c'))).toEqual(FULL);
  });

  it('is that of one project, and there is room again once bytes are gone', async () => {
    await put(bytes(QUOTA, 'a'));
    expect(told(await put('b'))).toEqual(FULL);
    await service.ctx.db.execute(sql`insert into projects (name) values ('other')`);
    expect((await put('b', { 'tidemark-project': 'other' })).status).toBe(201);
    // As a collection does it.
    await service.ctx.db.execute(sql`delete from objects where oid = ${md5Of(bytes(QUOTA, 'a'))}`);
    expect((await put('b')).status).toBe(201);
  });

  it('counts what an upload in parts has become', async () => {
    const body = bytes(6000, 'p');
    const id = String((await begin(body)).body.id);
    expect((await service.send('PUT', `/v1/uploads/${id}/parts/1`, body)).status).toBe(200);
    await put(bytes(5000, 'a'));
    expect(told(await service.send('POST', `/v1/uploads/${id}/complete`))).toEqual(FULL);
    expect(service.remote.objects.has(md5Of(body))).toBe(false);
  });
});
