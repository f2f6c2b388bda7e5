import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { type causeView, previewView } from '../../../schemas/wire/policies.ts';
import { runDetail } from '../../../schemas/wire/retraining.ts';
import { considerPolicies, considerPolicy } from '../../../src/domain/retraining/consider.ts';
import { prepareRun } from '../../../src/domain/retraining/prepare.ts';
import { expireRun } from '../../../src/domain/run/expire.ts';
import { type Act, dayRows, MODEL, startAct } from './act.ts';

type CauseView = z.infer<typeof causeView>;
type Page<T> = { items: T[] };

let act: Act;
beforeAll(async () => {
  act = await startAct({ policy: null });
  for (const n of [0, 1]) {
    await act.logDay(n);
    await act.closeDay(n);
  }
  await act.drain();
});
afterAll(() => act.close());

/** A policy that is asked for by no alert. */
async function makePolicy(name: string, wish: Readonly<Record<string, unknown>>): Promise<string> {
  const body = { name, model: MODEL, monitor: 'daily', on: 'request', cooldown: 0, minimum_labelled_rows: 10, ...wish };
  const made = await act.call('POST', '/v1/policies', body);
  if (made.status !== 201) throw new Error(JSON.stringify(made));
  const [row] = await act.ctx.sql<{ id: string }[]>`select id from policies where name = ${name}`;
  return row?.id ?? '';
}

const causesOf = async (policy: string) =>
  (await act.call<Page<CauseView>>('GET', `/v1/policies/${policy}/causes`)).body.items;
const runsOf = async (policy: string) =>
  (await act.call<Page<{ id: string; state: string }>>('GET', `/v1/runs?policy=${policy}`)).body.items;
const runOf = async (id: string) => runDetail.parse((await act.call('GET', `/v1/runs/${id}`)).body);
const consider = (policyId: string) => considerPolicy(act.ctx, { policyId });
const later = (milliseconds: number): void => {
  act.clock.now = new Date(act.clock.now.getTime() + milliseconds);
};
const MINUTE = 60_000;

/** Ends the living run of a policy. */
const end = (policyId: string) => act.ctx.sql`
  update runs set state = 'failed' where policy_id = ${policyId}
    and state in ('awaiting_approval', 'preparing', 'requested', 'accepted', 'running')`;

const pushVersion = async (dataset: string, text: string): Promise<number> => {
  const path = `/v1/datasets/${dataset}/versions?path=data.csv`;
  const { body } = await act.call<{ ref: string }>('POST', path, text, { 'content-type': 'text/csv' });
  return Number(body.ref.slice(1));
};

describe('a schedule', () => {
  it('starts one run for the last of the times that passed, however often it is looked at', async () => {
    const id = await makePolicy('hourly', { schedule: '0 * * * *' });
    await consider(id);
    expect(await causesOf('hourly')).toEqual([]);
    // The service was away for some hours.
    later(5 * 60 * MINUTE);
    await Promise.all([consider(id), consider(id), consider(id)]);
    const causes = await causesOf('hourly');
    const hour = new Date(Math.floor(act.clock.now.getTime() / 3_600_000) * 3_600_000).toISOString();
    expect(causes).toMatchObject([{ cause: { kind: 'schedule', at: hour }, state: 'started', blocked: [] }]);
    const [run, ...others] = await runsOf('hourly');
    expect(others).toEqual([]);
    expect(causes[0]?.run).toBe(run?.id);
    expect(await runOf(run?.id ?? '')).toMatchObject({ alert: null, cause: { kind: 'schedule', at: hour } });
  });

  it('waits behind a guard that is named, gives way to the next time, and starts when the guard is lifted', async () => {
    const tomorrow = (Math.floor(act.clock.now.getTime() / 86_400_000) + 1) * 86_400_000;
    act.clock.now = new Date(tomorrow + 60 * MINUTE);
    const id = await makePolicy('limited', { schedule: '0 * * * *', maximum_per_day: 1, zone: 'Europe/Lisbon' });
    later(60 * MINUTE);
    await consider(id);
    await end(id);
    later(60 * MINUTE);
    await consider(id);
    later(60 * MINUTE);
    await consider(id);
    const [waiting, former, first] = await causesOf('limited');
    expect([waiting?.state, former?.state, first?.state]).toEqual(['waiting', 'superseded', 'started']);
    expect(waiting?.blocked).toMatchObject([{ code: 'daily_limit', until: expect.stringMatching(/T(00|23):00:00/) }]);
    act.clock.now = new Date(waiting?.blocked[0]?.until ?? 0);
    await consider(id);
    expect(await runsOf('limited')).toHaveLength(2);
  });

  it('does not make up for what passed while it was off', async () => {
    const id = await makePolicy('paused', { schedule: '0 * * * *' });
    await act.call('PATCH', '/v1/policies/paused', { enabled: false });
    later(180 * MINUTE);
    await consider(id);
    await act.call('PATCH', '/v1/policies/paused', { enabled: true });
    await consider(id);
    expect(await causesOf('paused')).toEqual([]);
    later(60 * MINUTE);
    await consider(id);
    expect(await runsOf('paused')).toHaveLength(1);
  });
});

describe('new data', () => {
  it('starts a run with a version that was not there before, and says which', async () => {
    await pushVersion('rows', 'a\n1\n');
    const id = await makePolicy('on-version', { new_data: { dataset: 'rows' } });
    await consider(id);
    expect(await runsOf('on-version')).toEqual([]);
    const number = await pushVersion('rows', 'a\n2\n');
    await consider(id);
    await consider(id);
    const [run, ...others] = await runsOf('on-version');
    expect(others).toEqual([]);
    expect(await runOf(run?.id ?? '')).toMatchObject({
      cause: { kind: 'new_version', version: { dataset: 'rows', version: number } },
    });
    // The same content again is the same version, and no news.
    await end(id);
    await pushVersion('rows', 'a\n2\n');
    await consider(id);
    expect(await runsOf('on-version')).toHaveLength(1);
  });

  it('starts a run when a tag moves, back too, and not when it stays or goes', async () => {
    const id = await makePolicy('on-tag', { new_data: { dataset: 'rows', tag: 'gold' } });
    const tagged = async (ref: string): Promise<number> => {
      await act.call('PUT', '/v1/datasets/rows/tags/gold', { ref });
      await consider(id);
      await end(id);
      return (await runsOf('on-tag')).length;
    };
    expect([await tagged('v1'), await tagged('v1'), await tagged('v2'), await tagged('v1')]).toEqual([1, 1, 2, 3]);
    await act.call('DELETE', '/v1/datasets/rows/tags/gold');
    await consider(id);
    expect(await runsOf('on-tag')).toHaveLength(3);
  });

  it('cannot be the data that the runs make', async () => {
    const body = { name: 'loop', model: MODEL, monitor: 'daily', new_data: { dataset: `${MODEL}-retraining` } };
    expect(await act.call('POST', '/v1/policies', body)).toMatchObject({ status: 422 });
  });

  it('counts labels since the last run, whichever of label and prediction came later', async () => {
    const id = await makePolicy('on-labels', { new_labelled_rows: 300 });
    await act.logDay(10, { labels: false, rows: 200 });
    await act.drain();
    await consider(id);
    expect(await causesOf('on-labels')).toEqual([]);
    const label = (n: number, rows: number) =>
      act.call(
        'POST',
        `/v1/models/${MODEL}/labels`,
        dayRows(n, 0, rows)
          .map(({ prediction }, i) => JSON.stringify({ prediction_id: `d${n}-${i}`, label: prediction }))
          .join('\n'),
      );
    await label(10, 200);
    await label(11, 100);
    await act.drain();
    await consider(id);
    expect(await causesOf('on-labels')).toEqual([]);
    await act.logDay(11, { labels: false, rows: 100 });
    await act.drain();
    await consider(id);
    expect(await causesOf('on-labels')).toMatchObject([
      { cause: { kind: 'new_labels', labelled_rows: 300 }, state: 'started' },
    ]);
    await end(id);
    await consider(id);
    expect(await runsOf('on-labels')).toHaveLength(1);
  });
});

describe('what waits', () => {
  it('is covered by a run that comes first', async () => {
    const id = await makePolicy('two', { schedule: '0 * * * *', new_data: { dataset: 'rows' } });
    await act.call('PUT', '/v1/retraining', { stopped: true, reason: 'to see' });
    later(60 * MINUTE);
    await pushVersion('rows', `a\n${act.clock.now.getTime()}\n`);
    await consider(id);
    expect((await causesOf('two')).map(({ state, blocked }) => [state, blocked[0]?.code])).toEqual([
      ['waiting', 'stopped'],
      ['waiting', 'stopped'],
    ]);
    await act.call('PUT', '/v1/retraining', { stopped: false });
    await considerPolicies(act.ctx);
    await act.drain(['prepare-run']);
    expect(Object.fromEntries((await causesOf('two')).map(({ cause, state }) => [cause.kind, state]))).toEqual({
      new_version: 'started',
      schedule: 'covered',
    });
    expect(await runsOf('two')).toHaveLength(1);
  });
});

describe('the switch for all retraining', () => {
  it('needs a reason, and keeps the first', async () => {
    expect(await act.call('PUT', '/v1/retraining', { stopped: true })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/reason' }] },
    });
    await act.call('PUT', '/v1/retraining', { stopped: true, reason: 'audit' });
    const again = await act.call('PUT', '/v1/retraining', { stopped: true, reason: 'another' });
    expect(again).toMatchObject({ status: 200, body: { stopped: true, reason: 'audit', author: 'anonymous' } });
  });

  it('holds back what is asked for by hand, and what is being prepared', async () => {
    await makePolicy('by-hand', {});
    const refused = await act.call('POST', '/v1/runs', { policy: 'by-hand' });
    expect(refused).toMatchObject({ status: 409, body: { guard: 'stopped', detail: expect.stringMatching(/audit/) } });
    await act.call('PUT', '/v1/retraining', { stopped: false });
    const started = await act.call<{ id: string }>('POST', '/v1/runs', { policy: 'by-hand' });
    expect(started.status).toBe(202);
    await act.call('PUT', '/v1/retraining', { stopped: true, reason: 'audit' });
    const runId = started.body.id;
    await prepareRun(act.ctx, { runId });
    await prepareRun(act.ctx, { runId });
    const run = await runOf(runId);
    expect(run.state).toBe('preparing');
    expect(run.events.map(({ detail }) => detail.waiting_for ?? null)).toEqual([
      null,
      expect.stringMatching(/stopped/),
    ]);
    await act.call('PUT', '/v1/retraining', { stopped: false });
    await prepareRun(act.ctx, { runId });
    expect((await runOf(runId)).state).toBe('requested');
    expect(await causesOf('by-hand')).toMatchObject([{ cause: { kind: 'request' }, state: 'started', run: runId }]);
  });
});

describe('approval', () => {
  const awaiting = async (policyId: string, policy: string): Promise<string> => {
    later(60 * MINUTE);
    await consider(policyId);
    const [run] = await runsOf(policy);
    expect(run?.state).toBe('awaiting_approval');
    return run?.id ?? '';
  };
  const toldOf = async (run: string) =>
    (
      await act.ctx.sql<{ type: string; state: string; reason?: string }[]>`
        select type, state, body::jsonb #>> '{data,reason}' as reason from messages where subject = ${run} order by id`
    ).map(({ type, state, reason }) => [type, state, reason ?? undefined]);
  let id = '';

  it('is asked for, once given lets the run go on, and does not repeat', async () => {
    const people = {
      url: `${act.receiver.url}/people`,
      events: ['retraining.awaiting_approval', 'retraining.cancelled'],
    };
    expect(await act.call('POST', '/v1/webhooks', people)).toMatchObject({ status: 201 });
    id = await makePolicy('asked', { schedule: '0 * * * *', approval: { within: 'PT2H' }, deadline: 'PT30M' });
    const run = await awaiting(id, 'asked');
    await prepareRun(act.ctx, { runId: run });
    expect((await runOf(run)).state).toBe('awaiting_approval');
    const told = await act.ctx.sql<{ type: string }[]>`select type from messages where subject = ${run}`;
    expect(told).toMatchObject([{ type: 'retraining.awaiting_approval' }]);
    later(MINUTE);
    const approved = await act.call('POST', `/v1/runs/${run}/approve`, { comment: 'go' });
    const deadline = new Date(act.clock.now.getTime() + 30 * MINUTE).toISOString();
    expect(approved).toMatchObject({ status: 200, body: { state: 'preparing', deadline_at: deadline } });
    later(MINUTE);
    expect(await act.call('POST', `/v1/runs/${run}/approve`, {})).toMatchObject({ body: { deadline_at: deadline } });
    expect(await act.call('POST', `/v1/runs/${run}/decline`, { reason: 'no' })).toMatchObject({ status: 409 });
    await prepareRun(act.ctx, { runId: run });
    expect((await runOf(run)).state).toBe('requested');
    await end(id);
  });

  it('declined ends the run, and its cause starts no other', async () => {
    const run = await awaiting(id, 'asked');
    const declined = await act.call('POST', `/v1/runs/${run}/decline`, { reason: 'a holiday' });
    expect(declined).toMatchObject({ status: 200, body: { state: 'declined', error: 'Declined: a holiday' } });
    expect(await act.call('POST', `/v1/runs/${run}/decline`, { reason: 'a holiday' })).toMatchObject({ status: 200 });
    expect(await act.call('POST', `/v1/runs/${run}/approve`, {})).toMatchObject({
      status: 409,
      body: { detail: expect.stringMatching(/declined.* Start another with POST \/v1\/runs\./) },
    });
    // Whoever was asked is told, and what has not been asked yet is not asked any more.
    expect(await toldOf(run)).toEqual([
      ['retraining.awaiting_approval', 'discarded', undefined],
      ['retraining.cancelled', 'pending', 'Declined: a holiday'],
    ]);
    await consider(id);
    expect(await runsOf('asked')).toHaveLength(2);
  });

  it('is given up when nobody came, and cannot be given then', async () => {
    const run = await awaiting(id, 'asked');
    await expireRun(act.ctx, { runId: run });
    expect((await runOf(run)).state).toBe('awaiting_approval');
    later(120 * MINUTE);
    expect(await act.call('POST', `/v1/runs/${run}/approve`, {})).toMatchObject({ status: 409 });
    await expireRun(act.ctx, { runId: run });
    const error = expect.stringMatching(/approved .* in time\..*POST \/v1\/runs/);
    expect(await runOf(run)).toMatchObject({ state: 'expired', error });
    expect(await toldOf(run)).toEqual([
      ['retraining.awaiting_approval', 'discarded', undefined],
      ['retraining.cancelled', 'pending', error],
    ]);
  });

  it('is not needed by whoever asks by hand', async () => {
    expect(await act.call('POST', '/v1/runs', { policy: 'asked' })).toMatchObject({
      status: 202,
      body: { state: 'preparing' },
    });
  });
});

describe('a preview', () => {
  it('says whether a run would start, and what would have', async () => {
    await makePolicy('seen', { on: 'alert', schedule: '0 12 * * *', maximum_per_day: 1 });
    const { body } = await act.call('GET', '/v1/policies/seen/preview');
    const preview = previewView.parse(body);
    expect(preview).toMatchObject({
      would_start: true,
      blocked: [],
      labelled_rows: 10,
      backtest: { starts_total: expect.any(Number), summary: expect.stringMatching(/^It would have retrained/) },
    });
    expect(preview.backtest.starts.length).toBeGreaterThan(0);
    const trial = { name: 'new', model: MODEL, monitor: 'daily', minimum_labelled_rows: 10, on: 'request' };
    expect(await act.call('POST', '/v1/policies/preview', trial)).toMatchObject({
      status: 200,
      body: { would_start: true, backtest: { starts_total: 0 } },
    });
    expect(await act.call('GET', '/v1/policies/new')).toMatchObject({ status: 404 });
    await act.call('PUT', '/v1/retraining', { stopped: true, reason: 'audit' });
    expect(await act.call('GET', '/v1/policies/seen/preview')).toMatchObject({
      body: { would_start: false, blocked: [{ code: 'stopped' }] },
    });
  });
});
