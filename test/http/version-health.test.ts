import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { md5Of } from '../support/datasets.ts';
import { type StorageService, startStorageService } from '../support/storage.ts';

let service: StorageService;
beforeAll(async () => {
  service = await startStorageService();
  const folder = await service.holdFolder({ 'a.txt': 'sound', 'b.txt': 'rotten', 'copy/b.txt': 'rotten' });
  await service.send('POST', '/v1/datasets/hit/versions?path=x.csv', 'a\n1\n');
  await service.send('POST', '/v1/datasets/hit/versions', { oid: folder });
  await service.send('POST', '/v1/datasets/alone/versions?path=b.txt', 'rotten');
  await service.send('POST', '/v1/datasets/alone/versions?path=x.csv', 'a\n2\n');
});
afterAll(() => service.close());

const rotten = md5Of('rotten');
const healthOf = async (dataset: string, ref: string) => {
  const { body } = await service.send('GET', `/v1/datasets/${dataset}/versions/${ref}`);
  return [body.health, body.quarantined];
};
const spoil = async () => {
  service.remote.objects.set(rotten, Buffer.from('rotteN'));
  await service.work('/v1/remote/scrub');
};
const heal = () => service.send('PUT', `/v1/objects/${rotten}`, 'rotten');

describe('the health of versions', () => {
  it('is whole until an object of theirs is quarantined, and again when good bytes came', async () => {
    expect(await healthOf('hit', 'v2')).toEqual(['whole', 0]);
    await spoil();
    expect(await healthOf('hit', 'v1')).toEqual(['whole', 0]);
    // The one object lies there under two names.
    expect(await healthOf('hit', 'v2')).toEqual(['degraded', 1]);
    expect(await healthOf('alone', 'v1')).toEqual(['degraded', 1]);
    const listed = await service.send('GET', '/v1/datasets/hit/versions');
    expect(listed.body.items).toMatchObject([{ health: 'degraded' }, { health: 'whole' }]);
    const datasets = await service.send('GET', '/v1/datasets');
    expect(datasets.body.items).toMatchObject([
      { name: 'alone', latest: { health: 'whole', quarantined: 0 } },
      { name: 'hit', latest: { health: 'degraded', quarantined: 1 } },
    ]);
    expect((await service.send('GET', '/v1/datasets/hit')).body.latest).toMatchObject({ health: 'degraded' });
    await heal();
    expect(await healthOf('hit', 'v2')).toEqual(['whole', 0]);
    expect(await healthOf('alone', 'v1')).toEqual(['whole', 0]);
  });

  it('counts each object once, the manifest too', async () => {
    const { body } = await service.send('GET', '/v1/datasets/hit/versions/v2');
    await service.ctx.sql`update objects set quarantined_at = now() where oid = ${String(body.oid)} or oid = ${rotten}`;
    expect(await healthOf('hit', 'v2')).toEqual(['degraded', 2]);
    await service.ctx.sql`update objects set quarantined_at = null`;
  });
});

describe('what is quarantined', () => {
  it('is listed with the versions that have it and what it is called there, without those in the trash', async () => {
    await spoil();
    const item = async () => (await service.send('GET', '/v1/remote/quarantined')).body.items as object[];
    expect(await item()).toMatchObject([
      {
        oid: rotten,
        uses: [
          { dataset: 'alone', ref: 'v1', path: 'b.txt' },
          { dataset: 'hit', ref: 'v2', path: 'b.txt' },
          { dataset: 'hit', ref: 'v2', path: 'copy/b.txt' },
        ],
        uses_total: 3,
      },
    ]);
    await service.ctx.sql`update versions set trashed_at = now() where path = 'b.txt'`;
    expect(await item()).toMatchObject([{ uses_total: 2 }]);
    await service.ctx.sql`update versions set trashed_at = null`;
    await heal();
    expect(await item()).toEqual([]);
  });

  it('names twenty versions of very many, and counts them all', async () => {
    const lost = await service.hold('everywhere');
    for (let i = 0; i < 23; i++) {
      const oid = await service.holdFolder({ 'a.txt': 'everywhere', b: String(i) });
      await service.send('POST', '/v1/datasets/many/versions', { oid });
    }
    await service.ctx.sql`update objects set quarantined_at = now() where oid = ${lost}`;
    const [item] = (await service.send('GET', '/v1/remote/quarantined')).body.items as { uses: object[] }[];
    expect(item).toMatchObject({ uses_total: 23 });
    expect(item?.uses).toHaveLength(20);
    expect(item?.uses[0]).toMatchObject({ dataset: 'many', ref: 'v23' });
    await service.ctx.sql`update objects set quarantined_at = null`;
  });
});
