import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { profileVersion } from '../../../src/domain/profile/profile.ts';
import { createApp } from '../../../src/http/app.ts';
import { createTestContext, type TestContext } from '../../support/context.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { meanwhile } from '../../support/meanwhile.ts';

/** What comes to refer to a version that is thrown away, or no longer the latest, in the same moment. */

let database: TestDatabase;
let ctx: TestContext;
let app: ReturnType<typeof createApp>;

beforeAll(async () => {
  database = await createTestDatabase();
  ctx = await createTestContext(database.url);
  app = createApp(ctx);
  for (const rows of ['a\n1\n', 'a\n2\n', 'a\n3\n']) await call('POST', '/v1/datasets/d/versions?path=d.csv', rows);
  await call('POST', '/v1/models', { name: 'm' });
});
beforeEach(() => ctx.sql`update versions set trashed_at = null`);
afterAll(async () => {
  await ctx.close();
  await database.drop();
});

async function call(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
  const raw = typeof body === 'string';
  const headers = { 'content-type': raw ? 'text/csv' : 'application/json' };
  const init = body === undefined ? {} : { body: raw ? body : JSON.stringify(body), headers };
  const response = await app.request(path, { method, ...init });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}

/** As a deletion locks it. */
const amidDeletion = <T>(number: number, work: () => Promise<T>): Promise<T> =>
  meanwhile(
    ctx.sql,
    async (tx) => {
      await tx`select 1 from versions where number = ${number} for update`;
      await tx`update versions set trashed_at = now() where number = ${number}`;
    },
    work,
  );

it('is no tag', async () => {
  const tagged = await amidDeletion(1, () => call('PUT', '/v1/datasets/d/tags/one', { ref: 'v1' }));
  expect(tagged.status).toBe(410);
  expect(await call('GET', '/v1/datasets/d/tags')).toMatchObject({ body: { items: [] } });
});

it('is no version of a model', async () => {
  const bound = await amidDeletion(1, () => call('POST', '/v1/models/m/versions', { dataset: 'd', ref: 'v1' }));
  expect(bound.status).toBe(410);
  expect(await call('GET', '/v1/models/m/versions')).toMatchObject({ body: { items: [] } });
});

it('is no reference of a monitor', async () => {
  await call('POST', '/v1/models/m/versions', { dataset: 'd', ref: 'v2' });
  const monitor = { name: 'kept' };
  expect((await call('POST', '/v1/models/m/monitors', monitor)).status).toBe(201);
  const made = await amidDeletion(1, () =>
    call('POST', '/v1/models/m/monitors', { name: 'made', dataset: 'd', ref: 'v1' }),
  );
  await ctx.sql`update versions set trashed_at = null`;
  // A change has to know the columns of both.
  const versions = await ctx.sql<{ id: string }[]>`select id from versions`;
  for (const { id } of versions) await profileVersion(ctx, { versionId: Number(id) });
  const moved = await amidDeletion(3, () =>
    call('PATCH', '/v1/models/m/monitors/kept', { dataset: 'd', ref: 'v3', reason: 'moves' }),
  );
  expect([made.status, moved.status]).toEqual([410, 410]);
  expect(await call('GET', '/v1/models/m/monitors')).toMatchObject({ body: { items: [monitor] } });
});

it('is not gone back to by a tag of the latest', async () => {
  const put = () => call('PUT', '/v1/datasets/d/tags/newest', { ref: 'latest' });
  await ctx.sql`update versions set trashed_at = now() where number = 3`;
  // A push that makes the next version, and has it tagged.
  const moved = meanwhile(
    ctx.sql,
    async (tx) => {
      await tx`select 1 from datasets for update`;
      await tx`update versions set trashed_at = null`;
      await tx`insert into tags (dataset_id, name, version_id) select dataset_id, 'newest', id from versions where number = 3`;
    },
    put,
  );
  expect((await moved).status).toBeLessThan(300);
  const named =
    await ctx.sql`select v.number from tags t join versions v on v.id = t.version_id where t.name = 'newest'`;
  expect(named).toMatchObject([{ number: 3 }]);
});
