import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { moveReference } from '../../../src/domain/monitor/revise.ts';
import { transact } from '../../../src/store/postgres/db.ts';
import { DAY, day, MODEL, makeRows, predictions, referenceCsv, type Story, setUp, startStory } from './story.ts';

let story: Story;
beforeAll(async () => {
  story = await startStory();
  await setUp(story, makeRows(500, 1));
  await story.drain();
  await story.call('POST', `/v1/models/${MODEL}/monitors`, { name: 'daily' });
});
afterAll(() => story.close());

const logDay = (n: number): Promise<void> =>
  story.log('predictions', predictions(makeRows(200, 60 + n, 2), { id: `d${n}`, from: day(n), to: day(n) + DAY }));

describe('moving the reference', () => {
  it('holds from a point in event time on; what was judged before keeps its reference', async () => {
    for (const n of [0, 1, 2]) await logDay(n);
    await story.drain();
    expect((await story.windows()).map(({ verdict }) => verdict)).toEqual(['drift', 'drift', null]);

    const pushed = await story.call<{ number: number }>(
      'POST',
      '/v1/datasets/credit/versions?path=train.csv',
      referenceCsv(makeRows(500, 2, 2)),
      { 'content-type': 'text/csv' },
    );
    expect(pushed.status).toBe(201);
    await story.call('POST', `/v1/models/${MODEL}/versions`, {
      dataset: 'credit',
      ref: 'v2',
      roles: { prediction: 'prediction', score: 'score', label: 'defaulted', ignore: ['age'] },
    });
    const [monitor] = await story.ctx.sql`select id from monitors`;
    const [version] = await story.ctx.sql`select id from versions where number = 2`;
    const move = {
      monitorId: Number(monitor?.id),
      versionId: Number(version?.id),
      effectiveFrom: new Date(day(2)),
      author: 'a test',
      reason: 'promoted',
    };
    const revision = await transact(story.ctx.db, (tx) => moveReference(tx, move));
    expect(revision.revision).toBe(2);
    // Moving there again is no change.
    expect((await transact(story.ctx.db, (tx) => moveReference(tx, move))).revision).toBe(2);

    await logDay(3);
    await story.drain();
    const found = await story.windows();
    expect(found.map(({ verdict, revision: r }) => [verdict, r])).toEqual([
      ['drift', 1],
      ['drift', 1],
      ['no_drift', 1],
      [null, 1],
    ]);
    type Body = { body: { reference: { version: number }; columns: { name: string }[] } };
    const report = async (n: number): Promise<Body['body']> =>
      (await story.call<Body>('GET', `/v1/reports/${found[n]?.report}`)).body.body;
    expect((await report(1)).reference.version).toBe(1);
    expect((await report(2)).reference.version).toBe(2);
    // The new model version says what its columns are.
    expect((await report(2)).columns.map(({ name }) => name)).toEqual(['income', 'region', 'prediction', 'score']);
  });
});

describe('a change that is scheduled', () => {
  type Shown = {
    revision: number;
    config: { alpha: number; lateness: string; minimum_rows: number };
    scheduled: { revision: number; effective_from: string; config: Shown['config']; author: string }[];
  };
  const path = `/v1/models/${MODEL}/monitors/planned`;
  const shown = async () => (await story.call<Shown>('GET', path)).body;
  const patch = (body: object) => story.call<Shown>('PATCH', path, body);
  const later = '2040-01-01T00:00:00.000Z';

  beforeAll(async () => {
    await story.call('POST', `/v1/models/${MODEL}/monitors`, { name: 'planned' });
    await story.drain();
  });

  it('takes no effect before its time', async () => {
    const planned = await patch({ lateness: 'P30D', alpha: 0.01, effective_from: later });
    expect(planned.body).toMatchObject({ revision: 1, config: { alpha: 0.05, lateness: 'PT1H' } });
    expect(planned.body.scheduled).toMatchObject([
      { revision: 2, effective_from: later, config: { alpha: 0.01, lateness: 'P30D' } },
    ]);
    // Windows close by the lateness in force.
    const before = (await story.windows('planned')).length;
    await logDay(4);
    await story.drain();
    const windows = await story.windows('planned');
    expect(windows.length).toBe(before + 1);
    expect(windows.at(-2)).toMatchObject({ state: 'judged' });
    const tried = await story.call<{ windows: object[] }>('POST', `${path}/preview`, {});
    expect(tried.body.windows.length).toBeGreaterThan(2);
  });

  it('is kept by a change made before it, and changed alike', async () => {
    const changed = await patch({ minimum_rows: 77, reason: 'few rows' });
    expect(changed.body).toMatchObject({ config: { alpha: 0.05, lateness: 'PT1H', minimum_rows: 77 } });
    expect(changed.body.scheduled).toMatchObject([
      { effective_from: later, config: { alpha: 0.01, lateness: 'P30D', minimum_rows: 77 } },
    ]);
    // The tag is that of the newest revision, so that a change made meanwhile is seen.
    expect(changed.headers.get('etag')).toBe('"4"');
    expect((await story.call('PATCH', path, { alpha: 0.2 }, { 'if-match': '"3"' })).status).toBe(412);
  });

  it('is kept when the reference moves', async () => {
    const [monitor] = await story.ctx.sql`select id from monitors where name = 'planned'`;
    const [version] = await story.ctx.sql`select id from versions where number = 2`;
    const move = { monitorId: Number(monitor?.id), versionId: Number(version?.id), effectiveFrom: new Date(day(3)) };
    await transact(story.ctx.db, (tx) => moveReference(tx, { ...move, author: 'someone', reason: 'promoted' }));
    expect(await shown()).toMatchObject({
      reference: { version: 2 },
      config: { alpha: 0.05, minimum_rows: 77 },
      scheduled: [{ reference: { version: 2 }, config: { alpha: 0.01 }, author: 'someone' }],
    });
  });

  it('is told with who made it and what it changed', async () => {
    type Revisions = { items: { revision: number; author: string; reason: string; changes: object[] }[] };
    const { items } = (await story.call<Revisions>('GET', `${path}/revisions`)).body;
    const found = (number: number) => items.find(({ revision }) => revision === number);
    expect(found(1)).toMatchObject({ reason: 'created', changes: [], author: expect.any(String) });
    expect(found(2)?.changes).toEqual([
      { pointer: '/alpha', before: 0.05, after: 0.01 },
      { pointer: '/lateness', before: 'PT1H', after: 'P30D' },
    ]);
    expect(found(3)).toMatchObject({
      reason: 'few rows',
      changes: [{ pointer: '/minimum_rows', before: 50, after: 77 }],
    });
    expect(found(4)).toMatchObject({ reason: 'few rows (with revision 2: changed)' });
    expect(found(5)?.changes).toContainEqual({
      pointer: '/reference_version',
      before: 'credit@v1',
      after: 'credit@v2',
    });
  });

  it('may be what a preview has no windows for, and that is said', async () => {
    const tried = await story.call<{ why: string; watermark: string; closed_through: string; windows: object[] }>(
      'POST',
      `${path}/preview`,
      { lateness: 'P30D' },
    );
    expect(tried.body.windows).toEqual([]);
    const { watermark, closed_through: closed } = tried.body;
    expect(Date.parse(watermark) - Date.parse(closed)).toBe(30 * DAY);
    expect(tried.body.why).toContain(`windows that end by ${closed} have closed`);
  });
});
