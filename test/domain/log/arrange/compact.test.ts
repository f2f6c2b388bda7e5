import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compactLogs } from '../../../../src/domain/log/arrange/compact.ts';
import type { Oid } from '../../../../src/dvc/hash.ts';
import { createApp } from '../../../../src/http/app.ts';
import { DAY, day, MODEL, makeRows, predictions, type Story, setUp, startStory } from '../../monitor/story.ts';

const BASE = `/v1/models/${MODEL}`;
const COMPACTION = { smallBytes: 1e6, packBytes: 1e9, packMembers: 25, leastMembers: 5, ageSeconds: 0 };
const PER_DAY = 15;

let story: Story;
beforeAll(async () => {
  story = await startStory();
  await setUp(story, makeRows(300, 1));
  await story.drain();
  await story.call('POST', `${BASE}/monitors`, { name: 'daily' });
  for (const n of [0, 1, 2]) {
    const rows = predictions(makeRows(150, n + 2), { id: `d${n}`, from: day(n), to: day(n) + DAY / 2 });
    for (let at = 0; at < rows.length; at += 150 / PER_DAY) await story.log('predictions', rows.slice(at, at + 10));
    await story.log('labels', [{ prediction_id: `d${n}-1`, label: 1 }]);
  }
  await story.drain();
});
afterAll(() => story.close());

const compact = (compaction = COMPACTION) => compactLogs(story.ctx, {}, compaction);
const count = async (what: string) =>
  (await story.ctx.sql.unsafe(`select count(*)::int n from ${what}`))[0]?.n as number;
const exported = async () => {
  const answer = await createApp(story.ctx).request(`${BASE}/predictions?format=ndjson`);
  return { status: answer.status, text: await answer.text() };
};
const reports = async () => (await story.windows()).flatMap(({ report }) => (report === null ? [] : [report]));
const replays = async () => {
  const answers = await Promise.all(
    (await reports()).map((id) => story.call<{ agrees: boolean }>('POST', `/v1/reports/${id}/replay`)),
  );
  return answers.map(({ body }) => body.agrees);
};

describe('small batches', () => {
  test('are packed into few objects, and whatever is computed from them is the same to the last digit', async () => {
    const before = { rows: await exported(), replays: await replays(), held: await count('objects') };
    expect(before.replays).toEqual([true, true]);
    await compact();
    expect(await count('packed_objects')).toBe(3 * PER_DAY);
    // 45 members in packs of 25 and 20; their own objects are in the trash.
    expect(await count('objects')).toBe(before.held - 3 * PER_DAY + 2);
    for (const { oid } of await story.ctx.sql`select oid from object_tombstones`) await story.remote.remove(oid as Oid);
    expect(await exported()).toEqual(before.rows);
    expect(await replays()).toEqual(before.replays);
  });

  test('are found one by one, and judged again with late rows', async () => {
    expect((await story.call('GET', `${BASE}/predictions/d1-77`)).status).toBe(200);
    const search = await story.call<{ items: object[]; scanned: { batches: number } }>(
      'GET',
      `${BASE}/predictions?limit=1000`,
    );
    expect([search.body.items.length, search.body.scanned.batches]).toEqual([450, 3 * PER_DAY]);
    await story.log('predictions', predictions(makeRows(5, 9), { id: 'late', from: day(0), to: day(0) + DAY / 2 }));
    await story.log('labels', [{ prediction_id: 'd0-2', label: 1 }]);
    await story.drain();
    const [first] = await story.windows();
    expect([first?.state, first?.rows, first?.performance?.labelled]).toEqual(['judged', 155, 2]);
    expect(await replays()).toEqual([true, true]);
  });

  test('are packed once; too few are left for the next time', async () => {
    const packs = await count('packed_objects');
    await compact();
    expect(await count('packed_objects')).toBe(packs);
  });

  test('sent again are taken as ever, whichever place their bytes are in', async () => {
    const rows = predictions(makeRows(150, 2), { id: 'd0', from: day(0), to: day(0) + DAY / 2 });
    await story.log('predictions', rows.slice(0, 10));
    await story.drain();
    expect((await story.call<{ duplicates: number }>('GET', `${BASE}/counts`)).body.duplicates).toBe(10);
    expect(await replays()).toEqual([true, true]);
    // Batches of the same rows share one object, which cannot be packed with itself.
    await compact({ ...COMPACTION, leastMembers: 1 });
    expect(await count('packed_objects where oid = pack_oid')).toBe(0);
    expect(await replays()).toEqual([true, true]);
  });

  test('killed between packing and giving up, it goes on', async () => {
    const rows = predictions(makeRows(60, 5), { id: 'more', from: day(3), to: day(3) + DAY / 2 });
    for (let at = 0; at < 60; at += 10) await story.log('predictions', rows.slice(at, at + 10));
    await story.drain();
    const [trashed] = await story.ctx.sql`select count(*)::int n from object_tombstones`;
    // The bytes are in both places, as a kill leaves them.
    await story.ctx.sql`create table kept as select * from objects`;
    await compact();
    await story.ctx.sql`insert into objects select * from kept on conflict do nothing`;
    await story.ctx.sql`drop table kept`;
    expect(await replays()).toEqual([true, true, true]);
    await compact();
    expect(
      await count('batches b join packed_objects p using (project_id, oid) join objects o using (project_id, oid)'),
    ).toBe(0);
    expect(await count('object_tombstones')).toBeGreaterThan(trashed?.n as number);
  });

  test('whose pack is corrupt are lost by name, never taken for whole', async () => {
    const [pack] = await story.ctx.sql`
      select p.pack_oid as oid from packed_objects p join batches b using (project_id, oid)
      where b.kind = 'predictions' group by 1 order by count(*) desc limit 1`;
    await story.remote.remove(pack?.oid as Oid);
    expect((await exported()).status).toBe(404);
    const search = await story.call<{ scanned: { lost_batches: number[] } }>('GET', `${BASE}/predictions?limit=1000`);
    expect(search.body.scanned.lost_batches.length).toBeGreaterThan(4);
    expect(await replays()).toContain(false);
    expect(await count(`objects where quarantined_at is not null and oid = '${String(pack?.oid)}'`)).toBe(1);
  });

  test('take their pack with them when they are let go', async () => {
    await story.call('PUT', `${BASE}/retention`, { keep_rows: 0, reports: 'release' });
    await story.ctx.sql`update batches set received_at = received_at - interval '2 days'`;
    await story.ctx.sql`update windows set state = 'judged' where state = 'open'`;
    await story.call('POST', `${BASE}/retention/run`);
    await story.drain(['retain-logs']);
    expect(await count('batches where dropped_at is null')).toBe(0);
    expect(await count('objects o join packed_objects p on p.pack_oid = o.oid')).toBe(0);
  });

  test('that come again after their pack has gone are kept, and packed anew', async () => {
    for (const { oid } of await story.ctx.sql`select oid from object_tombstones`) await story.remote.remove(oid as Oid);
    await story.ctx.sql`update object_tombstones set state = 'removed', removed_at = now()`;
    await story.ctx.sql`delete from log_retention`;
    const rows = predictions(makeRows(150, 2), { id: 'd0', from: day(0), to: day(0) + DAY / 2 });
    for (let at = 0; at < rows.length; at += 10) await story.log('predictions', rows.slice(at, at + 10));
    await story.drain(['settle-batches']);
    const again = await exported();
    expect([again.status, again.text.trimEnd().split('\n').length]).toEqual([200, 150]);
    await story.ctx.sql`update objects set received_at = received_at - interval '30 days'`;
    const { body } = await story.call<{ unreferenced: { objects: number } }>('POST', '/v1/gc/plan', {
      unreferenced: true,
    });
    expect(body.unreferenced.objects).toBe(0);
    await compact();
    for (const { oid } of await story.ctx.sql`select oid from object_tombstones where state = 'trashed'`) {
      await story.remote.remove(oid as Oid);
    }
    expect(await exported()).toEqual(again);
  });
});
