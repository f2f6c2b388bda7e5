import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { retainLogs } from '../../../src/domain/retention/retain-logs.ts';
import { DAY, day, MODEL, makeRows, predictions, type Story, setUp, startStory } from '../monitor/story.ts';

const BASE = `/v1/models/${MODEL}`;
const RETENTION = `${BASE}/retention`;

type Sum = { batches: number; rows: number; bytes: number };
type Plan = {
  drop: Sum;
  kept_for_reports: Sum;
  kept_for_windows: Sum;
  reports: { total: number; ids: string[] };
};
type Batch = { batch: number; kind: string; rows: number; dropped_at: string | null };

let story: Story;
/** Four days of 50 rows, a batch each, in that order; the last window is still open. */
async function begin({ watched }: { watched: boolean }): Promise<void> {
  story = await startStory();
  await setUp(story, makeRows(300, 1));
  await story.drain();
  if (watched) await story.call('POST', `${BASE}/monitors`, { name: 'daily' });
  for (const n of [0, 1, 2, 3]) {
    const rows = predictions(makeRows(50, n + 2), { id: `d${n}`, from: day(n), to: day(n) + DAY / 2 });
    await story.log('predictions', rows);
  }
  await story.log('labels', [
    { prediction_id: 'd0-1', label: 1 },
    { prediction_id: 'd3-1', label: 1 },
    { prediction_id: 'never-came', label: 1 },
  ]);
  await story.drain();
  await story.ctx.sql`update batches set received_at = received_at - interval '2 days'`;
}

const plan = async (rule: object) => (await story.call<Plan>('POST', `${RETENTION}/plan`, rule)).body;
const set = (rule: object) => story.call<Record<string, unknown>>('PUT', RETENTION, rule);
const run = async () => {
  // Nothing goes on the day on which it came.
  await story.ctx.sql`update batches set received_at = received_at - interval '2 days'`;
  expect((await story.call('POST', `${RETENTION}/run`)).status).toBe(202);
  await story.drain(['retain-logs']);
};
const counts = async () => (await story.call<Record<string, unknown>>('GET', `${BASE}/counts`)).body;
const kept = async () => {
  const { body } = await story.call<{ items: Batch[] }>('GET', `${BASE}/batches?kind=predictions`);
  return body.items.filter(({ dropped_at }) => dropped_at === null).length;
};
const found = async () => {
  const { body } = await story.call<{ items: { prediction_id: string }[] }>('GET', `${BASE}/predictions?limit=1000`);
  return new Set(body.items.map(({ prediction_id }) => prediction_id.slice(0, 2)));
};
const trash = async () =>
  (await story.ctx.sql`select count(*)::int as n from object_tombstones where state = 'trashed'`)[0]?.n as number;

describe('a model that nobody watches', () => {
  beforeAll(() => begin({ watched: false }));
  afterAll(() => story.close());

  test('keeps everything until a rule is set', async () => {
    const { body } = await story.call<Record<string, unknown>>('GET', RETENTION);
    expect(body).toMatchObject({ keep_rows: null, keep_seconds: null, updated_at: null, let_go: { batches: 0 } });
    await run();
    expect(await kept()).toBe(4);
  });

  test('keeps the newest rows in whole batches, says so before, and does it once', async () => {
    const before = await counts();
    expect(await plan({ keep_rows: 60 })).toMatchObject({
      drop: { batches: 2, rows: 100 },
      kept_for_reports: { batches: 0 },
      reports: { total: 0, ids: [] },
    });
    expect(await kept()).toBe(4);
    expect((await set({ keep_rows: 60 })).status).toBe(200);
    await run();
    expect([await kept(), await found(), await trash()]).toEqual([2, new Set(['d2', 'd3']), 2]);
    const after = await counts();
    for (const name of ['sent', 'accepted', 'duplicates', 'rejected', 'batches', 'settled']) {
      expect([name, after[name]]).toEqual([name, before[name]]);
    }
    await run();
    const { body } = await story.call<{ let_go: Sum; last_run_at: string | null }>('GET', RETENTION);
    expect([body.let_go.batches, body.let_go.rows, body.last_run_at === null]).toEqual([2, 100, false]);
  });

  test('forgets ids and labels of what was let go, and no others', async () => {
    const get = async (id: string) =>
      (await story.call<{ label: object | null }>('GET', `${BASE}/predictions/${id}`)).status;
    expect([await get('d0-1'), await get('d3-1')]).toEqual([404, 200]);
    expect(await counts()).toMatchObject({ labelled: 1, labels_waiting: 1 });
    // As a new prediction, not a repeat of one that nobody can see.
    await story.log('predictions', predictions(makeRows(1, 3), { id: 'd0', from: day(3), to: day(4) }));
    await story.drain(['settle-batches']);
    expect(await get('d0-0')).toBe(200);
  });

  test('by age, labels go too that no prediction came for', async () => {
    // Everything is older than an hour.
    await set({ keep_seconds: 3600 });
    await run();
    expect([await kept(), (await found()).size]).toEqual([0, 0]);
    expect(await counts()).toMatchObject({ labelled: 0, labels_waiting: 0 });
    const rows = await story.ctx
      .sql`select (select count(*) from prediction_index)::int p, (select count(*) from label_index)::int l`;
    expect(rows[0]).toEqual({ p: 0, l: 0 });
  });

  test.each([[{ keep_seconds: 10 }], [{ keep_rows: -1 }], [{ keep: 3 }], [{ reports: 'shred' }]])(
    '%j is refused',
    async (rule) => {
      expect((await set(rule)).status).toBe(422);
      expect((await story.call('POST', `${RETENTION}/plan`, rule)).status).toBe(422);
    },
  );
});

describe('a model whose windows were judged', () => {
  beforeAll(() => begin({ watched: true }));
  afterAll(() => story.close());

  const replay = async (report: string | null) =>
    (
      await story.call<{ agrees: boolean; error: { code: string; message: string } | null }>(
        'POST',
        `/v1/reports/${report}/replay`,
      )
    ).body;

  test('keeps what reports need unless they are released, and what has no verdict yet', async () => {
    expect(await plan({ keep_rows: 0 })).toMatchObject({
      kept_for_reports: { batches: 3, rows: 150 },
      kept_for_windows: { batches: 1, rows: 50 },
      reports: { total: 0 },
    });
    await set({ keep_rows: 0 });
    await run();
    expect(await kept()).toBe(4);
    const released = await plan({ keep_rows: 0, reports: 'release' });
    expect(released).toMatchObject({ kept_for_windows: { batches: 1 }, reports: { total: 3 } });
    const reports = (await story.windows()).flatMap(({ report }) => (report === null ? [] : [report]));
    expect(released.reports.ids).toEqual(reports.toSorted());
  });

  test('a released report stays as it is, and says by name what it can no longer be computed from', async () => {
    const [first] = await story.windows();
    const before = await story.call('GET', `/v1/reports/${first?.report}`);
    expect((await replay(first?.report ?? null)).agrees).toBe(true);
    await set({ keep_rows: 60, reports: 'release' });
    await run();
    expect(await kept()).toBe(2);
    expect((await story.call('GET', `/v1/reports/${first?.report}`)).body).toEqual(before.body);
    const told = await replay(first?.report ?? null);
    expect([told.agrees, told.error?.code]).toEqual([false, 'gone']);
    expect(told.error?.message).toMatch(/the rows of batch \d+ were let go/);
    // Those of the batches that are kept can be.
    expect((await replay((await story.windows())[2]?.report ?? null)).agrees).toBe(true);
  });

  test('late rows and late labels leave the verdict of such a window standing', async () => {
    const [before] = await story.windows();
    await story.log('predictions', predictions(makeRows(5, 9), { id: 'late', from: day(0), to: day(0) + DAY / 2 }));
    await story.log('labels', [{ prediction_id: 'late-1', label: 1 }]);
    await story.drain();
    const [after] = await story.windows();
    expect([after?.state, after?.verdict, after?.report]).toEqual(['judged', before?.verdict, before?.report]);
    expect(after?.error?.code).toBe('gone');
    expect(after?.performance).toEqual(before?.performance);
  });

  test('what a selection waits for is not taken away', async () => {
    await story.call('POST', `${BASE}/predictions/select`, { dataset: 'chosen' });
    await set({ keep_rows: 0, reports: 'release' });
    const before = await kept();
    await run();
    expect(await kept()).toBe(before);
    await story.drain(['derive-selection']);
    await run();
    expect(await kept()).toBeLessThan(before);
  });

  test('killed between two chunks it goes on', async () => {
    const model = (await story.ctx.sql`select id::int from models`)[0]?.id as number;
    await retainLogs(story.ctx, { modelId: model });
    const rows = await story.ctx
      .sql`select count(*)::int n from prediction_index p join batches b on b.id = p.batch_id where b.dropped_at is not null`;
    expect(rows[0]?.n).toBe(0);
  });
});

describe('batches that reports were only compared with', () => {
  beforeAll(() => begin({ watched: true }));
  afterAll(() => story.close());

  test('are kept for them as well', async () => {
    const { sql } = story.ctx;
    const [{ id } = { id: 0 }] = await sql<
      { id: number }[]
    >`select min(id)::int as id from batches where kind = 'predictions'`;
    await sql`update reports set inputs = '[]', reference_inputs = null`;
    const none = await plan({ keep_rows: 0 });
    expect([none.kept_for_reports.batches, none.drop.batches]).toEqual([0, 4]);
    await sql`update reports set reference_inputs = jsonb_build_object('previous', jsonb_build_object('inputs',
      jsonb_build_array(jsonb_build_object('batch', ${id}::int)))) where id = (select min(id) from reports)`;
    expect((await plan({ keep_rows: 0 })).kept_for_reports.batches).toBe(1);
    expect((await plan({ keep_rows: 0, reports: 'release' })).reports.total).toBe(1);
  });
});
