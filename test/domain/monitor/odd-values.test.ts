import { afterAll, beforeAll, expect, it } from 'vitest';
import { encodeArrow } from '../../../src/formats/arrow/writer.ts';
import { createApp } from '../../../src/http/app.ts';
import { numbers, texts, times } from '../../stats/columns.ts';
import { DAY, day, MODEL, makeRows, type Story, setUp, startStory } from './story.ts';

const ROWS = 200;

type Column = { name: string; verdict: string; why: string; effect: { value: number | null } | null };
type Report = { body: { verdict: string; columns: Column[] } };

let story: Story;
beforeAll(async () => {
  story = await startStory();
  await setUp(story, makeRows(2000, 1));
  await story.drain();
  await story.call('POST', `/v1/models/${MODEL}/monitors`, { name: 'daily' });
});
afterAll(() => story.close());

/** A day as a table, where features are what they are said to be. */
async function logDay(
  n: number,
  features: { income: (number | null)[]; age: (number | null)[]; region: (string | null)[] },
) {
  const rows = makeRows(ROWS, 50 + n);
  const at = rows.map((_, i) => day(n) + Math.floor((i * DAY) / ROWS));
  const columns = {
    prediction_id: texts(rows.map((_, i) => `o${n}-${i}`)),
    timestamp: times(at),
    prediction: numbers(
      rows.map(({ prediction }) => prediction),
      'int64',
    ),
    score: numbers(rows.map(({ score }) => score)),
    income: numbers(features.income),
    age: numbers(features.age, 'int64'),
    region: texts(features.region),
  };
  const fields = Object.entries(columns).map(([name, { type }]) => ({ name, type }));
  const table = encodeArrow(fields, { rows: ROWS, columns: Object.values(columns) });
  const answer = await createApp(story.ctx).request(`/v1/models/${MODEL}/predictions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.apache.arrow.stream' },
    body: table.slice(),
  });
  expect([answer.status, await answer.json()]).toMatchObject([200, { accepted: ROWS, rejected: 0 }]);
  const labels = rows.map(({ prediction }, i) => ({ prediction_id: `o${n}-${i}`, label: prediction }));
  await story.log('labels', labels);
}

const ORDINARY = makeRows(ROWS, 7);
const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];

it('columns without any value, of one value, and of values that are no numbers are judged, and told in numbers', async () => {
  const { income, age, region } = {
    income: ORDINARY.map((row) => row.income),
    age: ORDINARY.map((row) => row.age),
    region: ORDINARY.map((row) => row.region),
  };
  await logDay(0, { income, age, region });
  await logDay(1, { income: income.map(() => null), age, region: region.map(() => null) });
  await logDay(2, { income: income.map(() => 1000), age: age.map(() => 40), region: region.map(() => 'north') });
  await logDay(3, { income: income.map((_, i) => odd[i % 4] ?? 0), age, region });
  const through = new Date(day(5)).toISOString();
  await story.call('POST', `/v1/models/${MODEL}/watermark`, { through });
  await story.drain();
  const windows = await story.windows();
  const reports = await Promise.all(
    windows.slice(0, 4).map(async ({ report }) => (await story.call<Report>('GET', `/v1/reports/${report}`)).body),
  );
  const verdicts = reports.map(({ body }) => Object.fromEntries(body.columns.map((c) => [c.name, c.verdict])));
  expect(verdicts[0]).toMatchObject({ income: 'no_drift', age: 'no_drift', region: 'no_drift' });
  expect(verdicts[1]).toMatchObject({ income: 'drift', age: 'no_drift', region: 'drift' });
  expect(verdicts[2]).toMatchObject({ income: 'drift', age: 'drift', region: 'drift' });
  expect(verdicts[3]).toMatchObject({ income: 'drift', age: 'no_drift' });
  for (const { body } of reports)
    for (const { why } of body.columns) expect(why).not.toMatch(/NaN|Infinity|undefined|null/);
  // What is no number would be null in JSON, and a measure that decides has one.
  const deciding = reports.flatMap(({ body }) => body.columns.filter(({ verdict }) => verdict === 'drift'));
  for (const { effect } of deciding) expect(Number.isFinite(effect?.value)).toBe(true);
  for (const window of windows.slice(0, 4)) {
    expect(window.performance?.metrics.accuracy?.value).toBe(1);
    const replay = await story.call('POST', `/v1/reports/${window.report}/replay`);
    expect(replay.body).toMatchObject({ agrees: true });
  }
});
