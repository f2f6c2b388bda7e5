import { afterAll, beforeAll, expect, it } from 'vitest';
import { readHealth } from '../../../src/domain/operations/health.ts';
import { TidemarkError } from '../../../src/errors.ts';
import { createTestContext, type TestContext } from '../../support/context.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

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

it('says that the disk of the remote is full or gone, and of nothing else why', async () => {
  const detailOf = async (error: Error) => {
    const remote = Object.assign(Object.create(ctx.remote) as typeof ctx.remote, {
      probe: () => Promise.reject(error),
    });
    return (await readHealth({ db: ctx.db, remote })).map(({ ok, detail }) => [ok, detail]);
  };
  const full = await detailOf(new TidemarkError('storage-full', 'The object store is full.'));
  expect(full).toEqual([
    [true, 'answers'],
    [false, expect.stringMatching(/^cannot be written at .*: its disk is full$/)],
  ]);
  const gone = new TidemarkError('store-unavailable', 'It is gone.', { details: { reason: 'not-mounted' } });
  expect((await detailOf(gone))[1]).toEqual([false, expect.stringMatching(/: it is gone or not mounted$/)]);
  const [, refused] = await detailOf(new Error('InvalidAccessKeyId: AKIA1'));
  expect(refused).toEqual([false, expect.stringMatching(/^cannot be written at (?!.*AKIA)/)]);
});
