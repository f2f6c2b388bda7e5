import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, day, MODEL, makeRows, predictions, type Row, type Story, startStory } from '../monitor/story.ts';

const BASE = `/v1/models/${MODEL}/monitors`;
const WEEKS = 3;
type Shown = {
  config: { false_alarms?: object; seasons?: string };
  calibration: { source: string; why: string } | null;
};

/** On weekends income is lower. */
const rowsOf = (n: number, rows: number, shift = 0): Row[] =>
  makeRows(rows, 500 + n, shift + (((n % 7) + 7) % 7 >= 5 ? -1 : 0));

/** Four weeks before the story begins, with the time of each row under this name. */
function referenceOf(times = 'timestamp'): string {
  const lines = Array.from({ length: 28 }, (_, i) => i - 28).flatMap((n) =>
    rowsOf(n, 150).map(({ income, age, region, prediction, score }, i) => {
      const at = new Date(Math.floor(day(n) + (i * DAY) / 150)).toISOString();
      return [at, income, age ?? '', region, prediction, score, prediction].join(',');
    }),
  );
  return [`${times},income,age,region,prediction,score,defaulted`, ...lines, ''].join('\n');
}

/** A model whose training data was pushed and is not profiled. */
async function startUnprofiled(reference: string): Promise<Story> {
  const story = await startStory();
  const pushed = await story.call('POST', '/v1/datasets/credit/versions?path=train.csv', reference, {
    'content-type': 'text/csv',
  });
  if (pushed.status !== 201) throw new Error(JSON.stringify(pushed.body));
  await story.call('POST', '/v1/models', { name: MODEL, task: 'binary', positive_label: '1' });
  const roles = { prediction: 'prediction', score: 'score', label: 'defaulted' };
  await story.call('POST', `/v1/models/${MODEL}/versions`, { dataset: 'credit', ref: 'v1', roles });
  return story;
}

describe('a reference that tells when its rows were', () => {
  let story: Story;

  beforeAll(async () => {
    story = await startUnprofiled(referenceOf());
    await story.drain();
    for (let n = 0; n <= 7 * WEEKS; n++) {
      // The last day is a Monday that is like a weekend, and more.
      const rows = rowsOf(n, 200, n === 7 * WEEKS ? -2.5 : 0);
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

describe('a monitor that is made while its reference is being profiled', () => {
  const stories: Story[] = [];
  afterAll(() => Promise.all(stories.map((story) => story.close())));
  const start = async (reference: string): Promise<Story> => {
    const story = await startUnprofiled(reference);
    stories.push(story);
    for (let n = 0; n < 3; n++) {
      const span = { id: `d${n}`, from: day(n), to: day(n + 1) };
      await story.log('predictions', predictions(rowsOf(n, 200), span));
    }
    return story;
  };

  it('is in the end what it is when it is made afterwards', async () => {
    const story = await start(referenceOf());
    const made = await story.call<Shown>('POST', BASE, { name: 'early' });
    expect(made.body.config).toMatchObject({ seasons: 'undecided' });
    expect((await story.call<Shown>('POST', BASE, { name: 'early' })).status).toBe(200);
    // A change would be made on what is not known yet; to switch it off, or to say it oneself, is none of these.
    const change = (body: object) => story.call('PATCH', `${BASE}/early`, body);
    expect((await change({ alpha: 0.02 })).status).toBe(503);
    expect((await change({ enabled: true })).status).toBe(200);

    // Without the decision nothing is judged, though the reference is there.
    await story.drain(['profile-version', 'settle-batches', 'close-windows', 'judge-window']);
    expect((await story.windows('early')).map(({ state }) => state)).toEqual(['ready', 'ready', 'open']);
    const first = (await story.windows('early'))[0]?.start ?? '';
    const shown = await story.call<{ not_judged_because: { code: string }[] }>('GET', `${BASE}/early/windows/${first}`);
    expect(shown.body.not_judged_because).toMatchObject([{ code: 'not-calibrated' }]);

    await story.drain();
    await story.call('POST', BASE, { name: 'late' });
    await story.drain();
    const configOf = async (name: string) => (await story.call<Shown>('GET', `${BASE}/${name}`)).body;
    const [early, late] = [await configOf('early'), await configOf('late')];
    expect(early.config).toEqual(late.config);
    expect(early.config.false_alarms).toEqual({ at_most: 1, per: 'month' });
    expect(early.calibration).toEqual(late.calibration);
    expect((await story.call<Shown>('POST', BASE, { name: 'early' })).status).toBe(200);
    const verdicts = async (name: string) => (await story.windows(name)).map(({ verdict }) => verdict);
    expect(await verdicts('early')).toEqual(await verdicts('late'));
    expect((await change({ alpha: 0.02 })).status).toBe(200);
  });

  it('goes without where the reference tells nothing of times, or it was said meanwhile', async () => {
    const story = await start(referenceOf('note'));
    await story.call('POST', BASE, { name: 'early' });
    await story.call('POST', BASE, { name: 'told' });
    const told = await story.call<Shown>('PATCH', `${BASE}/told`, { false_alarms: { at_most: 1, per: 'week' } });
    expect(told.body.config).toMatchObject({ false_alarms: { at_most: 1, per: 'week' } });
    await story.drain();
    const { config, calibration } = (await story.call<Shown>('GET', `${BASE}/early`)).body;
    expect(config.seasons ?? config.false_alarms ?? calibration).toBeNull();
    expect((await story.windows('early')).map(({ state }) => state)).toEqual(['judged', 'judged', 'open']);
    expect((await story.windows('told')).map(({ state }) => state)).toEqual(['judged', 'judged', 'open']);
  });
});
