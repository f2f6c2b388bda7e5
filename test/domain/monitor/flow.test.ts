import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jensenShannonDistance } from '../../../src/stats/distances/jensen-shannon.ts';
import { psi } from '../../../src/stats/distances/psi.ts';
import { wasserstein } from '../../../src/stats/distances/wasserstein.ts';
import { chiSquareContingency } from '../../../src/stats/hypothesis-tests/chi-square-contingency.ts';
import { kolmogorovSmirnov } from '../../../src/stats/hypothesis-tests/kolmogorov-smirnov.ts';
import { DAY, day, MODEL, makeRows, predictions, type Row, type Story, setUp, startStory } from './story.ts';

const BASE = `/v1/models/${MODEL}/monitors`;
const REFERENCE = makeRows(2000, 1);

type Finding = { measure: string; value: number; p: number | null; q: number | null; limit: number | null };
type Bin = { kind: string; label: string; reference: number; window: number };
type ReportAnswer = {
  id: string;
  current: boolean;
  body: {
    format: string;
    verdict: string;
    window: { start: string; end: string; revision: number; rows: number };
    reference: { dataset: string; version: number; oid: string; rows: number };
    configuration: { revision: number };
    methods: { judge: string; measures: string[] };
    inputs: { oid: string; rows: number; repeats: number }[];
    columns: { name: string; role: string; kind: string; verdict: string; findings: Finding[]; bins: Bin[] }[];
    violations: unknown[];
  };
};

/** Day by day: 300 rows each, income shifted on days 2 and 3, nothing on day 4. */
const DAYS: readonly (readonly Row[])[] = [0, 1, 2, 3, 4, 5].map((n) =>
  n === 4 ? [] : makeRows(300, 100 + n, n === 2 || n === 3 ? 1 : 0),
);

async function logDay(story: Story, n: number): Promise<void> {
  const rows = DAYS[n] ?? [];
  if (rows.length > 0)
    await story.log('predictions', predictions(rows, { id: `d${n}`, from: day(n), to: day(n) + DAY }));
}

function findingOf(report: ReportAnswer, column: string, measure: string): Finding {
  const found = report.body.columns.find(({ name }) => name === column)?.findings.find((f) => f.measure === measure);
  if (found === undefined) throw new Error(`no ${measure} on ${column}`);
  return found;
}

describe('a monitor over a week', () => {
  let story: Story;
  beforeAll(async () => {
    story = await startStory();
    await setUp(story, REFERENCE);
    await story.drain();
    await story.call('POST', BASE, { name: 'daily' });
    for (let n = 0; n < DAYS.length; n++) await logDay(story, n);
    await story.drain();
  });
  afterAll(() => story.close());

  const report = async (n: number, query = ''): Promise<ReportAnswer> => {
    const path = `${BASE}/daily/windows/${new Date(day(n)).toISOString()}/report${query}`;
    return (await story.call<ReportAnswer>('GET', path)).body;
  };

  it('counts each row in its window, closes by watermark, and fills the gap', async () => {
    const found = await story.windows();
    expect(found.map(({ start, state, verdict, rows, revision }) => [start, state, verdict, rows, revision])).toEqual(
      [
        [0, 'judged', 'no_drift', 300],
        [1, 'judged', 'no_drift', 300],
        [2, 'judged', 'drift', 300],
        [3, 'judged', 'drift', 300],
        [4, 'judged', 'no_data', 0],
        // Nothing has come after the last day, so it is open.
        [5, 'open', null, 300],
      ].map(([n, state, verdict, rows]) => [new Date(day(Number(n))).toISOString(), state, verdict, rows, 1]),
    );
    expect(found[2]?.drifted_columns).toEqual(['income']);
  });

  it('gives the numbers that direct computation gives', async () => {
    const found = await report(2);
    const sorted = (rows: readonly Row[]) => Float64Array.from(rows, ({ income }) => income).sort();
    const reference = sorted(REFERENCE);
    const window = sorted(DAYS[2] ?? []);
    const ks = kolmogorovSmirnov(reference, window);
    expect(findingOf(found, 'income', 'ks/two-sided@1')).toMatchObject({ value: ks.d, p: ks.p });
    const mean = reference.reduce((sum, v) => sum + v, 0) / reference.length;
    const deviation = Math.sqrt(reference.reduce((sum, v) => sum + (v - mean) ** 2, 0) / reference.length);
    const distance = findingOf(found, 'income', 'wasserstein/reference-std@1').value;
    expect(distance).toBeCloseTo(wasserstein(reference, window) / deviation, 10);

    const counts = (rows: readonly Row[]) =>
      ['north', 'south', 'east'].map((name) => rows.filter(({ region }) => region === name).length);
    const chiSquare = chiSquareContingency(counts(REFERENCE), counts(DAYS[2] ?? []));
    expect(findingOf(found, 'region', 'chi_square/contingency@1').value).toBeCloseTo(chiSquare?.statistic ?? -1, 9);
    expect(findingOf(found, 'region', 'chi_square/contingency@1').p).toBeCloseTo(chiSquare?.p ?? -1, 12);

    const bins = found.body.columns.find(({ name }) => name === 'income')?.bins ?? [];
    const x = bins.map((bin) => bin.reference);
    const y = bins.map((bin) => bin.window);
    expect(x.reduce((a, b) => a + b)).toBe(2000);
    expect(y.reduce((a, b) => a + b)).toBe(300);
    expect(findingOf(found, 'income', 'psi/reference-edges@1').value).toBe(psi(x, y));
    expect(findingOf(found, 'income', 'js_distance/base2/reference-edges@2').value).toBe(jensenShannonDistance(x, y));
  });

  it('says in the report all that it rests on', async () => {
    const { body } = await report(2);
    expect(body).toMatchObject({
      format: 'tidemark.report/1',
      window: { start: new Date(day(2)).toISOString(), end: new Date(day(3)).toISOString(), revision: 1, rows: 300 },
      reference: { dataset: 'credit', version: 1, rows: 2000 },
      configuration: { revision: 1 },
      methods: { judge: 'judge@5' },
    });
    expect(body.inputs).toEqual([{ oid: expect.stringMatching(/^[0-9a-f]{32}$/), rows: 300, repeats: 0 }]);
    expect(body.columns.map(({ name, role, kind }) => [name, role, kind])).toEqual([
      ['income', 'feature', 'number'],
      ['age', 'feature', 'number'],
      ['region', 'feature', 'category'],
      ['prediction', 'prediction', 'category'],
      ['score', 'score', 'number'],
    ]);
    const missing = body.columns[1]?.bins.find(({ kind }) => kind === 'missing');
    expect(missing?.window).toBe((DAYS[2] ?? []).filter(({ age }) => age === null).length);
  });

  it('measures performance from the labels that come, and again when more come', async () => {
    const labels = (DAYS[0] ?? []).map(({ prediction }, i) => ({
      prediction_id: `d0-${i}`,
      label: i % 10 === 0 ? 1 - prediction : prediction,
    }));
    await story.log('labels', labels.slice(0, 100));
    await story.drain();
    expect((await story.windows())[0]?.performance).toMatchObject({ labelled: 100, coverage: 100 / 300 });
    await story.log('labels', labels.slice(100));
    await story.drain();
    const [first] = await story.windows();
    expect(first?.performance).toMatchObject({ labelled: 300, coverage: 1 });
    expect(first?.performance?.metrics.accuracy?.value).toBe(0.9);
    expect(first?.performance?.metrics.roc_auc?.value).toBeGreaterThan(0.8);
    const series = await story.call<{ items: { start: string; labelled: number }[] }>(
      'GET',
      `${BASE}/daily/performance`,
    );
    expect(series.body.items[0]).toMatchObject({ start: new Date(day(0)).toISOString(), labelled: 300 });
  });

  it('draws a heat map and a series', async () => {
    type Cell = { verdict: string; ratio: number | null } | null;
    const map = await story.call<{ windows: unknown[]; columns: { name: string }[]; cells: Cell[][] }>(
      'GET',
      `${BASE}/daily/heatmap`,
    );
    const names = map.body.columns.map(({ name }) => name);
    // What drifted stands first.
    expect(names[0]).toBe('income');
    expect(new Set(names)).toEqual(new Set(['income', 'age', 'region', 'prediction', 'score']));
    expect(map.body.cells[0]?.map((cell) => cell?.verdict ?? null)).toEqual([
      'no_drift',
      'no_drift',
      'drift',
      'drift',
      null,
      null,
    ]);
    expect(map.body.cells[0]?.[2]?.ratio).toBeGreaterThan(1);
    const series = await story.call<{ items: { start: string; q: number }[] }>(
      'GET',
      `${BASE}/daily/columns/income/series?limit=2`,
    );
    expect(series.body.items.map(({ start }) => start)).toEqual([day(2), day(3)].map((t) => new Date(t).toISOString()));
    expect(series.body.items[0]?.q).toBeLessThan(0.05);
    expect((await story.call('GET', `${BASE}/daily/columns/nothing/series`)).status).toBe(404);
  });

  it('pages through windows in both directions', async () => {
    type Page = { items: { start: string }[]; next: string | null };
    for (const order of ['oldest', 'newest']) {
      const starts: string[] = [];
      let cursor = '';
      do {
        const page = await story.call<Page>('GET', `${BASE}/daily/windows?limit=4&order=${order}${cursor}`);
        starts.push(...page.body.items.map(({ start }) => start));
        cursor = page.body.next === null ? '' : `&cursor=${page.body.next}`;
      } while (cursor !== '');
      const expected = [0, 1, 2, 3, 4, 5].map((n) => new Date(day(n)).toISOString());
      expect(starts).toEqual(order === 'oldest' ? expected : expected.reverse());
    }
  });

  it('says which rows carry the drift, from the bytes, when it is asked', async () => {
    const { id } = await report(2);
    const found = await story.call<{ report: string; verdict: string; drifted: string[]; slices: unknown[] }>(
      'GET',
      `/v1/reports/${id}/slices`,
    );
    expect(found.body).toMatchObject({ report: id, verdict: 'drift', drifted: ['income'] });
    // All incomes moved, so no group of rows carries it.
    expect(found.body.slices).toEqual([]);
    expect((await story.call('GET', '/v1/reports/rep_none/slices')).status).toBe(404);
  });

  it('replays a report by the way of judging that it names', async () => {
    const { id } = await report(1);
    const named = (method: string) =>
      story.ctx
        .sql`update reports set body = jsonb_set(body, '{methods,judge}', ${JSON.stringify(method)}::jsonb) where id = ${id}`;
    await named('judge@1');
    type Replay = { agrees: boolean; differences: { pointer: string; stored: unknown; recomputed: unknown }[] };
    const { body } = await story.call<Replay>('POST', `/v1/reports/${id}/replay`);
    // The largest distance of the distribution functions is what the first way decided by.
    const first = body.differences.find(({ pointer }) => pointer === '/columns/0/findings/0/q');
    expect(first).toMatchObject({ stored: null, recomputed: expect.any(Number) });
    await named('judge@5');
    const again = async () => (await story.call<Replay>('POST', `/v1/reports/${id}/replay`)).body.agrees;
    expect(await again()).toBe(true);
    // So are slices looked for as they were.
    const slicesBy = (method: string) =>
      story.ctx
        .sql`update reports set body = jsonb_set(body, '{methods,slices}', ${JSON.stringify(method)}::jsonb) where id = ${id}`;
    for (const method of ['drift-slices@1', 'drift-slices@2']) {
      await slicesBy(method);
      expect(await again()).toBe(true);
    }
    await slicesBy('drift-slices@3');
  });

  it('says of a report that was made by a former method which has changed since', async () => {
    const { id } = await report(1);
    const [former, present] = ['js_distance/base2/reference-edges@1', 'js_distance/base2/reference-edges@2'];
    const rename = (from: string, to: string) =>
      story.ctx.sql`update reports set body = replace(body::text, ${from}, ${to})::jsonb where id = ${id}`;
    await rename(present, former);
    const replayed = async () => (await story.call<object>('POST', `/v1/reports/${id}/replay`)).body;
    const changed = { methods_changed: [{ stored: former, recomputed: present }], error: null };
    // Its numbers are those of the former method, so that the name is all there is to say.
    expect(await replayed()).toMatchObject({ agrees: true, differences: [], ...changed });
    const place = '{columns,0,findings,4,null_95}';
    const point = (value: number) =>
      story.ctx
        .sql`update reports set body = jsonb_set(body, ${place}, ${JSON.stringify(value)}::jsonb) where id = ${id}`;
    const found = (await report(1)).body.columns[0]?.findings[4] as Finding & { null_95: number };
    expect(found.measure).toBe(former);
    await point(0);
    expect(await replayed()).toMatchObject({
      agrees: false,
      differences: [{ pointer: '/columns/0/findings/4/null_95', stored: 0, recomputed: found.null_95 }],
      ...changed,
    });
    await point(found.null_95);
    await rename(former, present);
    expect(await replayed()).toMatchObject({ agrees: true, methods_changed: [] });
  });

  it('replays a report from its bytes to the last digit', async () => {
    const { id } = await report(3);
    const replay = await story.call<{ agrees: boolean; differences: unknown[] }>('POST', `/v1/reports/${id}/replay`);
    expect(replay.body).toMatchObject({ agrees: true, differences: [], error: null });
  });

  it('revises a window when late rows come, and keeps the report it had', async () => {
    const before = await report(1);
    await story.log('predictions', predictions(makeRows(200, 77, 3), { id: 'late', from: day(1), to: day(1) + DAY }));
    await story.drain();
    const revised = (await story.windows())[1];
    expect(revised).toMatchObject({ revision: 2, rows: 500, state: 'judged', verdict: 'drift' });
    const old = await report(1, '?revision=1');
    expect(old).toMatchObject({ id: before.id, current: false });
    expect(old.body).toEqual(before.body);
    const detail = await story.call<{ reports: { revision: number }[] }>(
      'GET',
      `${BASE}/daily/windows/${new Date(day(1)).toISOString()}`,
    );
    expect(detail.body.reports.map(({ revision }) => revision)).toEqual([2, 1]);
  });

  it('leaves repeats out of windows and of what is judged', async () => {
    await logDay(story, 2);
    await story.drain();
    expect((await story.windows())[2]).toMatchObject({ revision: 1, rows: 300, state: 'judged' });
  });

  it('fills in the past for a monitor that is made later', async () => {
    await story.call('POST', BASE, { name: 'second', columns: { include: ['income'] }, window: { length: 'P2D' } });
    await story.drain();
    const found = await story.windows('second');
    expect(found.map(({ start, rows, state }) => [start, rows, state])).toEqual(
      [
        [0, 800, 'judged'],
        [2, 600, 'judged'],
        [4, 300, 'open'],
      ].map(([n, rows, state]) => [new Date(day(Number(n))).toISOString(), rows, state]),
    );
  });

  it('judges again what a new configuration is in force for', async () => {
    const lenient = { effects: { 'wasserstein/reference-std@1': 50, 'js_distance/base2/reference-edges@2': 1 } };
    const effective = new Date(day(3)).toISOString();
    const changed = await story.call<{ revision: number }>('PATCH', `${BASE}/daily`, {
      ...lenient,
      effective_from: effective,
    });
    expect(changed.body.revision).toBe(2);
    await story.drain();
    const found = await story.windows();
    expect(found[2]).toMatchObject({ verdict: 'drift', revision: 1 });
    expect(found[3]).toMatchObject({ verdict: 'no_drift', revision: 2 });
    const { body } = await report(3);
    expect(body.configuration.revision).toBe(2);
  });

  it('judges by the measures that a monitor chose, and replays agree', async () => {
    const measures = [
      'cramer_von_mises/integral@1',
      'energy/reference-std@1',
      'fisher/exact@1',
      'hellinger/reference-edges@2',
      'mmd/random-features@2',
      'pca_reconstruction/superiority@2',
    ];
    const changed = await story.call<{ config: { measures: string[] } }>('PATCH', `${BASE}/daily`, {
      measures,
      adjustment: 'benjamini-yekutieli',
      effective_from: new Date(day(3)).toISOString(),
    });
    expect(changed.body.config.measures).toEqual(measures);
    await story.drain();
    const found = await report(3);
    expect(found.body.methods.measures).toEqual([...measures, 'missing_share/difference@1'].sort());
    const replay = await story.call<{ agrees: boolean }>('POST', `/v1/reports/${found.id}/replay`);
    expect(replay.body).toMatchObject({ agrees: true, error: null });
    const before = await report(2);
    expect(before.body.methods.measures).toContain('ks/two-sided@1');
    const old = await story.call<{ agrees: boolean }>('POST', `/v1/reports/${before.id}/replay`);
    expect(old.body).toMatchObject({ agrees: true, error: null });
  });

  it('notices that an input is no longer what it was', async () => {
    const found = await report(0);
    const bytes = story.remote.objects.get(found.body.inputs[0]?.oid ?? '');
    if (bytes !== undefined) bytes[bytes.length - 9] = (bytes[bytes.length - 9] ?? 0) ^ 1;
    const replay = await story.call<{ agrees: boolean }>('POST', `/v1/reports/${found.id}/replay`);
    expect(replay.body).toMatchObject({ agrees: false, error: { code: 'object-corrupt' } });
  });
});
