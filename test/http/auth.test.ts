import { afterAll, beforeAll, expect, test } from 'vitest';
import { authenticate } from '../../src/domain/access/authenticate.ts';
import { answeredInTime } from '../../src/http/auth.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let server: TestDatabase;
let ctx: TestContext;
beforeAll(async () => {
  server = await createTestDatabase();
  ctx = await createTestContext(server.url);
});
afterAll(async () => {
  await ctx.close();
  await server.drop();
});

test('a request is told to come again while every connection is stuck, and let in once one is free', async () => {
  const stuck = await Promise.all(Array.from({ length: 6 }, () => ctx.sql.reserve()));
  const asking = () => authenticate(ctx, { key: null, project: null });
  await expect(answeredInTime(asking(), 50)).rejects.toMatchObject({ code: 'database-unavailable', retryAfter: 1 });
  const waiting = answeredInTime(asking());
  for (const connection of stuck) connection.release();
  expect((await waiting).project).toBe('default');
  expect((await answeredInTime(asking())).project).toBe('default');
});
