import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import { requireScope, type Scope, systemActor } from '../../../src/domain/access/actor.ts';
import { formatKey } from '../../../src/domain/access/api-key.ts';
import { authenticate } from '../../../src/domain/access/authenticate.ts';
import { isUntouched, prepareEntry } from '../../../src/domain/access/entry.ts';
import { issueKey, readKeys, revokeKey } from '../../../src/domain/access/keys.ts';
import { createProject, readProjects } from '../../../src/domain/project/projects.ts';
import { createTestContext, TEST_TIME, type TestContext } from '../../support/context.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

const ADMIN = systemActor({ id: 1, name: 'default' });
const HOUR = 3_600_000;

type Stage = { readonly ctx: TestContext; readonly close: () => Promise<void> };

async function startStage(): Promise<Stage> {
  const database: TestDatabase = await createTestDatabase();
  const ctx = await createTestContext(database.url);
  return {
    ctx,
    close: async () => {
      await ctx.close();
      await database.drop();
    },
  };
}

const nobody = { key: null, project: null };
const listening = (ctx: TestContext, host: string): TestContext => ({
  ...ctx,
  config: readConfig({ TIDEMARK_HOST: host }),
});
const make = (ctx: TestContext, scopes: readonly Scope[], expiresAt: Date | null = null) =>
  issueKey(ctx, ADMIN, { name: 'ci', scopes, expiresAt });

describe('a service without a key', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage();
  });
  afterAll(() => stage.close());

  it('is open on a loopback address, in the project that is named', async () => {
    const { ctx } = stage;
    expect(await isUntouched(ctx)).toBe(true);
    const { project, created } = await createProject(ctx, ADMIN, 'other');
    expect(created).toBe(true);
    expect(await createProject(ctx, ADMIN, 'other')).toEqual({ project, created: false });
    expect(await isUntouched(ctx)).toBe(false);
    expect(await authenticate(ctx, nobody)).toMatchObject({ project: 'default', author: 'anonymous' });
    const inside = await authenticate(ctx, { key: null, project: 'other' });
    expect(inside).toMatchObject({ projectId: project.id, author: 'anonymous' });
    expect((await readProjects(ctx, inside)).map(({ name }) => name)).toEqual(['default', 'other']);
    await expect(authenticate(ctx, { key: null, project: 'none' })).rejects.toMatchObject({ code: 'not-found' });
  });

  it('makes no first key that would lock out whoever made it', async () => {
    const { ctx } = stage;
    const actor = await authenticate(ctx, nobody);
    const ask = (scopes: readonly Scope[], project?: string) =>
      issueKey(ctx, actor, { name: 'first', scopes, expiresAt: null, project });
    await expect(ask(['data:read'])).rejects.toMatchObject({ code: 'invalid-body' });
    await expect(ask(['admin'], 'other')).rejects.toMatchObject({ code: 'invalid-body' });
    expect(await readKeys(ctx, ADMIN)).toEqual([]);
  });

  it.each(['0.0.0.0', '::', '192.168.0.7', 'tide.example'])('lets nobody in on %s', async (host) => {
    const refused = authenticate(listening(stage.ctx, host), nobody);
    await expect(refused).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('knows no key, of whatever form', async () => {
    for (const key of ['', 'tmk_x', 'x'.repeat(5000)])
      await expect(authenticate(stage.ctx, { key, project: null })).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('starts open on loopback, and with one admin key made elsewhere, however many start at once', async () => {
    const { ctx } = stage;
    expect(await prepareEntry(ctx)).toEqual({ open: true, key: null });
    const there = listening(ctx, '0.0.0.0');
    const entries = await Promise.all(Array.from({ length: 4 }, () => prepareEntry(there)));
    const keys = entries.flatMap(({ key }) => key ?? []);
    expect(keys).toHaveLength(1);
    expect(entries.every(({ open }) => !open)).toBe(true);
    const actor = await authenticate(there, { key: keys[0] ?? '', project: null });
    expect(actor.project).toBe('default');
    expect([...actor.scopes]).toEqual(['admin']);
    expect(await prepareEntry(there)).toEqual({ open: false, key: null });
    expect(await prepareEntry(ctx)).toEqual({ open: false, key: null });
  });

  it('shows the key of a start that did not hear that it was kept', async () => {
    const { ctx } = stage;
    const there = listening(ctx, '0.0.0.0');
    for (const { id } of await readKeys(ctx, ADMIN)) await revokeKey(ctx, ADMIN, id);
    let heard = false;
    const db = new Proxy(ctx.db, {
      get: (target, name) => {
        if (name !== 'transaction' || heard) return Reflect.get(target, name, target) as unknown;
        return async (...given: Parameters<typeof target.transaction>) => {
          await target.transaction(...given);
          heard = true;
          throw Object.assign(new Error('write CONNECTION_CLOSED'), { code: 'CONNECTION_CLOSED' });
        };
      },
    });
    const { key } = await prepareEntry({ ...there, db }, (work) => work().catch(work));
    expect((await authenticate(there, { key, project: null })).author).toContain('first-start');
  });
});

describe('a service with keys', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage();
  });
  afterAll(() => stage.close());

  it('lets only keys in from the first one on, also when that one is revoked', async () => {
    const { ctx } = stage;
    expect((await authenticate(ctx, nobody)).author).toBe('anonymous');
    const { key, row } = await make(ctx, ['data:read']);
    await expect(authenticate(ctx, nobody)).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(await authenticate(ctx, { key, project: null })).toMatchObject({
      projectId: 1,
      author: `key:${row.id} (ci)`,
      scopes: new Set(['data:read']),
    });
    await revokeKey(ctx, ADMIN, row.id);
    await revokeKey(ctx, ADMIN, row.id);
    await expect(authenticate(ctx, { key, project: null })).rejects.toMatchObject({ code: 'unauthenticated' });
    await expect(authenticate(ctx, nobody)).rejects.toMatchObject({ code: 'unauthenticated' });
    // Whoever starts it again gets back in.
    const again = await prepareEntry(ctx);
    expect(again.open).toBe(false);
    expect((await authenticate(ctx, { key: again.key, project: null })).author).toContain('first-start');
  });

  it('ends a key at the moment it expires, and makes none that has expired', async () => {
    const { ctx } = stage;
    const { key } = await make(ctx, ['data:read'], new Date(TEST_TIME.getTime() + HOUR));
    const at = (ms: number) =>
      authenticate({ ...ctx, now: () => new Date(TEST_TIME.getTime() + ms) }, { key, project: null });
    await expect(at(HOUR - 1)).resolves.toMatchObject({ project: 'default' });
    await expect(at(HOUR)).rejects.toMatchObject({ code: 'unauthenticated' });
    await expect(make(ctx, ['admin'], TEST_TIME)).rejects.toMatchObject({
      code: 'invalid-body',
      issues: [{ pointer: '/expires_at' }],
    });
  });

  it('takes a key that another process revoked for a tenth of a second longer at most', async () => {
    const { ctx } = stage;
    const { key, row } = await make(ctx, ['data:read']);
    const asking = () => authenticate(ctx, { key, project: null });
    await asking();
    await ctx.sql`update api_keys set revoked_at = now() where id = ${row.id}`;
    await expect.poll(() => asking().catch(({ code }) => code)).toBe('unauthenticated');
    // What is refused is asked for each time.
    await ctx.sql`update api_keys set revoked_at = null where id = ${row.id}`;
    expect((await asking()).author).toContain(row.id);
  });

  it('keeps each key in its project', async () => {
    const { ctx } = stage;
    const { project } = await createProject(ctx, ADMIN, 'theirs');
    const theirs = systemActor(project);
    const { key, row } = await issueKey(ctx, theirs, { name: 'theirs', scopes: ['admin'], expiresAt: null });
    await expect(authenticate(ctx, { key, project: 'default' })).rejects.toMatchObject({ code: 'not-found' });
    const actor = await authenticate(ctx, { key, project: 'theirs' });
    expect((await readProjects(ctx, actor)).map(({ name }) => name)).toEqual(['theirs']);
    expect((await readKeys(ctx, actor)).map(({ id }) => id)).toEqual([row.id]);
    await expect(revokeKey(ctx, ADMIN, row.id)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('hands out keys of other projects to an admin of the default one alone', async () => {
    const { ctx } = stage;
    const { project } = await createProject(ctx, ADMIN, 'tenant');
    const asked = { name: 'first', scopes: ['admin'], expiresAt: null } as const;
    const { key } = await issueKey(ctx, ADMIN, { ...asked, project: 'tenant' });
    const tenant = await authenticate(ctx, { key, project: null });
    expect(tenant).toMatchObject({ projectId: project.id, project: 'tenant' });
    const own = await issueKey(ctx, tenant, { ...asked, project: 'tenant' });
    expect(own.row.projectId).toBe(project.id);
    for (const [actor, name] of [
      [tenant, 'default'],
      [tenant, 'none'],
      [ADMIN, 'none'],
    ] as const)
      await expect(issueKey(ctx, actor, { ...asked, project: name })).rejects.toMatchObject({ code: 'not-found' });
    const reader: typeof ADMIN = { ...ADMIN, scopes: new Set<Scope>(['data:read']) };
    await expect(issueKey(ctx, reader, { ...asked, project: 'tenant' })).rejects.toMatchObject({ code: 'forbidden' });
    expect((await readProjects(ctx, reader)).map(({ name }) => name)).toEqual(['default']);
    expect((await readProjects(ctx, { ...ADMIN, author: 'key:x (ci)' })).map(({ name }) => name)).toContain('tenant');
  });

  it('refuses the id of one key with the secret of another', async () => {
    const { ctx } = stage;
    const [one, two] = [await make(ctx, ['admin']), await make(ctx, ['admin'])];
    const forged = formatKey(Buffer.from([0, 0, 0, 0, 1]), Buffer.alloc(32));
    expect(one.row.secretSha256).not.toBe(two.row.secretSha256);
    expect(JSON.stringify(one.row)).not.toContain(one.key.split('_')[2]);
    await expect(authenticate(ctx, { key: forged.key, project: null })).rejects.toMatchObject({
      code: 'unauthenticated',
    });
    const row = await ctx.sql`update api_keys set id = ${forged.id} where id = ${one.row.id} returning id`;
    expect(row).toHaveLength(1);
    await expect(authenticate(ctx, { key: forged.key, project: null })).rejects.toMatchObject({
      code: 'unauthenticated',
    });
  });
});

describe('a scope', () => {
  const actor = (...scopes: Scope[]) => ({ ...ADMIN, scopes: new Set(scopes) });

  it('is named when it is missing, and contained in admin', () => {
    expect(() => requireScope(actor('data:read'), 'data:read')).not.toThrow();
    expect(() => requireScope(actor('admin'), 'retraining:write')).not.toThrow();
    expect(() => requireScope(actor('data:write', 'logs:read'), 'data:read')).toThrow(
      expect.objectContaining({ code: 'forbidden', details: { scope: 'data:read' } }),
    );
    expect(() => requireScope(actor('data:read'), 'admin')).toThrow(
      'This key lacks the scope "admin"; use one that has it.',
    );
  });
});
