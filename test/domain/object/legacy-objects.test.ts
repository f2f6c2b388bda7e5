import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { putLegacyObject } from '../../../src/domain/object/legacy-objects.ts';
import { eraseProject } from '../../../src/domain/project/erase.ts';
import { findProject } from '../../../src/store/access/access.ts';
import { md5Of } from '../../support/datasets.ts';
import { type StorageService, startStorageService } from '../../support/storage.ts';

let service: StorageService;
beforeEach(async () => {
  service = await startStorageService();
  for (const name of ['gone', 'other']) await service.send('POST', '/v1/projects', { name });
});
afterEach(() => service.close());

const NAME = md5Of('a\nb\n');
async function put(project: string, ctx = service.ctx) {
  const row = await findProject(ctx.db, project);
  const actor = { projectId: row?.id ?? 0, project, author: 'ci', scopes: new Set(['data:write'] as const) };
  const source = (async function* () {
    yield Buffer.from('a\r\nb\r\n');
  })();
  return putLegacyObject(ctx, actor, { name: NAME, source });
}

async function eraseGone(): Promise<void> {
  const row = await findProject(service.ctx.db, 'gone');
  await service.send('DELETE', '/v1/projects/gone?confirm=gone&undo_seconds=0');
  await service.ctx.sql`update projects set erase_at = now() - interval '1 second' where name = 'gone'`;
  await eraseProject(service.ctx, { project: row?.id ?? 0 });
  expect(await findProject(service.ctx.db, 'gone')).toBeNull();
}

describe('an object under a name of DVC 2', () => {
  it('is to be sent again where an erased project has just taken away what bore the name', async () => {
    await put('gone');
    const remote = new Proxy(service.remote, {
      get: (target, name) => {
        if (name === 'nameLegacy')
          return async (...given: Parameters<typeof target.nameLegacy>) => {
            await target.nameLegacy(...given);
            await eraseGone();
          };
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    await expect(put('other', { ...service.ctx, remote })).rejects.toMatchObject({ code: 'store-unavailable' });
    expect(service.remote.legacy.size).toBe(0);
    await put('other');
    expect(Buffer.from(service.remote.legacy.get(NAME) ?? '').toString()).toBe('a\r\nb\r\n');
  });
});
