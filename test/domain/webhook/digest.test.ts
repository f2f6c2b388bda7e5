import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AlertBrief } from '../../../schemas/wire/events.ts';
import { eventShapes } from '../../../schemas/wire/events.ts';
import { digestOf, sendDigest } from '../../../src/domain/webhook/digest.ts';
import { type Act, MODEL, startAct } from '../retraining/act.ts';

const brief = (alert: string, state: AlertBrief['state']): AlertBrief => ({
  ...{ alert, model: 'churn', monitor: 'daily', severity: 'warning', state, reason: 'r' },
  columns_drifted: 40,
  columns_judged: 50,
  links: { alert: `https://tidemark.example/v1/alerts/${alert}` },
});
const at = new Date('2026-03-01T00:00:00Z');

describe('a digest', () => {
  it('says how each alert stands by its last event, those that fire first', () => {
    const item = (subject: string, state: AlertBrief['state']) => ({ subject, brief: brief(subject, state), at });
    const items = [
      item('a', 'firing'),
      item('b', 'firing'),
      item('b', 'resolved'),
      item('c', 'resolved'),
      item('a', 'firing'),
    ];
    const digest = digestOf(items, 'default');
    expect(digest).toMatchObject({ events_total: 5, alerts_total: 3, firing: 1, resolved: 2, truncated: 0 });
    expect(digest.alerts.map(({ alert, state, events }) => [alert, state, events])).toEqual([
      ['a', 'firing', 2],
      ['c', 'resolved', 1],
      ['b', 'resolved', 2],
    ]);
  });

  it('stays a small message, however many alerts there are', () => {
    const items = Array.from({ length: 10_000 }, (_, i) => {
      const subject = `al_${String(i).padStart(26, '0')}`;
      return { subject, brief: brief(subject, i % 2 === 0 ? 'firing' : 'resolved'), at };
    });
    const digest = digestOf(items, 'default');
    expect(digest).toMatchObject({ alerts_total: 10_000, firing: 5000, truncated: 9960 });
    expect(digest.alerts.every(({ state }) => state === 'firing')).toBe(true);
    expect(JSON.stringify(digest).length).toBeLessThan(20_000);
  });
});

describe('an endpoint that wants alerts together', () => {
  let act: Act;
  let endpointId = '';
  beforeAll(async () => {
    act = await startAct({ policy: null });
    endpointId = (await act.call<{ items: { id: string }[] }>('GET', '/v1/webhooks')).body.items[0]?.id ?? '';
    const changed = await act.call('PATCH', `/v1/webhooks/${endpointId}`, { digest_seconds: 60 });
    expect(changed).toMatchObject({ status: 200, body: { digest_seconds: 60 } });
    await act.call('PATCH', `/v1/models/${MODEL}/monitors/daily`, { alert: { fire_after: 1, resolve_after: 1 } });
    for (const [n, shift] of [
      [0, 0],
      [1, 1],
      [2, 0],
      [3, 1],
    ] as const) {
      await act.logDay(n, { shift });
      await act.closeDay(n);
    }
    await act.drain();
  });
  afterAll(() => act.close());

  it('is told of all of them in one signed message, once', async () => {
    expect(act.events()).toEqual([]);
    await Promise.all([sendDigest(act.ctx, { endpointId }), sendDigest(act.ctx, { endpointId })]);
    await act.drain();
    const [event, ...others] = act.events();
    expect(others).toEqual([]);
    expect(event?.type).toBe('alert.digest');
    const digest = eventShapes['alert.digest'].parse(event?.data);
    expect(digest).toMatchObject({ project: 'default', events_total: 3, alerts_total: 2, firing: 1, resolved: 1 });
    expect(digest.alerts.map(({ model, state }) => [model, state])).toEqual([
      [MODEL, 'firing'],
      [MODEL, 'resolved'],
    ]);
  });

  it('cannot be a system that keeps count of them one by one', async () => {
    const target = { kind: 'pagerduty', options: {}, credentials: { routing_key: 'k'.repeat(32) } };
    const refused = await act.call('POST', '/v1/webhooks', { target, digest_seconds: 60 });
    expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer: '/digest_seconds' }] } });
    expect(await act.call('PATCH', `/v1/webhooks/${endpointId}`, { digest_seconds: 5 })).toMatchObject({ status: 422 });
    expect(await act.call('DELETE', `/v1/webhooks/${endpointId}`)).toMatchObject({ status: 204 });
  });
});
