import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deleteVersion } from '../../../src/domain/retention/delete.ts';
import { md5Of } from '../../support/datasets.ts';
import { type StorageService, startStorageService } from '../../support/storage.ts';

let service: StorageService;
beforeAll(async () => {
  service = await startStorageService();
});
afterAll(() => service.close());

const push = (text: string, dataset: string, query = '') =>
  service.send('POST', `/v1/datasets/${dataset}/versions?path=x.csv${query}`, text);
const remove = (path: string) => service.send('DELETE', `/v1/datasets/${path}`);
const view = (path: string) => service.send('GET', `/v1/datasets/${path}`);
const restore = (path: string) => service.send('POST', `/v1/datasets/${path}/restore`);
const refsOf = async (dataset: string): Promise<string[]> => {
  const { body } = await view(`${dataset}/versions`);
  return (body.items as { ref: string }[]).map(({ ref }) => ref);
};
const names = async (): Promise<string[]> => {
  const { body } = await service.send('GET', '/v1/datasets');
  return (body.items as { name: string }[]).map(({ name }) => name);
};

describe('a version that is deleted by name', () => {
  it('lies in the trash, from which it is restored', async () => {
    for (const text of ['a\n1\n', 'a\n2\n']) await push(text, 'one');
    const gone = await remove('one/versions/v2');
    expect([gone.status, gone.body]).toMatchObject([200, { dataset: 'one', ref: 'v2', oid: md5Of('a\n2\n') }]);
    const { trashed_at: from, restorable_until: until } = gone.body as Record<string, string>;
    expect(Date.parse(until ?? '') - Date.parse(from ?? '')).toBe(7 * 86_400_000);
    expect((await view('one/versions/v2')).status).toBe(410);
    expect((await view('one/versions/latest')).body.ref).toBe('v1');
    // Asked for again, it is where it was.
    expect((await remove('one/versions/v2')).body).toMatchObject({ trashed_at: from });
    expect((await restore('one/versions/v2')).status).toBe(200);
    expect(await refsOf('one')).toEqual(['v2', 'v1']);
  });

  it('is named by its number alone, and has to be there', async () => {
    await push('a\n1\n', 'named', '&tag=prod');
    for (const ref of ['latest', 'prod', md5Of('a\n1\n')]) {
      expect((await remove(`named/versions/${ref}`)).status, ref).toBe(400);
    }
    expect((await remove('named/versions/v2')).status).toBe(404);
    expect((await remove('nowhere/versions/v1')).status).toBe(404);
    await push('a\n2\n', 'named');
    await remove('named/versions/v2');
    await service.ctx.sql`update versions set purged_at = now() where trashed_at is not null`;
    expect((await remove('named/versions/v2')).status).toBe(410);
  });

  it('stays where something needs it, which is said', async () => {
    await push('age,label\n1,0\n2,1\n', 'needed', '&tag=prod');
    await service.drain(['profile-version']);
    await service.send('POST', '/v1/models', { name: 'm', task: 'binary' });
    await service.send('POST', '/v1/models/m/versions', { dataset: 'needed', ref: 'v1' });
    const refused = await remove('needed/versions/v1');
    expect(refused.status).toBe(409);
    expect(refused.body.errors).toEqual([
      { code: 'model', detail: expect.stringMatching(/^needed@v1 is needed by the model version m\//) },
      { code: 'tag', detail: 'needed@v1 is needed by the tag prod' },
    ]);
    expect(await refsOf('needed')).toEqual(['v1']);
  });

  it('is deleted by those who administer, and by nobody else', async () => {
    await push('a\n1\n', 'kept');
    const actor = { projectId: 1, project: 'default', author: 'ci', scopes: new Set(['data:write'] as const) };
    const call = deleteVersion(service.ctx, actor, { dataset: 'kept', ref: 'v1' });
    await expect(call).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('a dataset that is deleted', () => {
  it('is found no longer, and comes back with what went with it', async () => {
    for (const text of ['a\n1\n', 'a\n22\n', 'a\n333\n']) await push(text, 'whole');
    await service.send('PUT', '/v1/datasets/whole/tags/prod', { ref: 'v3' });
    await remove('whole/versions/v1');
    expect((await remove('whole')).body).toEqual({ dataset: 'whole', versions: 2, bytes: 11 });
    expect(await names()).not.toContain('whole');
    for (const path of ['whole', 'whole/versions', 'whole/versions/v3', 'whole/tags']) {
      const gone = await view(path);
      expect([gone.status, gone.body.detail], path).toEqual([
        410,
        expect.stringContaining('/v1/datasets/whole/restore'),
      ]);
    }
    expect((await remove('whole')).body).toEqual({ dataset: 'whole', versions: 0, bytes: 0 });
    expect((await restore('whole')).body).toEqual({ dataset: 'whole', versions: 2, bytes: 11 });
    // What had been deleted before stays so.
    expect(await refsOf('whole')).toEqual(['v3', 'v2']);
    expect((await view('whole/versions/prod')).body.ref).toBe('v3');
    expect((await restore('whole')).body).toEqual({ dataset: 'whole', versions: 0, bytes: 0 });
  });

  it('is there again with a version that is pushed or restored, numbered on', async () => {
    await push('a\n1\n', 'again');
    await remove('again');
    expect((await push('a\n2\n', 'again')).body).toMatchObject({ ref: 'v2', created: true });
    expect(await refsOf('again')).toEqual(['v2']);
    await remove('again');
    expect((await restore('again/versions/v2')).status).toBe(200);
    expect(await refsOf('again')).toEqual(['v2']);
    expect(await names()).toContain('again');
  });

  it('stays where something needs a version of it, and goes with its moving tags', async () => {
    await push('a\n1\n', 'held', '&tag=prod');
    await push('a\n2\n', 'held');
    await service.send('PUT', '/v1/datasets/held/tags/release', { ref: 'v1', fixed: true });
    const refused = await remove('held');
    expect([refused.status, refused.body.errors]).toEqual([
      409,
      [{ code: 'fixed-tag', detail: 'held@v1 is needed by the fixed tag release' }],
    ]);
    expect(await refsOf('held')).toEqual(['v2', 'v1']);
    await service.send('DELETE', '/v1/datasets/held/tags/release?fixed=true');
    expect((await remove('held')).status).toBe(200);
  });

  it('need not have a version, and has to be there', async () => {
    await service.ctx.sql`insert into datasets (project_id, name) values (1, 'typo')`;
    expect((await remove('typo')).body).toMatchObject({ versions: 0 });
    expect(await names()).not.toContain('typo');
    expect((await remove('nowhere')).status).toBe(404);
    expect((await restore('nowhere')).status).toBe(404);
  });

  it('leaves with its bytes when its time is over', async () => {
    await push('only here\n', 'leaves');
    await remove('leaves');
    const { sql } = service.ctx;
    for (let round = 0; round < 4; round++) {
      await sql`update versions set trashed_at = trashed_at - interval '30 days' where trashed_at is not null`;
      await sql`update objects set received_at = received_at - interval '30 days'`;
      await sql`update object_tombstones set trashed_at = trashed_at - interval '30 days'`;
      await service.work('/v1/gc');
    }
    expect(service.remote.objects.has(md5Of('only here\n'))).toBe(false);
    expect((await restore('leaves')).body).toMatchObject({ versions: 0 });
    // Nothing came since: it is that version, whole again.
    expect((await push('only here\n', 'leaves')).body).toMatchObject({ ref: 'v1', created: false });
    expect((await view('leaves/versions/v1/files/x.csv')).text).toBe('only here\n');
  });
});
