import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JOB_HANDLERS } from '../../../workers/jobs.ts';
import { DAY, day, MODEL, makeRows, predictions, type Story, setUp, startStory } from './story.ts';

const BASE = `/v1/models/${MODEL}/monitors`;
type Shown = {
  name: string;
  enabled: boolean;
  revision: number;
  config: { alpha: number; minimum_rows: number };
  scheduled: object[];
};

let story: Story;
const put = (name: string, body: object, headers: Record<string, string> = {}) =>
  story.call<Shown & { detail: string }>('PUT', `${BASE}/${name}`, body, headers);

beforeAll(async () => {
  story = await startStory();
  await setUp(story, makeRows(500, 1));
  await story.drain();
  for (const n of [0, 1, 2, 3]) {
    const rows = makeRows(200, 60 + n, 2);
    await story.log('predictions', predictions(rows, { id: `d${n}`, from: day(n), to: day(n) + DAY }));
  }
  await story.drain();
});
afterAll(() => story.close());

describe('putting a monitor', () => {
  it('makes it, leaves it, and changes it to what is said', async () => {
    const wanted = { alpha: 0.01, false_alarms: null };
    expect(await put('daily', wanted)).toMatchObject({ status: 201, body: { revision: 1, config: { alpha: 0.01 } } });
    expect(await put('daily', wanted)).toMatchObject({ status: 200, body: { revision: 1 } });
    await story.drain();
    const changed = await put('daily', { minimum_rows: 60 });
    // What is not said has its standard.
    expect(changed.body).toMatchObject({ revision: 2, config: { alpha: 0.05, minimum_rows: 60 } });
    expect(changed.headers.get('etag')).toBe('"2"');
    expect((await put('daily', { minimum_rows: 60 })).body.revision).toBe(2);
    // Beyond the watermark alone.
    expect((await story.windows('daily')).slice(0, 2).map(({ revision }) => revision)).toEqual([1, 1]);
  });

  it('takes the place of what is scheduled, and minds the revision it was made on', async () => {
    await story.call('PATCH', `${BASE}/daily`, { alpha: 0.2, effective_from: '2040-01-01T00:00:00Z' });
    expect((await put('daily', { minimum_rows: 70 }, { 'if-match': '"2"' })).status).toBe(412);
    const { body } = await put('daily', { minimum_rows: 70 }, { 'if-match': '"3"' });
    expect(body.scheduled).toMatchObject([{ config: { alpha: 0.05, minimum_rows: 70 } }]);
  });

  it('switches on and off, and keeps how time is cut', async () => {
    expect((await put('daily', { minimum_rows: 70, enabled: false })).body.enabled).toBe(false);
    expect((await put('daily', { minimum_rows: 70 })).body.enabled).toBe(true);
    expect(await put('daily', { window: { length: 'PT1H' } })).toMatchObject({ status: 422 });
  });
});

describe('making several monitors', () => {
  const make = (body: unknown) => story.call<{ items: Shown[]; detail: string; errors: object[] }>('POST', BASE, body);

  it('makes all of a list', async () => {
    const list = [{ name: 'one' }, { name: 'two', alpha: 0.02 }];
    const made = await make(list);
    expect(made).toMatchObject({ status: 201, body: { items: [{ name: 'one' }, { name: 'two', revision: 1 }] } });
    expect((await make(list)).status).toBe(200);
  });

  it('makes none where one is wrong, and says which and where', async () => {
    const shape = await make([{ name: 'three' }, { name: 'four', alpha: 7 }]);
    expect(shape).toMatchObject({ status: 422, body: { errors: [{ pointer: '/1/alpha' }] } });
    const meaning = await make([{ name: 'three' }, { name: 'four', effects: { none: 1 } }]);
    expect(meaning).toMatchObject({ status: 422, body: { errors: [{ pointer: '/1/effects/none' }] } });
    const taken = await make([{ name: 'three' }, { name: 'one', alpha: 0.001 }]);
    expect(taken).toMatchObject({ status: 409, body: { detail: expect.stringMatching(/^Number 2 of the list/) } });
    expect((await story.call('GET', `${BASE}/three`)).status).toBe(404);
    // A single one is told as it always was.
    expect(await make({ name: 'four', alpha: 7 })).toMatchObject({ body: { errors: [{ pointer: '/alpha' }] } });
  });
});

describe('deleting a monitor', () => {
  const remove = (name: string) => story.call<{ detail: string } | null>('DELETE', `${BASE}/${name}`);
  const evaluate = async (): Promise<void> => {
    await story.drain();
    for (const { id } of await story.ctx.sql`select id from monitors`) {
      await JOB_HANDLERS['evaluate-alert'](story.ctx, { monitorId: Number(id) });
    }
  };

  it('is refused while an alert of it is open', async () => {
    await evaluate();
    const refused = await remove('one');
    expect(refused.status).toBe(409);
    const { items } = (await story.call<{ items: { id: string; monitor: string }[] }>('GET', '/v1/alerts')).body;
    const open = items.filter(({ monitor }) => monitor === 'one').map(({ id }) => id);
    expect(open.length).toBeGreaterThan(0);
    for (const id of open) {
      expect(refused.body?.detail).toContain(id);
      await story.call('POST', `/v1/alerts/${id}/resolve`, { reason: 'a test' });
    }
  });

  it('keeps its reports, frees its name, and judges nothing any more', async () => {
    const report = (await story.windows('one'))[0]?.report;
    expect((await remove('one')).status).toBe(204);
    expect((await remove('one')).status).toBe(404);
    const names = (await story.call<{ items: Shown[] }>('GET', BASE)).body.items.map(({ name }) => name);
    expect(names).toEqual(['daily', 'two']);
    expect((await story.call('GET', `/v1/reports/${report}`)).status).toBe(200);
    const replay = await story.call<{ agrees: boolean }>('POST', `/v1/reports/${report}/replay`);
    expect(replay.body.agrees).toBe(true);
    expect((await story.call('POST', BASE, { name: 'one' })).status).toBe(201);
    expect(await story.windows('one')).toEqual([]);
    await evaluate();
    expect((await story.windows('one')).length).toBeGreaterThan(2);
  });

  it('is refused where something depends on it', async () => {
    await story.call('POST', '/v1/models', { name: 'other', task: 'binary', positive_label: '1' });
    await story.call('POST', '/v1/models/other/versions', { dataset: 'credit', ref: 'v1' });
    const reference = { kind: 'model', model: MODEL, monitor: 'daily' };
    expect((await story.call('POST', '/v1/models/other/monitors', { name: 'like', reference })).status).toBe(201);
    expect((await remove('daily')).body?.detail).toContain('other/like');
    const policy = { name: 'again', model: MODEL, monitor: 'two', schedule: '0 3 * * mon' };
    expect((await story.call('POST', '/v1/policies', policy)).status).toBe(201);
    expect((await remove('two')).body?.detail).toContain('again');
  });
});

describe('changing a model', () => {
  it('changes how it is described and how strict it is, and nothing else', async () => {
    const change = (body: object) => story.call<{ strict: boolean }>('PATCH', `/v1/models/${MODEL}`, body);
    expect(await change({ strict: true })).toMatchObject({ status: 200, body: { strict: true } });
    const wrong = {
      ...predictions(makeRows(1, 5), { id: 'wrong', from: day(5), to: day(6) })[0],
      features: { income: 'x' },
    };
    const log = () => story.call('POST', `/v1/models/${MODEL}/predictions`, JSON.stringify(wrong));
    expect((await log()).status).toBe(422);
    await change({ strict: false, description: 'Credit.' });
    expect((await log()).status).toBeLessThan(300);
    expect((await change({ task: 'regression' })).status).toBe(422);
  });
});
