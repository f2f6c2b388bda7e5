import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemActor } from '../../../src/domain/access/actor.ts';
import { createEndpoint } from '../../../src/domain/webhook/endpoints.ts';
import { readMessage } from '../../../src/domain/webhook/messages.ts';
import { testEndpoint } from '../../../src/domain/webhook/test-endpoint.ts';
import { createTestContext, type TestContext } from '../../support/context.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { meanwhile } from '../../support/meanwhile.ts';

const actor = systemActor({ id: 1, name: 'default' });

let database: TestDatabase;
let ctx: TestContext;
beforeAll(async () => {
  database = await createTestDatabase();
  ctx = await createTestContext(database.url, { environment: { TIDEMARK_WEBHOOK_ALLOW: '127.0.0.1' } });
});
afterAll(async () => {
  await ctx.close();
  await database.drop();
});

it('shows a message and its tries as of one moment, while a try is recorded', async () => {
  const { endpoint } = await createEndpoint(ctx, actor, { url: 'http://127.0.0.1:9/hook' });
  const id = await testEndpoint(ctx, actor, endpoint.id);
  const { message, attempts } = await meanwhile(
    ctx.sql,
    async (tx) => {
      // Whoever reads has the message first, and waits for its tries.
      await tx`lock table attempts in access exclusive mode`;
      await tx`
        insert into attempts (message_id, number, at, milliseconds, outcome, request)
        values (${id}, 1, now(), 5, 'failed', '{}')`;
      await tx`update messages set state = 'failed', attempts = 1, next_attempt_at = null where id = ${id}`;
    },
    () => readMessage(ctx, actor, id),
  );
  expect([message.state, message.attempts, attempts.length]).toEqual(['pending', 0, 0]);
  const after = await readMessage(ctx, actor, id);
  expect([after.message.state, after.message.attempts, after.attempts.length]).toEqual(['failed', 1, 1]);
});
