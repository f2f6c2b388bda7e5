import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { alertDetail, type alertView, type silenceView } from '../../../schemas/wire/alerts.ts';
import { enqueue } from '../../../src/store/jobs/jobs.ts';
import { type Act, MODEL, startAct } from '../retraining/act.ts';

/** What people do with an alert, and what it does for them, from the first breach to its end. */

type Alert = z.infer<typeof alertView>;
type Silence = z.infer<typeof silenceView>;

const MINUTE = 60_000;

let act: Act;
beforeAll(async () => {
  act = await startAct({ policy: null });
  const { id } = (await act.call<{ items: { id: string }[] }>('GET', '/v1/webhooks')).body.items[0] ?? { id: '' };
  await act.call('PATCH', `/v1/webhooks/${id}`, { events: ['alert.firing', 'alert.escalated', 'alert.resolved'] });
  const alert = { fire_after: 1, resolve_after: 1, escalate_after: 3, repeat_every: 'PT1H' };
  const changed = await act.call('PATCH', `/v1/models/${MODEL}/monitors/daily`, { alert });
  expect(changed).toMatchObject({ status: 200, body: { config: { alert: { repeat_seconds: 3600 } } } });
});
afterAll(() => act.close());

/** Logs a day, has it judged and the alert fed. */
async function live(n: number, shift = 0): Promise<void> {
  await act.logDay(n, { shift });
  await act.closeDay(n);
  await act.drain();
}

async function remind(minutes: number): Promise<void> {
  act.clock.now = new Date(act.clock.now.getTime() + minutes * MINUTE);
  await enqueue(act.ctx.db, { name: 'remind-alerts', key: 'alerts', payload: {} });
  await act.drain();
}

const current = async (): Promise<Alert> => {
  const [alert] = (await act.call<{ items: Alert[] }>('GET', '/v1/alerts')).body.items;
  if (alert === undefined) throw new Error('there is no alert');
  return alert;
};
const historyOf = async (id: string) => alertDetail.parse((await act.call('GET', `/v1/alerts/${id}`)).body).events;
const say = async <T = Alert>(what: string, body: object) =>
  act.call<T>('POST', `/v1/alerts/${(await current()).id}/${what}`, body);
/** The clock here is ahead of the verifier's, so the signatures are not looked at. */
const told = () =>
  act.receiver.requests.map(({ body }) => {
    const event = JSON.parse(body) as { type: string; data: { severity: string; reason: string } };
    return [event.type, event.data.severity, event.data.reason];
  });
const inAnHour = () => new Date(act.clock.now.getTime() + 60 * MINUTE).toISOString();

describe('an alert among people', () => {
  it('is told of again until somebody has seen it', async () => {
    await live(0, 1);
    expect(told()).toEqual([['alert.firing', 'warning', 'drift_confirmed']]);
    await remind(59);
    expect(told()).toHaveLength(1);
    await remind(2);
    await remind(0);
    expect(told().slice(1)).toEqual([['alert.firing', 'warning', 'repeated']]);
    await say('acknowledge', { by: 'ada' });
    await remind(120);
    expect(told()).toHaveLength(2);
  });

  it('becomes critical when it goes on, once', async () => {
    for (const n of [1, 2, 3, 4]) await live(n, 1);
    expect(told().slice(2)).toEqual([['alert.escalated', 'critical', 'drift_goes_on']]);
    expect(await current()).toMatchObject({ severity: 'critical', streak: 5, evidence: { severity: 'critical' } });
  });

  it('is assigned and commented, and all of it is in its history', async () => {
    expect(await say('assign', { to: 'grace' })).toMatchObject({ status: 200, body: { assigned_to: 'grace' } });
    await say('comment', { comment: 'the new campaign' });
    expect(await say('assign', { to: null })).toMatchObject({ body: { assigned_to: null } });
    const { id } = await current();
    expect((await historyOf(id)).map(({ reason, author }) => [reason, author])).toEqual([
      ['drift_began', 'system'],
      ['drift_confirmed', 'system'],
      ['acknowledged', 'anonymous'],
      ['escalated', 'system'],
      ['assigned', 'anonymous'],
      ['commented', 'anonymous'],
      ['assigned', 'anonymous'],
    ]);
    for (const [what, body] of [
      ['comment', {}],
      ['comment', { comment: '' }],
      ['assign', {}],
      ['mute', { until: '2020-01-01T00:00:00Z' }],
      ['mute', {}],
    ] as const)
      expect((await say(what, body)).status, what).toBe(422);
  });

  it('ends for whoever was told of it, even when it is muted', async () => {
    expect(await say('mute', { until: inAnHour(), comment: 'noise' })).toMatchObject({ status: 200 });
    await live(5);
    expect(told().at(-1)).toEqual(['alert.resolved', 'critical', 'recovered']);
    expect(await say('comment', { comment: 'afterwards' })).toMatchObject({ status: 200 });
    expect(await say('mute', { until: inAnHour() })).toMatchObject({ status: 409 });
  });
});

describe('a silence', () => {
  const matching = (model: string) => [{ label: 'model', is: [model] }];
  const silence = (body: object) => act.call<Silence>('POST', '/v1/silences', body);
  const countTold = () => told().length;

  it('holds back what it matches and nothing else, and says so', async () => {
    const { model } = await current();
    const other = await silence({ matchers: matching('another'), ends_at: inAnHour(), comment: 'not this' });
    const made = await silence({ matchers: matching(model), ends_at: inAnHour(), comment: 'maintenance' });
    expect(other.status).toBe(201);
    expect(made).toMatchObject({ status: 201, body: { state: 'active', author: 'anonymous', comment: 'maintenance' } });
    const count = countTold();
    await live(6, 1);
    expect(told()).toHaveLength(count);
    const alert = await current();
    expect(alert).toMatchObject({ state: 'firing', notified_at: null });
    expect((await historyOf(alert.id)).at(-1)).toMatchObject({
      reason: 'held_back',
      detail: { because: { by: 'silence', silence: made.body.id } },
    });
    await remind(10);
    expect(told()).toHaveLength(count);
  });

  it('tells when it is over, if the alert still fires', async () => {
    const count = countTold();
    await remind(60);
    await remind(0);
    expect(told().slice(count)).toEqual([['alert.firing', 'warning', 'no_longer_held_back']]);
    expect((await act.call<{ items: Silence[] }>('GET', '/v1/silences')).body.items).toEqual([]);
    const all = await act.call<{ items: Silence[] }>('GET', '/v1/silences?ended=true');
    expect(all.body.items.map(({ state }) => state)).toEqual(['ended', 'ended']);
    await live(7);
  });

  it('that was never told of is not told of when it ends', async () => {
    const { model } = await current();
    const made = await silence({ matchers: matching(model), ends_at: inAnHour(), comment: 'again' });
    const count = countTold();
    await live(8, 1);
    await live(9);
    expect((await current()).state).toBe('resolved');
    expect(told()).toHaveLength(count);
    expect(await act.call('DELETE', `/v1/silences/${made.body.id}`)).toMatchObject({ body: { state: 'ended' } });
    await live(10, 1);
    expect(told().slice(count)).toEqual([['alert.firing', 'warning', 'drift_confirmed']]);
  });

  it('is made once under a key, and only of what can be', async () => {
    const body = { matchers: matching('x'), starts_at: inAnHour(), ends_at: '2100-01-01T00:00:00Z', comment: 'c' };
    expect(await silence(body)).toMatchObject({ status: 422 });
    expect(await silence({ ...body, ends_at: '2020-01-01T00:00:00Z' })).toMatchObject({ status: 422 });
    expect(await silence({ ...body, matchers: [] })).toMatchObject({ status: 422 });
    const soon = { ...body, ends_at: new Date(act.clock.now.getTime() + 120 * MINUTE).toISOString() };
    const key = { 'idempotency-key': 'silence-1' };
    const first = await act.call<Silence>('POST', '/v1/silences', soon, key);
    expect(first).toMatchObject({ status: 201, body: { state: 'pending' } });
    expect(await act.call('POST', '/v1/silences', soon, key)).toEqual(first);
    expect(await act.call('DELETE', '/v1/silences/sil_none')).toMatchObject({ status: 404 });
  });
});
