import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, day, MODEL, makeRows, predictions, type Story, setUp, startStory } from './story.ts';

const BASE = `/v1/models/${MODEL}/monitors`;

type Report = {
  body: {
    verdict: string;
    configuration: { judged_again?: object };
    columns: { name: string; findings: { measure: string; limit: number | null }[] }[];
  };
};

let story: Story;
beforeAll(async () => {
  story = await startStory();
  await setUp(story, makeRows(2000, 1));
  await story.drain();
  await story.call('POST', BASE, {
    name: 'daily',
    false_alarms: { at_most: 1, per: 'month' },
    // Smaller than what chance gives, so that its limits are those that were made.
    effects: { 'wasserstein/reference-std@1': 0.001 },
  });
  await log('first', 300, 0);
  const through = new Date(day(2)).toISOString();
  await story.call('POST', `/v1/models/${MODEL}/watermark`, { through });
  await story.drain();
});
afterAll(() => story.close());

/** Rows of the one day that is looked at. */
async function log(id: string, rows: number, shift: number): Promise<void> {
  await story.log(
    'predictions',
    predictions(makeRows(rows, 900 + id.charCodeAt(0), shift), { id, from: day(0), to: day(0) + DAY }),
  );
  await story.drain();
}

async function report() {
  const [window] = await story.windows();
  const { body } = (await story.call<Report>('GET', `/v1/reports/${window?.report}`)).body;
  const income = body.columns.find(({ name }) => name === 'income');
  const limit = income?.findings.find(({ measure }) => measure.startsWith('wasserstein'))?.limit ?? 0;
  return { id: window?.report ?? '', revision: window?.revision, ...body, limit };
}

describe('a window that is judged again as rows come late', () => {
  it('has higher limits each time, says so, and is judged so again from its bytes', async () => {
    // The monitor was made before anything was logged, when nobody knew how many rows a window has.
    const { calibration } = (await story.call<{ calibration: object }>('GET', `${BASE}/daily`)).body;
    expect(calibration).toMatchObject({ source: 'resamples', window_rows: 300 });
    const reports = [await report()];
    for (const id of ['a', 'b', 'c']) {
      await log(id, 20, 0);
      reports.push(await report());
    }
    expect(reports.map(({ verdict }) => verdict)).toEqual(['no_drift', 'no_drift', 'no_drift', 'no_drift']);
    expect(reports.map(({ configuration }) => configuration.judged_again)).toEqual([
      undefined,
      { quiet_verdicts: 1, times_rarer: 8 },
      { quiet_verdicts: 2, times_rarer: 16 },
      { quiet_verdicts: 3, times_rarer: 32 },
    ]);
    const limits = reports.map(({ limit }) => limit);
    expect(limits.toSorted((a, b) => a - b)).toEqual(limits);
    expect((limits[1] ?? 0) / (limits[0] ?? 1)).toBeGreaterThan(1.3);
    for (const { id } of reports) {
      expect((await story.call('POST', `/v1/reports/${id}/replay`)).body).toMatchObject({ agrees: true });
    }
  });

  it('still finds what is plain, and takes it back when rows that come later say so', async () => {
    await log('moved', 400, 3);
    expect(await report()).toMatchObject({ verdict: 'drift', configuration: { judged_again: { quiet_verdicts: 4 } } });
    await log('healthy', 12_000, 0);
    expect(await report()).toMatchObject({
      verdict: 'no_drift',
      configuration: { judged_again: { quiet_verdicts: 4 } },
    });
  });

  it('begins anew with another configuration', async () => {
    await story.call('PATCH', `${BASE}/daily`, { minimum_rows: 60, effective_from: new Date(day(0)).toISOString() });
    await story.drain();
    expect((await report()).configuration.judged_again).toBeUndefined();
  });
});
