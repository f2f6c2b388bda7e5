import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DAY, day, MODEL, makeRows, predictions, type Story, setUp, startStory } from './story.ts';

const BASE = `/v1/models/${MODEL}/monitors`;

type Report = {
  summary: string;
  checks: { check: string; verdict: string; why: string }[];
  body: { violations: { column: string; code: string; count: number; examples: string[] }[] };
};
type Alert = { target: string; state: string; severity: string };

let story: Story;
beforeEach(async () => {
  story = await startStory();
  await setUp(story, makeRows(2000, 1));
  await story.drain();
  await story.call('POST', BASE, { name: 'daily' });
});
afterEach(() => story.close());

const DRAINED: Parameters<Story['drain']>[0] = [
  ...(['settle-batches', 'close-windows', 'calibrate-monitor', 'judge-window'] as const),
  ...(['measure-performance', 'estimate-performance', 'evaluate-alert'] as const),
];

/** A day of healthy rows, whose first ones name one version and whose others another. */
async function logDay(
  n: number,
  names: { readonly first: string | null; readonly rest: string | null; rows?: number },
) {
  const { first, rest, rows = 300 } = names;
  const made = predictions(makeRows(300, 50 + n), { id: `d${n}`, from: day(n), to: day(n) + DAY });
  await story.log(
    'predictions',
    made.map((row, i) => ({ ...row, model_version: i < rows ? first : rest })),
  );
  await story.call('POST', `/v1/models/${MODEL}/watermark`, { through: new Date(day(n + 1) + 3600_000).toISOString() });
  await story.drain(DRAINED);
}

async function reportOf(n: number) {
  const window = (await story.windows()).find(({ start }) => Date.parse(start) === day(n));
  const { body } = await story.call<Report>('GET', `/v1/reports/${window?.report}`);
  return { id: window?.report, ...body, schema: body.checks.find(({ check }) => check === 'schema') };
}

const schemaAlerts = async () =>
  (await story.call<{ items: Alert[] }>('GET', '/v1/alerts')).body.items.filter(({ target }) => target === 'schema');

describe('rows that name a version the model does not have', () => {
  it('break the schema of their window, alert, and can be replayed', async () => {
    await logDay(0, { first: 'v1', rest: null });
    expect((await reportOf(0)).body.violations).toEqual([]);
    await logDay(1, { first: 'zzz', rest: 'v1', rows: 20 });
    const few = await reportOf(1);
    expect(few.body.violations).toEqual([{ column: 'model_version', code: 'unknown', count: 20, examples: ['zzz'] }]);
    expect(few.schema?.verdict).toBe('sound');
    await logDay(2, { first: 'zzz', rest: 'canary', rows: 200 });
    const many = await reportOf(2);
    expect(many.schema).toMatchObject({
      verdict: 'unsound',
      why: 'Rows name what the model does not have: model_version (unknown, 100 %).',
    });
    expect(many.summary).toContain('model_version');
    expect(await schemaAlerts()).toMatchObject([{ state: 'firing' }]);
    const replay = await story.call('POST', `/v1/reports/${many.id ?? ''}/replay`);
    expect(replay.body).toMatchObject({ agrees: true });
    // Once the version is bound, its name is known from the next batch on.
    const bound = await story.call('POST', `/v1/models/${MODEL}/versions`, {
      dataset: 'credit',
      ref: 'v1',
      name: 'zzz',
    });
    expect(bound.status).toBe(201);
    for (const n of [3, 4]) await logDay(n, { first: 'zzz', rest: 'v1' });
    expect((await reportOf(3)).body.violations).toEqual([]);
    expect(await schemaAlerts()).toMatchObject([{ state: 'resolved' }]);
  });

  it('are told but are no news where none of the names was ever known', async () => {
    for (const n of [0, 1]) await logDay(n, { first: '2026-01', rest: '2026-01' });
    const told = await reportOf(1);
    expect(told.body.violations).toMatchObject([{ column: 'model_version', code: 'unknown', count: 300 }]);
    expect(told.schema?.verdict).toBe('sound');
    expect(await schemaAlerts()).toEqual([]);
  });

  it('are counted for the sender, alone and together with other bodies, and refused by a strict model', async () => {
    const rows = predictions(makeRows(4, 7), { id: 'x', from: day(0), to: day(0) + DAY });
    const path = `/v1/models/${MODEL}/predictions`;
    const send = (i: number, name: string) => {
      const body = `${JSON.stringify({ ...rows[i], model_version: name })}\n`;
      const headers = { 'content-length': String(body.length) };
      return story.call<{ violations?: object[]; errors?: object[] }>('POST', path, body, headers);
    };
    const answers = await Promise.all([send(0, 'v1'), send(1, 'zzz'), send(2, 'v1')]);
    expect(answers.map(({ body }) => body.violations?.length)).toEqual([0, 1, 0]);
    await story.call('PATCH', `/v1/models/${MODEL}`, { strict: true });
    expect(await send(3, 'zzz')).toMatchObject({
      status: 422,
      body: {
        errors: [
          {
            line: 1,
            field: 'model_version',
            code: 'unknown-version',
            detail: 'model_version is "zzz", which no version of the model is called; the model is strict',
          },
        ],
      },
    });
    expect((await send(3, 'v1')).status).toBe(200);
  });
});
