import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../../src/http/app.ts';
import { JOB_HANDLERS } from '../../../workers/jobs.ts';
import { day, MODEL, makeRows, predictions, type Row, type Story, setUp, startStory } from './story.ts';

const BASE = `/v1/models/${MODEL}/monitors`;
const iso = (n: number): string => new Date(day(n)).toISOString();
const QUIET = {
  'wasserstein/reference-std@1': 0.5,
  'psi/reference-edges@1': 1,
  'js_distance/base2/reference-edges@2': 0.4,
};

type Body = {
  verdict: string;
  why: string;
  reasons: string[];
  counts: { drifted: number };
  segments?: {
    by: string;
    values: {
      value: string;
      verdict: string;
      rows: { reference: number; window: number };
      columns: { name: string; verdict: string }[];
    }[];
    left_out: { values: number; examples: string[]; rows: { window: number } } | null;
  }[];
  slices: { conditions: { column: string; value: string }[]; explained: number; support: { window: number } }[];
};

type Metrics = Record<string, { value: number | null }>;
type Measured = {
  metrics: Metrics;
  segments?: {
    by: string;
    values: { value: string | null; labelled: number; metrics: Metrics }[];
    left_out: { values: number };
  }[];
};

let story: Story;
const report = async (monitor: string, n: number) =>
  (await story.call<{ id: string; summary: string; body: Body }>('GET', `${BASE}/${monitor}/windows/${iso(n)}/report`))
    .body;
const make = (body: object) => story.call<{ errors: { pointer: string }[] }>('POST', BASE, body);

/** A tenth of the rows comes from an app, by its tag; `moved` moves the income of some rows. */
function logDay(n: number, moved: (row: Row, app: string) => number): Promise<void> {
  const rows = makeRows(1000, 300 + n);
  const sent = predictions(rows, { id: `d${n}`, from: day(n), to: day(n + 1) });
  return story.log(
    'predictions',
    sent.map((prediction, i) => {
      const row = rows[i];
      if (row === undefined) throw new Error('as many as there are rows');
      const app = i % 10 === 0 ? 'ios' : 'web';
      const features = { income: row.income + 100 * moved(row, app), age: row.age, region: row.region };
      return { ...prediction, features, tags: { app }, segment: i % 2 === 0 ? 'new' : 'old' };
    }),
  );
}

beforeAll(async () => {
  story = await startStory();
  await setUp(story, makeRows(3000, 1));
  await story.drain();
  const east = (row: Row): number => (row.region === 'east' ? 1 : 0);
  const ios = (_: Row, app: string): number => (app === 'ios' ? 4 : 0);
  for (const [n, moved] of [() => 0, () => 0, () => 0, ios, () => 0, east, east].entries()) await logDay(n, moved);
  for (const monitor of [
    { name: 'regions', effects: QUIET, segments: { by: ['region', 'age'], most: 3 }, checks: { volume: null } },
    { name: 'whole', effects: QUIET },
    { name: 'slices', effects: QUIET, measures: ['slice_shift/mean-rank@1'] },
    { name: 'plain' },
    {
      name: 'apps',
      effects: QUIET,
      reference: { kind: 'trailing', windows: 2 },
      segments: { by: ['tags.app', 'segment'] },
    },
  ]) {
    const made = await make(monitor);
    if (made.status !== 201) throw new Error(JSON.stringify(made.body));
  }
  await story.call('POST', `/v1/models/${MODEL}/watermark`, { through: iso(8) });
  await story.drain();
});
afterAll(() => story.close());

describe('segments', () => {
  it('are judged inside the report, and drift in one of them is drift of the window', async () => {
    expect((await report('whole', 5)).body).toMatchObject({ verdict: 'no_drift' });
    expect((await report('whole', 5)).body.segments).toBeUndefined();
    const { body, summary } = await report('regions', 5);
    expect(body).toMatchObject({ verdict: 'drift', reasons: ['segments'], counts: { drifted: 0 } });
    expect(body.why).toContain('Of the segments, 1 drifted: region=east (income).');
    expect(summary).toContain('Segments that drifted: region=east.');
    const [regions] = body.segments ?? [];
    expect(Object.fromEntries((regions?.values ?? []).map(({ value, verdict }) => [value, verdict]))).toEqual({
      ...{ north: 'no_drift', south: 'no_drift', east: 'drift' },
    });
    const rows = (side: 'reference' | 'window') => regions?.values.reduce((sum, value) => sum + value.rows[side], 0);
    expect([rows('reference'), rows('window')]).toEqual([3000, 1000]);
    expect((await report('regions', 1)).body).toMatchObject({ verdict: 'no_drift', reasons: [] });
  });

  it('that are too many are counted and named', async () => {
    const [, ages] = (await report('regions', 1)).body.segments ?? [];
    expect(ages).toMatchObject({ by: 'age', values: [{}, {}, {}] });
    expect(ages?.left_out?.values).toBeGreaterThan(0);
    expect(ages?.left_out?.examples.length).toBeGreaterThan(0);
    const judged = ages?.values.reduce((sum, { rows }) => sum + rows.window, 0) ?? 0;
    expect(judged + (ages?.left_out?.rows.window ?? 0)).toBe(1000);
  });

  it('of logged rows alone are held against those of earlier windows', async () => {
    const { body } = await report('apps', 3);
    expect(body.segments?.map(({ by }) => by)).toEqual(['tags.app', 'segment']);
    const apps = Object.fromEntries((body.segments?.[0]?.values ?? []).map(({ value, verdict }) => [value, verdict]));
    expect(apps).toEqual({ ios: 'drift', web: 'no_drift' });
    expect((await report('apps', 2)).body.verdict).toBe('no_drift');
  });

  it('are measured by the labels of their rows', async () => {
    const rows = makeRows(1000, 302);
    // Wrong in the east alone.
    const labels = rows.map(({ region, prediction }, i) => ({
      prediction_id: `d2-${i}`,
      label: region === 'east' ? 1 - prediction : prediction,
    }));
    await story.log('labels', labels);
    await story.drain();
    const { performance } = (await story.call<{ performance: Measured }>('GET', `${BASE}/regions/windows/${iso(2)}`))
      .body;
    const [regions, ages] = performance.segments ?? [];
    const east = rows.filter(({ region }) => region === 'east').length;
    expect(performance.metrics.accuracy?.value).toBeCloseTo(1 - east / 1000, 12);
    const found = regions?.values.map(({ value, labelled, metrics }) => [value, labelled, metrics.accuracy?.value]);
    expect(found?.find(([value]) => value === 'east')).toEqual(['east', east, 0]);
    expect(found?.find(([value]) => value === 'north')?.[2]).toBe(1);
    expect(ages?.values).toHaveLength(3);
    expect(ages?.left_out.values).toBeGreaterThan(10);
    const whole = await story.call<{ performance: Measured }>('GET', `${BASE}/whole/windows/${iso(2)}`);
    expect(whole.body.performance.segments).toBeUndefined();
    const page = await createApp(story.ctx).request(`/p/default/models/${MODEL}/monitors/regions/windows/${iso(2)}`);
    expect(await page.text()).toContain('region=east');
  });

  it('are refused where there is nothing to compare them with', async () => {
    const pointers = async (segments: object, reference?: object) =>
      (await make({ name: 'wrong', segments, reference })).body.errors.map(({ pointer }) => pointer);
    expect(await pointers({ by: ['tags.app', 'region', 'segment'] })).toEqual(['/segments/by/0', '/segments/by/2']);
    expect(await pointers({ by: ['region', 'nowhere'] })).toEqual(['/segments/by/1']);
    expect(await pointers({ by: [] })).toEqual(['/segments/by']);
  });

  it('have series of their own', async () => {
    type Series = {
      windows: { start: string }[];
      segments: { by: string; value: string; verdicts: ({ verdict: string; drifted_columns: string[] } | null)[] }[];
    };
    const { body } = await story.call<Series>('GET', `${BASE}/regions/segments?limit=100`);
    expect(body.windows.map(({ start }) => start)).toEqual([0, 1, 2, 3, 4, 5, 6].map(iso));
    const [first] = body.segments;
    expect(first).toMatchObject({ by: 'region', value: 'east' });
    expect(first?.verdicts.slice(4).map((found) => found?.verdict)).toEqual(['no_drift', 'drift', 'drift']);
    expect(first?.verdicts[5]?.drifted_columns).toEqual(['income']);
  });

  it('are shown, over time and in each window', async () => {
    const page = async (path: string) =>
      (await createApp(story.ctx).request(`/p/default/models/${MODEL}${path}`)).text();
    const model = await page('');
    expect(model).toContain('Segments over time');
    expect(model).toMatch(/region=east.*region=north/s);
    const window = await page(`/monitors/regions/windows/${iso(5)}`);
    expect(window).toContain('region=east');
    expect(window).toMatch(/more values of <bdi>age<\/bdi> are not judged by themselves/);
  });

  it('name the alert, and whom it is told', async () => {
    const [monitor] = await story.ctx.sql`select id from monitors where name = 'regions'`;
    await JOB_HANDLERS['evaluate-alert'](story.ctx, { monitorId: Number(monitor?.id) });
    type Alerts = { items: { monitor: string; target: string; evidence: { segment?: string } }[] };
    const { items } = (await story.call<Alerts>('GET', '/v1/alerts')).body;
    const alert = items.find(({ monitor: name, target }) => name === 'regions' && target === 'dataset');
    expect(alert?.evidence.segment).toBe('region=east');
    const matcher = { label: 'segment', is: ['*region=east*'] };
    const ends_at = new Date(Date.now() + 3_600_000).toISOString();
    const silence = await story.call('POST', '/v1/silences', { matchers: [matcher], ends_at, comment: 'known' });
    expect(silence.status).toBeLessThan(300);
  });

  it('are replayed to the last digit', async () => {
    for (const name of ['regions', 'apps', 'plain']) {
      for (const { report: id } of await story.windows(name)) {
        if (id === null) continue;
        const { body } = await story.call<{ agrees: boolean; differences: unknown[] }>(
          'POST',
          `/v1/reports/${id}/replay`,
        );
        expect(body, `${name} ${id}`).toMatchObject({ agrees: true, differences: [] });
      }
    }
  });
});

describe('a monitor that is told of no segments, and looks at slices', () => {
  it('finds what moved in the rows of one value against the others, and alarms for it', async () => {
    const { body } = await report('slices', 5);
    expect(body).toMatchObject({ verdict: 'drift', reasons: ['whole_rows'], counts: { drifted: 0 } });
    expect(body.why).toContain('Slices (income where region is east)');
    for (const n of [0, 1, 2]) expect((await report('slices', n)).body).toMatchObject({ verdict: 'no_drift' });
  });
});

describe('the rows that carry the drift', () => {
  it('are found when a window is judged, also by what is no column', async () => {
    const { body, summary, id } = await report('plain', 3);
    expect(body.slices[0]?.conditions).toMatchObject([{ column: 'tags.app', value: 'ios' }]);
    expect(body.slices[0]?.support.window).toBeCloseTo(0.1, 2);
    expect(summary).toMatch(/% of it goes with the rows in which tags\.app is "ios", 10 % of the window\./);
    const asked = await story.call<{ slices: Body['slices'] }>('GET', `/v1/reports/${id}/slices`);
    expect(asked.body.slices).toEqual(body.slices);
    expect((await report('plain', 0)).body.slices).toEqual([]);
  });
});
