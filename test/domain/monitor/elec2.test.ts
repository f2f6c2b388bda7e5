import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MODEL, type Story, startStory } from './story.ts';

/** Electricity prices of New South Wales, half-hourly from May 1996 on; three of the columns stand still until May 1997. */
const FILE = fileURLToPath(new URL('../../../../shared/data/elec2/elec2.csv', import.meta.url));
const FIRST = Date.UTC(1996, 4, 7);
const HALF_HOUR = 1_800_000;
const WEEK_ROWS = 7 * 48;
const COLUMNS = ['nswprice', 'nswdemand', 'vicprice', 'vicdemand', 'transfer'] as const;

type Hour = { readonly at: string; readonly values: readonly string[]; readonly up: string };

function readHours(): Hour[] {
  const [header = '', ...lines] = readFileSync(FILE, 'utf8').trim().split('\n');
  const names = header.split(',');
  const places = COLUMNS.map((name) => names.indexOf(name));
  return lines.map((line, i) => {
    const cells = line.split(',');
    const at = new Date(FIRST + i * HALF_HOUR).toISOString();
    return { at, values: places.map((place) => cells[place] ?? ''), up: cells[names.indexOf('class')] ?? '' };
  });
}

/** Monday of the week in which the columns begin to move. */
const CHANGE = '1997-05-05';

describe.skipIf(!existsSync(FILE))('a year of electricity prices (needs ../shared/data)', () => {
  let story: Story;
  const REFERENCE = 26 * WEEK_ROWS;
  const END = 64 * WEEK_ROWS;
  const BASE = `/v1/models/${MODEL}/monitors`;
  const week = { window: { period: 'week' } };
  const before = { reference: { kind: 'trailing', windows: 8 } };

  beforeAll(async () => {
    story = await startStory();
    const hours = readHours();
    const header = ['timestamp', ...COLUMNS, 'prediction'].join(',');
    const lines = hours.slice(0, REFERENCE).map(({ at, values, up }) => [at, ...values, up].join(','));
    const csv = [header, ...lines, ''].join('\n');
    await story.call('POST', '/v1/datasets/elec/versions?path=train.csv', csv, { 'content-type': 'text/csv' });
    await story.call('POST', '/v1/models', { name: MODEL, task: 'binary', positive_label: '1' });
    const roles = { timestamp: 'timestamp', prediction: 'prediction' };
    await story.call('POST', `/v1/models/${MODEL}/versions`, { dataset: 'elec', ref: 'v1', roles });
    await story.drain();
    for (let from = REFERENCE; from < END; from += 8 * WEEK_ROWS) {
      const rows = hours.slice(from, Math.min(END, from + 8 * WEEK_ROWS)).map(({ at, values, up }, i) => ({
        prediction_id: `p${from + i}`,
        timestamp: at,
        features: Object.fromEntries(COLUMNS.map((name, c) => [name, Number(values[c])])),
        prediction: Number(up),
      }));
      await story.log('predictions', rows);
    }
    for (const monitor of [
      { name: 'weekly', ...week, ...before },
      { name: 'loud', ...week, ...before, false_alarms: null },
    ]) {
      const made = await story.call('POST', BASE, monitor);
      if (made.status !== 201) throw new Error(JSON.stringify(made.body));
    }
    await story.drain();
    // Most of a year's windows, twice: a busy machine takes its time.
  });
  afterAll(() => story.close());

  const judged = async (monitor: string) =>
    (await story.windows(monitor)).filter(({ verdict }) => verdict === 'drift' || verdict === 'no_drift');
  type Report = { body: { reference: { windows: { start: string }[]; windows_adopted?: number } } };
  const referenceOf = async (start: string | undefined) =>
    (await story.call<Report>('GET', `${BASE}/weekly/windows/${start}/report`)).body.body.reference;

  it('have no weekly alarms from their seasons, and their change is found in its first week', async () => {
    const windows = await judged('weekly');
    const drifted = windows.filter(({ verdict }) => verdict === 'drift');
    const healthy = windows.filter(({ start }) => start < CHANGE);
    expect(healthy.length).toBeGreaterThanOrEqual(18);
    expect(drifted.filter(({ start }) => start < CHANGE).map(({ start }) => start)).toEqual([]);
    expect(drifted[0]?.start.slice(0, 10)).toBe(CHANGE);
    expect(drifted[0]?.drifted_columns).toEqual(['vicprice', 'vicdemand', 'transfer']);
  });

  it('are compared with the eight weeks before, and with those of the change once it has lasted as long', async () => {
    const since = (await judged('weekly')).filter(({ start }) => start >= CHANGE);
    const last = await referenceOf(since[7]?.start);
    expect(last.windows.at(-1)?.start.slice(0, 10)).toBe('1997-04-28');
    const after = await referenceOf(since[8]?.start);
    expect(after).toMatchObject({ windows_adopted: 8 });
    expect(after.windows[0]?.start.slice(0, 10)).toBe(CHANGE);
    const shown = await story.call<{ lints: { code: string }[] }>('GET', `${BASE}/weekly`);
    expect(shown.body.lints.map(({ code }) => code)).toContain('change-adopted');
    // By limits that were made while the columns stood still, three of these four weeks drift.
    const verdicts = since.map(({ verdict }) => verdict);
    expect(verdicts).toEqual([...Array(8).fill('drift'), ...Array(4).fill('no_drift')]);
  });

  it('are loud where limits are left as they stand, and that is said', async () => {
    const healthy = (await judged('loud')).filter(({ start }) => start < CHANGE);
    expect(healthy.filter(({ verdict }) => verdict === 'drift').length).toBeGreaterThan(healthy.length / 2);
    const shown = await story.call<{ lints: { code: string }[] }>('GET', `${BASE}/loud`);
    expect(shown.body.lints.map(({ code }) => code)).toContain('alarms-throughout');
  });
});
