import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beginDueRuns } from '../../../src/domain/storage/due.ts';
import { type StorageService, startStorageService } from '../../support/storage.ts';
import { expectPage, lookAt } from '../../web/look.ts';

let service: StorageService;
beforeAll(async () => {
  service = await startStorageService();
  for (const dataset of ['ruled', 'free']) {
    for (const n of [1, 2, 3, 4, 5]) {
      await service.send('POST', `/v1/datasets/${dataset}/versions?path=x.csv`, `a\n${n}\n`);
    }
  }
  await service.send('PUT', '/v1/datasets/ruled/tags/prod', { ref: 'v1' });
  await service.send('PUT', '/v1/datasets/ruled/tags/scratch', { ref: 'v2' });
});
afterAll(() => service.close());

const RULE = '/v1/datasets/ruled/retention';
const rule = async () => (await service.send('GET', RULE)).body;
const plan = async (body: object): Promise<string[]> => {
  const { body: found } = await service.send('POST', '/v1/gc/plan', body);
  return (found.versions as { dataset: string; ref: string; reasons: { code: string; detail: string }[] }[]).map(
    ({ dataset, ref, reasons }) =>
      `${dataset}@${ref} ${reasons.map(({ code, detail }) => `${code} ${detail}`).join(', ')}`,
  );
};
const refsOf = async (dataset: string): Promise<string[]> => {
  const { body } = await service.send('GET', `/v1/datasets/${dataset}/versions`);
  return (body.items as { ref: string }[]).map(({ ref }) => ref);
};

describe('the rule of a dataset', () => {
  it('is none until it is set, and keeps something', async () => {
    expect(await rule()).toMatchObject({ dataset: 'ruled', last: null, tags: null, updated_at: null });
    for (const body of [{}, { last: 0 }, { last: 1, oids: [] }, { daily: -1 }]) {
      expect((await service.send('PUT', RULE, body)).status, JSON.stringify(body)).toBe(422);
    }
    expect(await plan({ rules: true })).toEqual([]);
    await beginDueRuns(service.ctx);
    await service.drain();
    expect(await refsOf('ruled')).toHaveLength(5);
    expect((await service.send('PUT', '/v1/datasets/nowhere/retention', { last: 1 })).status).toBe(404);
  });

  it('is the reason that plans name, beside what somebody asks for', async () => {
    const set = await service.send('PUT', RULE, { last: 2, tags: ['prod*'] });
    expect([set.status, set.body]).toMatchObject([
      200,
      { last: 2, within_seconds: null, daily: null, tags: ['prod*'], author: 'anonymous', last_run_at: null },
    ]);
    expect(await plan({ rules: true })).toEqual([
      'ruled@v5 newest the newest version, retention keep-last 1 of 2',
      'ruled@v4 retention keep-last 2 of 2',
      'ruled@v3 ',
      'ruled@v2 ',
      'ruled@v1 tag prod',
    ]);
    expect(await plan({ dataset: 'ruled', keep: { last: 1, tags: ['scr*'] } })).toEqual([
      'ruled@v5 newest the newest version, keep-last 1 of 1, retention keep-last 1 of 2',
      'ruled@v4 retention keep-last 2 of 2',
      'ruled@v3 ',
      'ruled@v2 tag scratch',
      'ruled@v1 tag prod',
    ]);
    const page = await lookAt(service.ctx)('/p/default/datasets/ruled');
    expectPage(page);
    expect(page.text).toContain('Kept by rule: the newest 2, those tagged prod*');
  });

  it('is carried out by the schedule, once an hour, and touches no other dataset', async () => {
    await beginDueRuns(service.ctx);
    await service.drain();
    expect(await refsOf('ruled')).toEqual(['v5', 'v4', 'v1']);
    expect(await refsOf('free')).toHaveLength(5);
    expect((await rule()).last_run_at).not.toBeNull();
    const trash = (await service.send('GET', '/v1/trash')).body.items as { ref: string }[];
    expect(trash.map(({ ref }) => ref)).toEqual(['v3', 'v2']);
    await service.send('POST', '/v1/datasets/ruled/versions?path=x.csv', 'a\n6\n');
    await beginDueRuns(service.ctx);
    await service.drain();
    expect(await refsOf('ruled')).toHaveLength(4);
    await service.ctx.sql`update dataset_retention set last_run_at = now() - interval '61 minutes'`;
    await beginDueRuns(service.ctx);
    await service.drain();
    expect(await refsOf('ruled')).toEqual(['v6', 'v5', 'v1']);
  });

  it('is taken away, and no version goes by itself from then on', async () => {
    expect((await service.send('DELETE', RULE)).body).toMatchObject({ last: null, updated_at: null });
    await service.send('POST', '/v1/datasets/ruled/versions?path=x.csv', 'a\n7\n');
    await beginDueRuns(service.ctx);
    await service.drain();
    expect(await refsOf('ruled')).toHaveLength(4);
    expect((await service.send('DELETE', RULE)).status).toBe(200);
  });

  it('does not run on a dataset that is deleted', async () => {
    await service.send('PUT', '/v1/datasets/free/retention', { within_seconds: 3600 });
    await service.send('DELETE', '/v1/datasets/free');
    expect(await plan({ rules: true })).toEqual([]);
    await service.send('POST', '/v1/datasets/free/restore');
    expect((await service.send('GET', '/v1/datasets/free/retention')).body).toMatchObject({ within_seconds: 3600 });
    expect(await plan({ rules: true })).toHaveLength(5);
  });
});
