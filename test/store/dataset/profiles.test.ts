import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findVersionProfile, saveVersionProfile, type VersionProfileRow } from '../../../src/store/dataset/profiles.ts';
import { transact } from '../../../src/store/postgres/db.ts';
import { makeRows, type Story, setUp, startStory } from '../../domain/monitor/story.ts';

let story: Story;
let versionId: number;
beforeAll(async () => {
  story = await startStory();
  await setUp(story, makeRows(50, 1));
  await story.drain();
  versionId = Number((await story.ctx.sql`select id from versions`)[0]?.id);
});
afterAll(() => story.close());

const find = async (): Promise<VersionProfileRow> => {
  const row = await findVersionProfile(story.ctx.db, versionId);
  if (row === null) throw new Error('the version has no profile');
  return row;
};

describe('the profile of a version', () => {
  it('is read once for as long as nobody writes it', async () => {
    const first = await find();
    expect(first).toMatchObject({ versionId, state: 'ready', profile: { rows: 50 } });
    expect(await find()).toBe(first);
    // In a transaction it is read anew.
    expect(await transact(story.ctx.db, (tx) => findVersionProfile(tx, versionId))).toEqual(first);
  });

  it('is what was written last, whoever wrote it', async () => {
    const { updatedAt: _, ...row } = await find();
    await saveVersionProfile(story.ctx.db, { ...row, profile: { rows: 1 } });
    expect(await find()).toMatchObject({ state: 'ready', profile: { rows: 1 } });
    // At the same time as before, as a clock with few digits tells it.
    await story.ctx.sql`update version_profiles set profile = '{"rows": 2}' where version_id = ${versionId}`;
    expect(await find()).toMatchObject({ profile: { rows: 2 } });
    await transact(story.ctx.db, async (tx) => {
      await saveVersionProfile(tx, { ...row, profile: { rows: 3 } });
      await saveVersionProfile(tx, { ...row, profile: { rows: 4 } });
    });
    expect(await find()).toMatchObject({ profile: { rows: 4 } });
  });

  it('is not remembered where it takes much memory', async () => {
    // Of random digits little can be compressed.
    await story.ctx.sql`update version_profiles set profile = jsonb_build_object('wide', (
      select jsonb_agg(gen_random_uuid()) from generate_series(1, 100000))) where version_id = ${versionId}`;
    const first = await find();
    const again = await find();
    expect(again).toEqual(first);
    expect(again).not.toBe(first);
  });

  it('is gone with its row, and not remembered before it is ready', async () => {
    const { updatedAt: _, ...row } = await find();
    await saveVersionProfile(story.ctx.db, { ...row, state: 'pending', profile: null });
    const pending = await find();
    expect(pending.state).toBe('pending');
    expect(await find()).not.toBe(pending);
    await story.ctx.sql`delete from version_profiles where version_id = ${versionId}`;
    expect(await findVersionProfile(story.ctx.db, versionId)).toBeNull();
  });
});
