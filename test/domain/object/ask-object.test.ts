import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemActor } from '../../../src/domain/access/actor.ts';
import { issueKey, revokeKey } from '../../../src/domain/access/keys.ts';
import { askObject } from '../../../src/domain/object/ask-object.ts';
import { createProject } from '../../../src/domain/project/projects.ts';
import { type DatasetService, md5Of, startDatasetService } from '../../support/datasets.ts';

let service: DatasetService;
beforeAll(async () => {
  service = await startDatasetService();
});
afterAll(() => service.close());

const ADMIN = systemActor({ id: 1, name: 'default' });
const ask = (oid: string, key: string | null = null, project = 'default') =>
  askObject(service.ctx, { key, project, oid });

describe('asking for an object', () => {
  it('answers many at once, each with its own', async () => {
    const held = await Promise.all(Array.from({ length: 40 }, (_, i) => service.hold(`held ${i}`)));
    const answers = await Promise.all([...held, md5Of('never sent')].map((oid) => ask(oid)));
    expect(answers.map(({ asked }) => asked?.oid ?? null)).toEqual([...held, null]);
    expect(answers[0]?.actor).toMatchObject({ project: 'default', author: 'anonymous' });
  });

  it('finds in one project nothing of another', async () => {
    const oid = await service.hold('of the default project');
    await createProject(service.ctx, ADMIN, 'other');
    expect((await ask(oid, null, 'other')).asked).toBeNull();
    await expect(ask(oid, null, 'none')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('lets a key in to its own project until the moment it is revoked', async () => {
    const oid = await service.hold('for those with a key');
    const { key, row } = await issueKey(service.ctx, ADMIN, { name: 'ci', scopes: ['data:read'], expiresAt: null });
    const found = await ask(oid, key);
    expect([found.asked?.oid, found.actor.author]).toEqual([oid, `key:${row.id} (ci)`]);
    await expect(ask(oid, key, 'other')).rejects.toMatchObject({ code: 'not-found' });
    await expect(ask(oid)).rejects.toMatchObject({ code: 'unauthenticated' });
    await expect(ask(oid, 'tmk_wrong')).rejects.toMatchObject({ code: 'unauthenticated' });
    await revokeKey(service.ctx, ADMIN, row.id);
    await expect(ask(oid, key)).rejects.toMatchObject({ code: 'unauthenticated' });
  });
});
