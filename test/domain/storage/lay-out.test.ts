import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { layOutBundles, layOutNeglected, secondsUntilCalm } from '../../../src/domain/storage/lay-out.ts';
import { insertBundle, listWaitingBundles } from '../../../src/store/inventory/bundles.ts';
import { createMemoryBundles } from '../../../src/store/remotes/bundles-memory.ts';
import { createMemoryRemote } from '../../../src/store/remotes/remote-memory.ts';
import { bundlingRemote, forgetAllBundles } from '../../support/bundling.ts';
import { createTestContext, TEST_TIME, type TestContext } from '../../support/context.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { md5Of, sha256Of } from '../../support/datasets.ts';

let database: TestDatabase;
let ctx: TestContext;
const inner = createMemoryRemote();
const bundles = createMemoryBundles(() => 0);
beforeAll(async () => {
  database = await createTestDatabase();
  ctx = await createTestContext(database.url);
});
afterAll(async () => {
  await ctx.close();
  await database.drop();
});
beforeEach(async () => {
  await forgetAllBundles(ctx);
  inner.objects.clear();
  bundles.pieces.clear();
});

const bundling = () => bundlingRemote({ inner, bundles, database: ctx });

/** A bundle of one object, made so many seconds ago. */
async function bundle(text: string, ageSeconds: number): Promise<void> {
  const member = { oid: md5Of(text), start: 0, size: text.length, sha256: sha256Of(text) };
  bundles.pieces.set(text, Buffer.from(text));
  await insertBundle(ctx.db, { name: text, bytes: text.length, members: [member] });
  await ctx.sql`update bundles set created_at = now() - make_interval(secs => ${ageSeconds}) where name = ${text}`;
  await ctx.sql`truncate jobs`;
}

const named = () => [...inner.objects.values()].map((bytes) => Buffer.from(bytes).toString()).sort();
/** Seconds until each job is due. */
const jobs = async () =>
  (await ctx.sql`select round(extract(epoch from run_at - created_at))::int as s from jobs`).map(
    ({ s }) => s as number,
  );

describe('when a push is over', () => {
  it.each([
    ['nothing waits', null, 0],
    ['one came just now', { newest: 0, oldest: 0 }, 1],
    ['more come', { newest: 0.999, oldest: 29.999 }, 1],
    ['none came for a second', { newest: 1, oldest: 1 }, 0],
    ['one has waited for half a minute', { newest: 0, oldest: 30 }, 0],
  ])('%s', (_, ages, seconds) => expect(secondsUntilCalm(ages)).toBe(seconds));
});

describe('laying bundles out', () => {
  it('waits until no more of them come', async () => {
    await bundle('early', 2);
    // In a moment: however long this machine stands still, it came just now.
    await bundle('late', -600);
    await layOutBundles({ ...ctx, remote: bundling() });
    expect([named(), await jobs()]).toEqual([[], [1]]);
    await ctx.sql`update bundles set created_at = created_at - interval '602 seconds'`;
    await layOutBundles({ ...ctx, remote: bundling() });
    expect([named(), await listWaitingBundles(ctx.db)]).toEqual([['early', 'late'], []]);
  });

  it('waits no longer than half a minute, whatever comes', async () => {
    await bundle('early', 31);
    await bundle('late', 0);
    await layOutBundles({ ...ctx, remote: bundling() });
    expect(named()).toEqual(['early', 'late']);
  });

  it('gives its worker back after a while, and goes on', async () => {
    await bundle('a', 5);
    await bundle('b', 5);
    let elapsed = 0;
    const now = () => new Date(TEST_TIME.getTime() + 6000 * elapsed++);
    await bundle('c', 5);
    await layOutBundles({ ...ctx, now, remote: bundling() });
    expect([named(), await jobs()]).toEqual([['a', 'b'], [0]]);
    await layOutBundles({ ...ctx, remote: bundling() });
    expect(named()).toEqual(['a', 'b', 'c']);
  });

  it('says what is lost', async () => {
    await bundle('gone', 5);
    bundles.pieces.clear();
    const error = vi.fn<(about: object, text: string) => void>();
    const log = Object.assign(Object.create(ctx.log), { error });
    await layOutBundles({ ...ctx, log, remote: bundling() });
    expect(error.mock.calls).toEqual([
      [{ members: 1, lost: [md5Of('gone')] }, 'a bundle is not in the bucket; is it the right one?'],
    ]);
  });

  it('is begun again where it was given up, and only there', async () => {
    await layOutNeglected({ ...ctx, remote: bundling() });
    expect(await jobs()).toEqual([]);
    await bundle('left', 50);
    await layOutNeglected(ctx);
    expect(await jobs()).toEqual([]);
    await layOutNeglected({ ...ctx, remote: bundling() });
    expect(await jobs()).toEqual([0]);
    // A remote without bundles has nothing to do.
    await layOutBundles(ctx);
    expect(named()).toEqual([]);
  });
});
