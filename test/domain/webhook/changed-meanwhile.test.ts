import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApp } from '../../../src/http/app.ts';
import { createTestContext, type TestContext } from '../../support/context.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { meanwhile } from '../../support/meanwhile.ts';

/** What becomes of a receiver that is changed, removed and told something in the same moment. */

let database: TestDatabase;
let ctx: TestContext;
let app: ReturnType<typeof createApp>;

beforeAll(async () => {
  database = await createTestDatabase();
  ctx = await createTestContext(database.url, { environment: { TIDEMARK_WEBHOOK_ALLOW: '127.0.0.1' } });
  app = createApp(ctx);
});
afterAll(async () => {
  await ctx.close();
  await database.drop();
});

async function call(method: string, path: string, body?: unknown): Promise<{ status: number; body: { id: string } }> {
  const init =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const response = await app.request(path, { method, ...init });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}

const register = async (description: string) =>
  (await call('POST', '/v1/webhooks', { url: 'http://127.0.0.1:9/', description })).body.id;

it('keeps what another change says of it', async () => {
  const id = await register('first');
  const other = meanwhile(
    ctx.sql,
    (tx) => tx`update endpoints set description = 'second' where id = ${id}`,
    () => call('PATCH', `/v1/webhooks/${id}`, { rate_per_minute: 7 }),
  );
  expect(await other).toMatchObject({ status: 200, body: { description: 'second', rate_per_minute: 7 } });
});

it('goes with what it was told in the moment of its removal', async () => {
  const id = await register('removed');
  expect((await call('POST', `/v1/webhooks/${id}/test`)).status).toBeLessThan(300);
  const removal = meanwhile(
    ctx.sql,
    async (tx) => {
      // As whoever publishes does it.
      await tx`select 1 from endpoints where id = ${id} for key share`;
      await tx`create temporary table one on commit drop as select * from messages where endpoint_id = ${id}`;
      await tx`update one set id = 'msg_later'`;
      await tx`insert into messages select * from one`;
    },
    () => call('DELETE', `/v1/webhooks/${id}`),
  );
  expect((await removal).status).toBe(204);
  expect(await ctx.sql`select 1 from messages where endpoint_id = ${id}`).toEqual([]);
});

it('goes with the tries that are written down in the moment of its removal', async () => {
  const id = await register('removed');
  expect((await call('POST', `/v1/webhooks/${id}/test`)).status).toBeLessThan(300);
  const removal = meanwhile(
    ctx.sql,
    (tx) => tx`
      with settled as (update messages set state = 'delivered' where endpoint_id = ${id} returning id)
      insert into attempts (message_id, number, at, milliseconds, outcome) select id, 1, now(), 1, 'delivered' from settled`,
    () => call('DELETE', `/v1/webhooks/${id}`),
  );
  expect((await removal).status).toBe(204);
});

it.each([
  ['webhooks', 'endpoints', 100, { url: 'http://127.0.0.1:9/' }],
  ['registries', 'registries', 20, { kind: 'mlflow' }],
] as const)('is one of no more %s than a project may have', async (path, table, most, wanted) => {
  const made = await call('POST', `/v1/${path}`, wanted);
  expect(made.status).toBe(201);
  const one = made.body.id;
  const fill = (tx: typeof ctx.sql, name: string, rows: number) => tx`
    with one as (select to_jsonb(t) was from ${tx(table)} t where id = ${one})
    insert into ${tx(table)} select (jsonb_populate_record(null::${tx(table)}, one.was || jsonb_build_object('id', ${name}::text || n))).*
    from one, generate_series(1, ${rows}::int) n`;
  const [{ there } = { there: 0 }] = await ctx.sql<
    { there: number }[]
  >`select count(*)::int there from ${ctx.sql(table)}`;
  await fill(ctx.sql, 'full', most - there - 1);
  const last = meanwhile(
    ctx.sql,
    async (tx) => {
      await tx`select 1 from projects for no key update`;
      await fill(tx as never, 'last', 1);
    },
    () => call('POST', `/v1/${path}`, wanted),
  );
  expect((await last).status).toBe(409);
});
