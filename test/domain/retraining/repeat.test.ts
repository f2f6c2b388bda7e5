import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Act, startAct } from './act.ts';

let act: Act;
beforeAll(async () => {
  act = await startAct({ policy: {} });
  await act.logDay(0);
  await act.drain();
});
afterAll(() => act.close());

const start = (key: string, policy = 'on-drift') =>
  act.call<{ id: string; type?: string }>('POST', '/v1/runs', { policy }, { 'idempotency-key': key });

it('a run asked for under an idempotency key is started once, and found again by its repetition', async () => {
  const answers = await Promise.all([start('a'), start('a'), start('a')]);
  expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  expect(await act.ctx.sql`select count(*)::int n from runs`).toEqual([{ n: 1 }]);
  // Under another key it is another run, which the living one holds back; the key stays free.
  expect((await start('b')).status).toBe(409);
  const [run] = answers;
  await act.ctx.sql`update runs set state = 'failed' where id = ${run?.body.id ?? ''}`;
  expect((await start('a')).body.id).toBe(run?.body.id);
  const second = await start('b');
  expect(second.status).toBe(202);
  expect(second.body.id).not.toBe(run?.body.id);
  expect(await start('a', 'other')).toMatchObject({
    status: 422,
    body: { type: 'https://tidemark.dev/problems/idempotency-key-reused' },
  });
});
