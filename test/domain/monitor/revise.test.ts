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
