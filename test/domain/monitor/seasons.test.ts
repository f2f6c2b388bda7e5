import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, day, MODEL, makeRows, predictions, type Row, type Story, startStory } from './story.ts';

const BASE = `/v1/models/${MODEL}/monitors`;
const WEEKS = 3;
type Shown = { config: { false_alarms?: object }; calibration: { source: string; why: string } | null };

/** On weekends income is lower. */
const rowsOf = (n: number, rows: number, shift = 0): Row[] =>
  makeRows(rows, 500 + n, shift + (((n % 7) + 7) % 7 >= 5 ? -1 : 0));

/** Four weeks before the story begins, with the time of each row. */
function referenceOf(): string {
  const lines = Array.from({ length: 28 }, (_, i) => i - 28).flatMap((n) =>
    rowsOf(n, 150).map(({ income, age, region, prediction, score }, i) => {
      const at = new Date(Math.floor(day(n) + (i * DAY) / 150)).toISOString();
      return [at, income, age ?? '', region, prediction, score, prediction].join(',');
    }),
  );
  return ['timestamp,income,age,region,prediction,score,defaulted', ...lines, ''].join('\n');
}

describe('a reference that tells when its rows were', () => {
  let story: Story;

  beforeAll(async () => {
    story = await startStory();
    const pushed = await story.call('POST', '/v1/datasets/credit/versions?path=train.csv', referenceOf(), {
      'content-type': 'text/csv',
    });
    if (pushed.status !== 201) throw new Error(JSON.stringify(pushed.body));
    await story.call('POST', '/v1/models', { name: MODEL, task: 'binary', positive_label: '1' });
    const roles = { prediction: 'prediction', score: 'score', label: 'defaulted' };
    await story.call('POST', `/v1/models/${MODEL}/versions`, { dataset: 'credit', ref: 'v1', roles });
    await story.drain();
    for (let n = 0; n <= 7 * WEEKS; n++) {
      // The last day is a Monday that is like a weekend, and more.
      const rows = rowsOf(n, 200, n === 7 * WEEKS ? -2 : 0);
      await story.log('predictions', predictions(rows, { id: `d${n}`, from: day(n), to: day(n + 1) }));
    }
    await story.log('predictions', predictions(makeRows(5, 1), { id: 'end', from: day(23), to: day(24) }));
  });
  afterAll(() => story.close());

  const create = async (monitor: object) => {
    const made = await story.call<Shown>('POST', BASE, monitor);
    if (made.status !== 201 && made.status !== 200) throw new Error(JSON.stringify(made.body));
    return made;
  };
  const drifted = async (monitor: string) =>
    (await story.windows(monitor)).flatMap(({ verdict }, n) => (verdict === 'drift' ? [n] : []));

  it('has a monitor that was told nothing know its seasons, and so be quiet', async () => {
    const made = await create({ name: 'daily' });
    expect(made.body.config.false_alarms).toEqual({ at_most: 1, per: 'month' });
    // The same again is the same monitor.
    expect((await create({ name: 'daily' })).status).toBe(200);
    await story.drain();
    const { calibration } = (await story.call<Shown>('GET', `${BASE}/daily`)).body;
    expect(calibration).toMatchObject({ source: 'reference-periods' });
    expect(calibration?.why).toMatch(/^resamples of 7 times of the week in the reference/);
    expect(await drifted('daily')).toEqual([7 * WEEKS]);
  });

  it('alarms every weekend where somebody wants the limits as they stand', async () => {
    const made = await create({ name: 'plain', false_alarms: null });
    expect(made.body.config.false_alarms).toBeUndefined();
    await story.drain();
    expect((await drifted('plain')).length).toBeGreaterThanOrEqual(2 * WEEKS);
  });

  it('is previewed as it would be made', async () => {
    const found = await story.call<{ windows: { verdict: string }[] }>('POST', `/v1/models/${MODEL}/preview`, {});
    const verdicts = (await story.windows('daily')).map(({ verdict }) => verdict);
    expect(found.body.windows.map(({ verdict }) => verdict)).toEqual(verdicts.slice(0, found.body.windows.length));
  });

  it('replays a report with limits that it made', async () => {
    const { report } = (await story.windows('daily'))[5] ?? {};
    const replay = await story.call<{ agrees: boolean }>('POST', `/v1/reports/${report}/replay`);
    expect(replay.body.agrees).toBe(true);
  });
});
