import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { switchVersion } from '../../../src/domain/promotion/switch-version.ts';
import { findModel, listModelVersions } from '../../../src/store/monitor/models.ts';
import { transact } from '../../../src/store/postgres/db.ts';
import { DAY, day, MODEL, makeRows, predictions, type Story, setUp, startStory } from './story.ts';

const BASE = `/v1/models/${MODEL}/monitors`;
const DAYS = 6;
/** Chance is to have no say. */
const PLAIN = { alpha: 0.001 };

type Report = {
  body: {
    window: { rows: number };
    reference: { dataset: string; version: number; rows: number; windows?: object[] };
    violations: object[];
  };
};
type Preview = { windows: { rows: number; verdict: string }[] };

let story: Story;

/** Two versions at once: 200 rows a day of the first, as it was trained, and 100 of the second, whose income has moved. */
function rowsOf(n: number): { prediction_id: string; prediction: number }[] {
  const span = { from: day(n), to: day(n) + DAY };
  const first = predictions(makeRows(200, 50 + n), { id: `a${n}`, ...span });
  const second = predictions(makeRows(100, 70 + n, 2), { id: `b${n}`, ...span });
  const nameless = predictions(makeRows(20, 900 + n, 9), { id: `c${n}`, ...span });
  const rows = [
    ...first.map((row) => ({ ...row, model_version: 'v1' })),
    ...second.map((row) => ({ ...row, model_version: 'v2' })),
    ...nameless,
  ];
  // In the order of their times, so that both lie in each batch, and in no bytes of their own.
  return (rows as { timestamp: string; prediction_id: string; prediction: number }[]).sort((a, b) =>
    a.timestamp < b.timestamp ? -1 : 1,
  );
}

beforeAll(async () => {
  story = await startStory();
  await setUp(story, makeRows(2000, 1));
  await story.drain();
  const moved = await story.call('POST', '/v1/datasets/credit/versions?path=train.csv', csvMoved(), {
    'content-type': 'text/csv',
  });
  expect(moved.status).toBe(201);
  const roles = { prediction: 'prediction', score: 'score', label: 'defaulted' };
  const bound = await story.call('POST', `/v1/models/${MODEL}/versions`, { dataset: 'credit', ref: 'v2', roles });
  expect(bound.status).toBe(201);
  await story.drain();

  for (const [name, config] of Object.entries({
    all: {},
    first: { model_version: 'v1' },
    second: { model_version: 'v2' },
    canary: { model_version: 'v2', dataset: 'credit', ref: 'v1' },
    trailing: { model_version: 'v1', reference: { kind: 'trailing', windows: 2 }, compare_previous: true },
    counted: { model_version: 'v2', window: { rows: 150 } },
  })) {
    expect(await story.call('POST', BASE, { name, ...PLAIN, ...config })).toMatchObject({ status: 201 });
  }
  for (let n = 0; n < DAYS; n++) {
    const rows = rowsOf(n);
    await story.log('predictions', rows);
    // The labels of the first version are right, those of the second are wrong.
    await story.log(
      'labels',
      rows.map(({ prediction_id, prediction }) => ({
        prediction_id,
        label: prediction_id.startsWith('a') ? prediction : 1 - prediction,
      })),
    );
  }
  const through = new Date(day(DAYS) + 3600_000).toISOString();
  await story.call('POST', `/v1/models/${MODEL}/watermark`, { through });
  await story.drain();
});
afterAll(() => story.close());

function csvMoved(): string {
  const lines = makeRows(2000, 2, 2).map(({ income, age, region, prediction, score }) =>
    [income, age ?? '', region, prediction, score, prediction].join(','),
  );
  return ['income,age,region,prediction,score,defaulted', ...lines, ''].join('\n');
}

const reportOf = async (monitor: string, n: number) => {
  const window = (await story.windows(monitor)).at(n);
  const { body } = (await story.call<Report>('GET', `/v1/reports/${window?.report}`)).body;
  return { id: window?.report ?? '', ...body };
};

const verdicts = async (monitor: string) => (await story.windows(monitor)).map(({ rows, verdict }) => [rows, verdict]);

describe('a monitor of one model version', () => {
  it('counts and judges the rows that name it, against what it was trained on', async () => {
    const days = (rows: number, verdict: string) => Array.from({ length: DAYS }, () => [rows, verdict]);
    expect(await verdicts('all')).toEqual(days(320, 'drift'));
    expect(await verdicts('first')).toEqual(days(200, 'no_drift'));
    expect(await verdicts('second')).toEqual(days(100, 'no_drift'));
    expect(await verdicts('canary')).toEqual(days(100, 'drift'));
    expect((await reportOf('first', 3)).reference.version).toBe(1);
    expect((await reportOf('second', 3)).reference.version).toBe(2);
  });

  it('compares with rows of that version in earlier windows', async () => {
    const { reference } = await reportOf('trailing', 4);
    expect(reference).toMatchObject({ rows: 400, windows: [{ rows: 200 }, { rows: 200 }] });
    expect((await verdicts('trailing')).at(4)).toEqual([200, 'no_drift']);
  });

  it('makes windows of so many of its rows', async () => {
    const counted = await verdicts('counted');
    expect(counted.slice(0, 3)).toEqual([150, 150, 150].map((rows) => [rows, 'no_drift']));
    expect(counted.reduce((sum, [rows]) => sum + Number(rows), 0)).toBe(600);
  });

  it('measures performance by labels of its rows alone', async () => {
    const performance = async (monitor: string) => {
      const window = (await story.windows(monitor)).at(2);
      return [window?.performance?.labelled, window?.performance?.metrics.accuracy?.value];
    };
    expect(await performance('first')).toEqual([200, 1]);
    expect(await performance('second')).toEqual([100, 0]);
  });

  it('can be replayed, and previewed before it is made', async () => {
    for (const monitor of ['first', 'canary', 'trailing', 'counted']) {
      const replay = await story.call('POST', `/v1/reports/${(await reportOf(monitor, 1)).id}/replay`);
      expect(replay.body).toMatchObject({ agrees: true, differences: [] });
    }
    const preview = await story.call<Preview>('POST', `/v1/models/${MODEL}/preview`, { ...PLAIN, model_version: 'v2' });
    expect(preview.body.windows.map(({ rows, verdict }) => [rows, verdict])).toEqual(await verdicts('second'));
  });

  it('is known of a row that is looked up', async () => {
    const path = `/v1/models/${MODEL}/predictions/b1-7`;
    const { windows } = (await story.call<{ windows: { monitor: string }[] }>('GET', path)).body;
    expect(windows.map(({ monitor }) => monitor)).toEqual(['all', 'canary', 'counted', 'second']);
  });

  it('keeps its version, and takes none that there is not', async () => {
    const wrong = await story.call('POST', BASE, { name: 'wrong', model_version: 'v9' });
    expect(wrong).toMatchObject({
      status: 422,
      body: { errors: [{ code: 'unknown-version', pointer: '/model_version' }] },
    });
    const other = await story.call('PUT', `${BASE}/first`, { ...PLAIN, model_version: 'v2' });
    expect(other).toMatchObject({ status: 422, body: { errors: [{ code: 'fixed', pointer: '/model_version' }] } });
    const policy = { name: 'p', model: MODEL, monitor: 'first' };
    expect(await story.call('POST', '/v1/policies', policy)).toMatchObject({ status: 422 });
  });

  it('is left alone when another version is put into service', async () => {
    const { ctx } = story;
    const model = await findModel(ctx.db, 1, MODEL);
    const version = (await listModelVersions(ctx.db, model?.id ?? 0)).at(-1);
    if (model === null || version === undefined) throw new Error('no second version');
    await transact(ctx.db, (tx) => switchVersion(tx, ctx, { model, version, author: 'ada', reason: 'better' }));
    expect((await story.call('GET', `${BASE}/all`)).body).toMatchObject({ reference: { version: 2 } });
    const first = await story.call('GET', `${BASE}/first`);
    expect(first.body).toMatchObject({ reference: { version: 1 }, config: { model_version: 'v1' } });
  });
});
