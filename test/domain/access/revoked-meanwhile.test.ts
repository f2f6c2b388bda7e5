import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemActor } from '../../../src/domain/access/actor.ts';
import { issueKey, revokeKey } from '../../../src/domain/access/keys.ts';
import { createTestContext, type TestContext } from '../../support/context.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { meanwhile } from '../../support/meanwhile.ts';

/** A key that two revoke in the same moment. */

const ADMIN = systemActor({ id: 1, name: 'default' });

let database: TestDatabase;
let ctx: TestContext;
beforeAll(async () => {
  database = await createTestDatabase();
  ctx = await createTestContext(database.url);
});
afterAll(async () => {
  await ctx.close();
  await database.drop();
});

it('was revoked by the first of them', async () => {
  const { row } = await issueKey(ctx, ADMIN, { name: 'ci', scopes: ['data:read'], expiresAt: null });
  await meanwhile(
    ctx.sql,
    (tx) => tx`update api_keys set revoked_at = now() where id = ${row.id}`,
    () => revokeKey(ctx, ADMIN, row.id),
  );
  const noted = await ctx.sql<{ action: string }[]>`select action from audit where subject = ${row.id}`;
  expect(noted.map(({ action }) => action)).toEqual(['key.made']);
});
