import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MEASURE_NAMES } from '../../src/stats/verdict/measures.ts';
import { findDataset, findNewestVersion } from '../../src/store/dataset/datasets.ts';
import { saveVersionProfile } from '../../src/store/dataset/profiles.ts';
import { MODEL, makeRows, REFERENCE_COLUMNS, type Story, setUp, startStory } from '../domain/monitor/story.ts';

const BASE = `/v1/models/${MODEL}/monitors`;

type Monitor = {
  name: string;
  revision: number;
  effective_from: string | null;
  reference: { dataset: string; version: number; oid: string };
  config: Record<string, unknown> & { effects: Record<string, number> };
};

let story: Story;
beforeAll(async () => {
  story = await startStory();
  await story.call('POST', '/v1/models', { name: 'unbound' });
  await setUp(story, makeRows(50, 1));
});
afterAll(() => story.close());

/** What profiling would have found, without reading the file. */
async function knowColumns(): Promise<void> {
  const dataset = await findDataset(story.ctx.db, 1, 'credit');
  const version = await findNewestVersion(story.ctx.db, dataset?.id ?? 0);
  const counts = { rows: 50, nulls: 0, distinct: { value: 40 } };
  const columns = REFERENCE_COLUMNS.map((name) => ({ name, kind: 'number', type: 'float64', ...counts }));
  await saveVersionProfile(story.ctx.db, {
    versionId: version?.id ?? 0,
    state: 'ready',
    profile: { rows: 50, columns },
    schema: null,
    error: null,
  });
}

const pointers = (body: { errors?: readonly { pointer?: string }[] }) => body.errors?.map(({ pointer }) => pointer);

describe('making a monitor', () => {
  it('refuses named columns while they cannot be checked', async () => {
    const reply = await story.call('POST', BASE, { name: 'early', columns: { include: ['income'] } });
    expect(reply.status).toBe(503);
    expect(reply.headers.get('retry-after')).toBe('2');
  });

  it('refuses as a reference what has no rows, and what another project holds', async () => {
    const push = (dataset: string, headers: Record<string, string> = {}) =>
      story.call('POST', `/v1/datasets/${dataset}/versions?path=rows.csv`, 'income,region\n', headers);
    expect((await push('hollow')).status).toBe(201);
    const hollow = await findDataset(story.ctx.db, 1, 'hollow');
    const version = await findNewestVersion(story.ctx.db, hollow?.id ?? 0);
    await saveVersionProfile(story.ctx.db, {
      ...{ versionId: version?.id ?? 0, state: 'ready', schema: null, error: null },
      profile: { rows: 0, columns: [] },
    });
    const empty = await story.call('POST', BASE, { name: 'hollow', dataset: 'hollow' });
    expect(empty).toMatchObject({ status: 409, body: { detail: expect.stringMatching(/no rows/) } });
    expect((await story.call('POST', '/v1/projects', { name: 'neighbour' })).status).toBe(201);
    expect((await push('theirs', { 'tidemark-project': 'neighbour' })).status).toBe(201);
    expect((await story.call('POST', BASE, { name: 'theirs', dataset: 'theirs' })).status).toBe(404);
    const { body } = await story.call<{ items: Monitor[] }>('GET', BASE);
    expect(body.items).toEqual([]);
  });

  it('refuses as a reference what was thrown away, and what has bytes that are wrong', async () => {
    const push = async (dataset: string) => {
      const made = await story.call<{ oid: string }>(
        'POST',
        `/v1/datasets/${dataset}/versions?path=a.csv`,
        `${dataset}\n1\n`,
      );
      expect(made.status).toBe(201);
      return made.body.oid;
    };
    await push('thrown');
    const { id = 0 } = (await findDataset(story.ctx.db, 1, 'thrown')) ?? {};
    await story.ctx.sql`update versions set trashed_at = now() where dataset_id = ${id}`;
    const thrown = await story.call('POST', BASE, { name: 'thrown', dataset: 'thrown', ref: 'v1' });
    expect(thrown).toMatchObject({ status: 410, body: { detail: expect.stringMatching(/restore/) } });
    const oid = await push('rotten');
    await story.ctx.sql`update objects set quarantined_at = now() where oid = ${oid}`;
    const rotten = await story.call('POST', BASE, { name: 'rotten', dataset: 'rotten' });
    expect(rotten).toMatchObject({ status: 404, body: { detail: expect.stringMatching(/Push the good bytes/) } });
    expect((await story.call('POST', `/v1/models/${MODEL}/preview`, { dataset: 'rotten' })).status).toBe(404);
  });

  it('refuses what every window would cost too much for, and says what would cost less', async () => {
    expect((await story.call('POST', '/v1/datasets/wide/versions?path=rows.csv', 'a\n1\n')).status).toBe(201);
    const wide = await findDataset(story.ctx.db, 1, 'wide');
    const version = await findNewestVersion(story.ctx.db, wide?.id ?? 0);
    const names = Array.from({ length: 10_000 }, (_, i) => `c${i}`);
    const columns = names.map((name) => ({
      name,
      kind: 'number',
      type: 'float64',
      rows: 50,
      nulls: 0,
      distinct: { value: 40 },
    }));
    await saveVersionProfile(story.ctx.db, {
      ...{ versionId: version?.id ?? 0, state: 'ready', schema: null, error: null },
      profile: { rows: 50, columns },
    });
    const ask = (given: object) => story.call('POST', BASE, { name: 'wide', dataset: 'wide', ...given });
    const dear = await ask({ measures: MEASURE_NAMES });
    expect(dear.status).toBe(422);
    expect(pointers(dear.body)).toEqual(['/measures']);
    expect(dear.body.detail).toContain(`10,000 columns by ${MEASURE_NAMES.length} measures are more than 200,000`);
    expect(dear.body.detail).toContain('"columns"');
    const fewer = { dataset: 'wide', measures: MEASURE_NAMES, columns: { include: names.slice(0, 100) } };
    expect((await story.call('POST', `/v1/models/${MODEL}/preview`, fewer)).status).toBe(200);
  });

  it('needs nothing but a name', async () => {
    const made = await story.call<Monitor>('POST', BASE, { name: 'daily' });
    expect(made.status).toBe(201);
    expect(made.headers.get('etag')).toBe('"1"');
    expect(made.body).toMatchObject({
      name: 'daily',
      model: MODEL,
      enabled: true,
      revision: 1,
      effective_from: null,
      reference: { dataset: 'credit', version: 1 },
      watermark: null,
      config: {
        window: { length: 'P1D' },
        lateness: 'PT1H',
        idle_after: 'PT1H',
        columns: { include: null, exclude: [] },
        task: 'binary',
        roles: { prediction: 'prediction', score: 'score', label: 'defaulted', ignore: [] },
        alpha: 0.05,
        minimum_rows: 50,
        alert: { fire_after: 2, resolve_after: 2, minimum_drifted_columns: 1 },
      },
    });
    expect(made.body.config.effects['wasserstein/reference-std@1']).toBe(0.1);
  });

  it('answers a repetition with what exists, and another configuration with a conflict', async () => {
    expect((await story.call('POST', BASE, { name: 'daily' })).status).toBe(200);
    expect((await story.call('POST', BASE, { name: 'daily', alpha: 0.01 })).status).toBe(409);
    const listed = await story.call<{ items: Monitor[] }>('GET', BASE);
    expect(listed.body.items.map(({ name }) => name)).toEqual(['daily']);
  });

  it('knows a monitor again whose measures had other names when it was made', async () => {
    const [former, present] = ['js_distance/base2/reference-edges@1', 'js_distance/base2/reference-edges@2'];
    const named = { name: 'early', measures: [former, 'ks'], effects: { [former]: 0.2 } };
    const made = await story.call<Monitor>('POST', BASE, named);
    // The answer says what it is judged by.
    expect(made.body.config).toMatchObject({ measures: [present, 'ks/two-sided@1'] });
    expect(made.body.config.effects[present]).toBe(0.2);
    const revisions = story.ctx.sql`select id from monitors where name = 'early'`;
    await story.ctx.sql`update monitor_revisions set config = replace(config::text, ${present}, ${former})::jsonb
      where monitor_id in (${revisions})`;
    const again = await story.call<Monitor>('POST', BASE, named);
    expect([again.status, again.body.config]).toEqual([200, made.body.config]);
    const put = await story.call<Monitor>('PUT', `${BASE}/early`, { measures: [present, 'ks'], effects: { js: 0.2 } });
    expect([put.status, put.body.revision]).toEqual([200, 1]);
    expect((await story.call('DELETE', `${BASE}/early`)).status).toBeLessThan(300);
  });

  it.each([
    [{ window: { length: 0 } }, '/window/length'],
    [{ window: { length: 'PT1S' } }, '/window/length'],
    [{ window: { length: 'P100000D' } }, '/window/length'],
    [{ window: { length: 'P1M' } }, '/window/length'],
    [{ window: {} }, '/window'],
    [{ window: { length: 'P1D', rows: 100 } }, '/window'],
    [{ window: { length: 'P1D', step: 'PT7H' } }, '/window/step'],
    [{ window: { length: 'P1D', zone: 'UTC' } }, '/window/zone'],
    [{ window: { period: 'day', week_start: 'sunday' } }, '/window/week_start'],
    [{ window: { period: 'day', zone: 'Mars/Olympus' } }, '/window/zone'],
    [{ window: { period: 'year' } }, '/window/period'],
    [{ window: { rows: 1 } }, '/window/rows'],
    [{ window: { rows: 100, step: 'P1D' } }, '/window/step'],
    [{ lateness: 'NaN' }, '/lateness'],
    [{ alpha: 0 }, '/alpha'],
    [{ alpha: 'NaN' }, '/alpha'],
    [{ alpha: null }, '/alpha'],
    [{ minimum_rows: 9 }, '/minimum_rows'],
    [{ effects: { 'psi/reference-edges@1': -1 } }, '/effects/psi~1reference-edges@1'],
    [{ effects: { 'js_distance/base2/reference-edges@2': 1.5 } }, '/effects/js_distance~1base2~1reference-edges@2'],
    [{ effects: { nothing: 1 } }, '/effects/nothing'],
    [{ measures: ['kss'] }, '/measures/0'],
    [{ measures: [] }, '/measures'],
    [{ adjustment: 'none' }, '/adjustment'],
    [{ alert: { fire_after: 0 } }, '/alert/fire_after'],
    [{ columns: { include: [] } }, '/columns/include'],
    [{ columns: { include: Array.from({ length: 10_001 }, (_, i) => `c${i}`) } }, '/columns/include'],
    [{ measures: Array.from({ length: 101 }, () => 'psi/reference-edges@1') }, '/measures'],
    [{ ref: 'v1' }, '/dataset'],
    [{ surprise: true }, '/surprise'],
  ])('refuses %j at %s', async (given, pointer) => {
    const reply = await story.call('POST', BASE, { name: 'bad', ...given });
    expect(reply.status).toBe(422);
    expect(pointers(reply.body)).toEqual([pointer]);
  });

  it('names what it does not find', async () => {
    expect((await story.call('POST', '/v1/models/nobody/monitors', { name: 'x' })).status).toBe(404);
    expect((await story.call('POST', BASE, { name: 'x', dataset: 'nothing' })).status).toBe(404);
    expect((await story.call('POST', BASE, { name: 'x', dataset: 'credit', ref: 'v9' })).status).toBe(404);
    expect((await story.call('POST', '/v1/models/unbound/monitors', { name: 'x' })).status).toBe(409);
    const reply = await story.call('GET', `${BASE}/weekly`);
    expect(reply.status).toBe(404);
    expect(reply.body.detail).toContain('daily');
  });

  it('checks columns once they are known', async () => {
    await knowColumns();
    const bad = await story.call('POST', BASE, {
      name: 'few',
      columns: { include: ['income', 'nope'], exclude: ['no'] },
    });
    expect(bad.status).toBe(422);
    expect(pointers(bad.body)).toEqual(['/columns/include/1', '/columns/exclude/0']);
    const good = await story.call('POST', BASE, { name: 'few', columns: { include: ['income'] } });
    expect(good.status).toBe(201);
  });

  it('is listed by project, a page at a time', async () => {
    type Page = { items: Monitor[]; next: string | null };
    const first = await story.call<Page>('GET', '/v1/monitors?limit=1');
    expect(first.body.items.map(({ name }) => name)).toEqual(['daily']);
    const second = await story.call<Page>('GET', `/v1/monitors?limit=1&cursor=${first.body.next}`);
    expect(second.body).toMatchObject({ items: [{ name: 'few' }], next: null });
    expect((await story.call('GET', '/v1/monitors?cursor=garbage')).status).toBe(400);
  });
});

describe('changing a monitor', () => {
  it('makes a revision that is effective from a point in event time', async () => {
    const change = { alpha: 0.01, effective_from: '2026-02-01T00:00:00+01:00', reason: 'too loud' };
    const changed = await story.call<Monitor>('PATCH', `${BASE}/daily`, change);
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({
      revision: 2,
      effective_from: '2026-01-31T23:00:00.000Z',
      config: { alpha: 0.01 },
    });
    const revisions = await story.call<{ items: { revision: number; reason: string }[] }>(
      'GET',
      `${BASE}/daily/revisions`,
    );
    expect(revisions.body.items.map(({ revision, reason }) => [revision, reason])).toEqual([
      [2, 'too loud'],
      [1, 'created'],
    ]);
  });

  it('makes none where nothing differs', async () => {
    const changed = await story.call<Monitor>('PATCH', `${BASE}/daily`, { alpha: 0.01 });
    expect(changed.body.revision).toBe(2);
  });

  it('refuses a change made on an older revision', async () => {
    const stale = await story.call('PATCH', `${BASE}/daily`, { alpha: 0.02 }, { 'if-match': '"1"' });
    expect(stale.status).toBe(412);
    const fresh = await story.call<Monitor>('PATCH', `${BASE}/daily`, { alpha: 0.02 }, { 'if-match': '"2"' });
    expect(fresh.body.revision).toBe(3);
  });

  it('keeps the length of windows', async () => {
    const reply = await story.call('PATCH', `${BASE}/daily`, { window: { length: 'PT1H' } });
    expect(reply.status).toBe(422);
    expect(pointers(reply.body)).toEqual(['/window']);
    expect((await story.call('PATCH', `${BASE}/daily`, { window: { length: 86_400 } })).status).toBe(200);
  });

  it('is switched off and on', async () => {
    expect((await story.call('PATCH', `${BASE}/few`, { enabled: false })).body).toMatchObject({
      enabled: false,
      revision: 1,
    });
    expect((await story.call('PATCH', `${BASE}/few`, { enabled: true })).body).toMatchObject({ enabled: true });
  });
});

describe('windows and reports', () => {
  it('tells what is not there', async () => {
    expect((await story.call('GET', `${BASE}/daily/windows`)).body).toEqual({ items: [], next: null });
    expect((await story.call('GET', `${BASE}/daily/windows/2026-01-01T00:00:00Z`)).status).toBe(404);
    expect((await story.call('GET', `${BASE}/daily/windows/yesterday`)).status).toBe(400);
    expect((await story.call('POST', `${BASE}/daily/windows/2026-01-01T00:00:00Z/judge`)).status).toBe(404);
    expect((await story.call('GET', '/v1/reports/rep_none')).status).toBe(404);
    expect((await story.call('POST', '/v1/reports/rep_none/replay')).status).toBe(404);
    expect((await story.call('GET', `${BASE}/daily/heatmap`)).body).toEqual({ windows: [], columns: [], cells: [] });
  });
});

describe('scopes', () => {
  it('part readers from writers', async () => {
    const make = (scope: string, headers: Record<string, string> = {}) =>
      story.call<{ key: string }>('POST', '/v1/keys', { name: 'key', scopes: [scope] }, headers);
    const admin = await make('admin');
    const key = await make('monitors:read', { authorization: `Bearer ${admin.body.key}` });
    const headers = { authorization: `Bearer ${key.body.key}` };
    expect((await story.call('GET', `${BASE}/daily`, undefined, headers)).status).toBe(200);
    expect((await story.call('POST', BASE, { name: 'more' }, headers)).status).toBe(403);
    expect((await story.call('PATCH', `${BASE}/daily`, { alpha: 0.03 }, headers)).status).toBe(403);
  });
});
