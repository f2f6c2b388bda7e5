import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { alertDetail, alertView } from '../../../schemas/wire/alerts.ts';
import { eventShapes } from '../../../schemas/wire/events.ts';
import { runDetail } from '../../../schemas/wire/retraining.ts';
import { prepareRun } from '../../../src/domain/retraining/prepare.ts';
import { expireRun } from '../../../src/domain/run/expire.ts';
import { type Act, day, dayRows, type Event, MODEL, startAct } from './act.ts';

type Alert = z.infer<typeof alertView>;

let act: Act;
beforeAll(async () => {
  act = await startAct({ policy: { minimum_labelled_rows: 700, cooldown: 'P1D', deadline: 'PT1H' } });
});
afterAll(() => act.close());

const firing = async () => (await act.call<{ items: Alert[] }>('GET', '/v1/alerts?state=firing')).body.items[0];
const timeline = async (id: string) =>
  (await act.call<z.infer<typeof alertDetail>>('GET', `/v1/alerts/${id}`)).body.events;
const runsIn = async (state: string) =>
  (await act.call<{ items: { id: string }[] }>('GET', `/v1/runs?state=${state}`)).body.items.map(({ id }) => id);
const runOf = async (id: string) => runDetail.parse((await act.call('GET', `/v1/runs/${id}`)).body);
const told = (type: string) => act.events().filter((event) => event.type === type);

async function drift(...days: number[]): Promise<void> {
  for (const n of days) {
    await act.logDay(n, { shift: 1, labels: false });
    await act.closeDay(n);
  }
  await act.drain();
}

async function label(...days: number[]): Promise<void> {
  for (const n of days) {
    const rows = dayRows(n, 1).map(({ prediction }, i) => ({ prediction_id: `d${n}-${i}`, label: prediction }));
    const body = rows.map((row) => JSON.stringify(row)).join('\n');
    await act.call('POST', `/v1/models/${MODEL}/labels`, body);
  }
  await act.drain();
}

const orderOf = (event: Event | undefined) => eventShapes['retraining.requested'].parse(event?.data);

/** Moves the runs into the past: receivers would refuse messages of a clock that was moved forward. */
const ago = (interval: string) => act.ctx.sql`
  update runs set created_at = created_at - ${interval}::interval, deadline_at = deadline_at - ${interval}::interval`;

let first = '';

describe('a run that waits', () => {
  it('stays in preparation until there are labels enough, and says so once', async () => {
    await act.logDay(0, { labels: false });
    await drift(1, 2, 3);
    [first = ''] = await runsIn('preparing');
    await prepareRun(act.ctx, { runId: first });
    const run = await runOf(first);
    expect(run.events.map(({ state, detail }) => [state, detail.waiting_for ?? null])).toEqual([
      ['preparing', null],
      ['preparing', 'labels'],
    ]);
    expect(told('retraining.requested')).toEqual([]);
  });

  it('keeps one run a policy while it lives', async () => {
    const alert = await firing();
    await act.call('POST', `/v1/alerts/${alert?.id}/resolve`, { reason: 'to see another' });
    await drift(4, 5, 6);
    const next = await firing();
    expect(next?.id).not.toBe(alert?.id);
    const blocked = (await timeline(next?.id ?? '')).filter(({ reason }) => reason === 'run_blocked');
    // Two windows were held back for the same reason: it stands there once.
    expect(blocked).toMatchObject([{ detail: { policy: 'on-drift', because: { code: 'run_in_flight', run: first } } }]);
    expect(await act.call('POST', '/v1/runs', { policy: 'on-drift' })).toMatchObject({ status: 409 });
  });

  it('begins again after a kill, with the same version and one request', async () => {
    await label(0, 1, 2, 3);
    const dying = {
      ...act.ctx,
      randomBytes: () => {
        throw new Error('killed before the request');
      },
    };
    await expect(prepareRun(dying, { runId: first })).rejects.toThrow('killed');
    expect(await runOf(first)).toMatchObject({ state: 'preparing', training: null });
    await prepareRun(act.ctx, { runId: first });
    await prepareRun(act.ctx, { runId: first });
    await act.drain();
    const run = await runOf(first);
    expect(run).toMatchObject({ state: 'requested', training: { version: 1 } });
    expect(told('retraining.requested')).toHaveLength(1);
    // The alert's windows hold 600 labelled rows; it reaches back by a window to have 700.
    expect(told('retraining.requested')[0]?.data).toMatchObject({
      training: { rows: 900, from: new Date(day(0)).toISOString(), to: new Date(day(3)).toISOString() },
    });
  });
});

describe('a run that is late', () => {
  it('ends at its deadline, not before, and takes no report any more', async () => {
    await expireRun(act.ctx, { runId: first });
    expect(await runsIn('requested')).toEqual([first]);
    await ago('1 hour');
    await expireRun(act.ctx, { runId: first });
    await act.drain();
    expect(await runOf(first)).toMatchObject({ state: 'timed_out', error: expect.stringMatching(/deadline/) });
    expect(told('retraining.failed').map(({ data }) => data)).toMatchObject([{ run: first, state: 'timed_out' }]);
    const { token } = orderOf(told('retraining.requested')[0]).callback;
    const late = await act.call('POST', `/v1/runs/${first}/events`, { state: 'succeeded', token });
    expect(late).toMatchObject({
      status: 409,
      body: {
        type: expect.stringMatching(/conflict$/),
        detail: expect.stringMatching(/timed out and cannot become succeeded.*\{version\}\/promote/),
      },
    });
  });

  it('is followed by no other before the cooldown is over', async () => {
    const alert = await firing();
    await drift(7, 8);
    const lines = (await timeline(alert?.id ?? '')).filter(({ reason }) => reason.startsWith('run_'));
    expect(lines.map(({ detail }) => detail.because)).toMatchObject([
      { code: 'run_in_flight' },
      { code: 'cooldown', run: first },
    ]);
  });
});

describe('a run of lost data', () => {
  it('begins after the cooldown, and fails with the reason instead of trying for ever', async () => {
    const batches = await act.ctx.sql<{ oid: string }[]>`
      select oid from batches where kind = 'predictions' and max_time < ${new Date(day(4)).toISOString()}`;
    for (const { oid } of batches) await act.ctx.remote.remove(oid);
    await ago('1 day');
    await drift(9);
    const alert = await firing();
    expect((await timeline(alert?.id ?? '')).at(-1)).toMatchObject({ reason: 'run_started' });
    const [run = ''] = await runsIn('failed');
    expect(await runOf(run)).toMatchObject({ alert: alert?.id, error: expect.stringMatching(/could not be derived/) });
    expect(told('retraining.failed').at(-1)?.data).toMatchObject({ run, state: 'failed' });
  });
});

describe('a policy that promotes by itself', () => {
  it('promotes with the report of success, wholly or not at all', async () => {
    const policy = { name: 'auto', model: MODEL, monitor: 'daily', promote: 'auto', minimum_labelled_rows: 10 };
    expect(await act.call('POST', '/v1/policies', policy)).toMatchObject({ status: 201 });
    for (const n of [20, 21]) {
      await act.logDay(n);
      await act.closeDay(n);
    }
    await act.drain();
    const started = await act.call<{ id: string }>('POST', '/v1/runs', { policy: 'auto' });
    expect(started).toMatchObject({ status: 202, body: { alert: null, state: 'preparing' } });
    await act.drain();
    const order = orderOf(told('retraining.requested').at(-1));
    expect(order.run).toBe(started.body.id);
    const report = { state: 'succeeded', token: order.callback.token, metrics: { auc: 0.9 } };
    const { newId } = act.ctx;
    Object.assign(act.ctx, {
      newId: (prefix: string) => {
        if (prefix === 'msg') throw new Error('killed while it told');
        return newId(prefix);
      },
    });
    expect(await act.call('POST', `/v1/runs/${order.run}/events`, report)).toMatchObject({ status: 500 });
    Object.assign(act.ctx, { newId });
    expect(await runOf(order.run)).toMatchObject({ state: 'requested', model_version: null });
    expect(await act.call('POST', `/v1/runs/${order.run}/events`, report)).toMatchObject({
      status: 200,
      body: { state: 'promoted', next_token: null },
    });
    const { body } = await act.call<{ items: { name: string; current: boolean }[] }>(
      'GET',
      `/v1/models/${MODEL}/versions`,
    );
    expect(body.items.filter(({ current }) => current).map(({ name }) => name)).toEqual(['v2']);
  });
});

describe('policies over HTTP', () => {
  const policy = { name: 'another', model: MODEL, monitor: 'daily' };

  it('are complete with names alone, and made once', async () => {
    expect(await act.call('POST', '/v1/policies', policy)).toMatchObject({
      status: 201,
      body: {
        enabled: true,
        promote: 'manual',
        cooldown: 'P1D',
        deadline: 'P1D',
        minimum_labelled_rows: 500,
        span: null,
      },
    });
    expect(await act.call('POST', '/v1/policies', policy)).toMatchObject({ status: 200, body: { name: 'another' } });
    expect(await act.call('POST', '/v1/policies', { ...policy, deadline: 'PT1H' })).toMatchObject({ status: 409 });
    expect(await act.call('PATCH', '/v1/policies/another', { enabled: false })).toMatchObject({
      body: { enabled: false },
    });
    expect(await act.call('GET', '/v1/policies/another')).toMatchObject({ body: { enabled: false } });
  });

  it.each([
    [{ monitor: 'nobody' }, 404],
    [{ model: 'nobody' }, 404],
    [{ cooldown: 'P1M' }, 422],
    [{ deadline: 'PT0S' }, 422],
    [{ span: 'yesterday' }, 422],
    [{ on: 'moon' }, 422],
    [{ budget: 5 }, 422],
    [{ minimum_labelled_rows: 0 }, 422],
  ])('refuse %j', async (change, status) => {
    expect(await act.call('POST', '/v1/policies', { ...policy, name: 'bad', ...change })).toMatchObject({ status });
  });
});
