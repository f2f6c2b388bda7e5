import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { alertDetail, type alertView } from '../../../schemas/wire/alerts.ts';
import { evaluateAlert } from '../../../src/domain/alert/evaluate.ts';
import { type Act, day, startAct } from '../retraining/act.ts';

type Alert = z.infer<typeof alertView>;

let act: Act;
beforeAll(async () => {
  act = await startAct({ policy: null });
});
afterAll(() => act.close());

const alerts = async (query = '') => (await act.call<{ items: Alert[] }>('GET', `/v1/alerts${query}`)).body.items;
const detailOf = async (id: string) => alertDetail.parse((await act.call('GET', `/v1/alerts/${id}`)).body);
const count = async (table: 'episodes' | 'episode_events') =>
  Number((await act.ctx.sql<{ n: string }[]>`select count(*) as n from ${act.ctx.sql(table)}`)[0]?.n);
const told = () => act.events().map(({ type, data }) => [type, data.reason]);

/** Logs days and has them judged, all but the alert itself. */
async function judge(days: readonly { n: number; shift?: number; rows?: number }[]): Promise<void> {
  for (const { n, ...options } of days) {
    await act.logDay(n, options);
    await act.closeDay(n);
  }
  await act.drain(['evaluate-alert']);
}

describe('evaluation of an alert', () => {
  it('ends what was one breach without telling anybody', async () => {
    await judge([{ n: 0 }, { n: 1, shift: 1 }]);
    await act.drain();
    expect(await alerts()).toMatchObject([{ state: 'pending', streak: 1, fired_at: null }]);
    await judge([{ n: 2 }]);
    await act.drain();
    expect(await alerts()).toMatchObject([{ state: 'resolved', fired_at: null }]);
    expect(told()).toEqual([]);
  });

  it('commits nothing of a transition when any part of it fails', async () => {
    await judge([
      { n: 3, shift: 1 },
      { n: 4, shift: 1 },
    ]);
    const before = [await count('episodes'), await count('episode_events')];
    const failing = {
      ...act.ctx,
      newId: (prefix: string) => {
        if (prefix === 'msg') throw new Error('killed while it told');
        return act.ctx.newId(prefix);
      },
    };
    const { monitorId } = act;
    await expect(evaluateAlert(failing, { monitorId })).rejects.toThrow('killed');
    expect([await count('episodes'), await count('episode_events')]).toEqual(before);
    expect(await alerts('?state=pending')).toEqual([]);
  });

  it('makes one alert and one message however many evaluate at once', async () => {
    const { ctx, monitorId } = act;
    await Promise.all(Array.from({ length: 4 }, () => evaluateAlert(ctx, { monitorId })));
    await act.drain();
    const firing = await alerts('?state=firing');
    expect(firing).toMatchObject([{ streak: 2, from: new Date(day(3)).toISOString() }]);
    expect((await detailOf(firing[0]?.id ?? '')).events.map(({ from, to, reason }) => [from, to, reason])).toEqual([
      [null, 'pending', 'drift_began'],
      ['pending', 'firing', 'drift_confirmed'],
    ]);
    expect(told()).toEqual([['alert.firing', 'drift_confirmed']]);
  });

  it('takes a window with too little data for nothing, and clean ones for recovery', async () => {
    await judge([{ n: 5, rows: 5 }]);
    await act.drain();
    const [before] = await alerts('?state=firing');
    expect(before).toMatchObject({ streak: 2, through: new Date(day(6)).toISOString() });
    expect(before?.evidence.window.start).toBe(new Date(day(4)).toISOString());
    await judge([{ n: 6 }]);
    await act.drain();
    expect(await alerts('?state=recovering')).toMatchObject([{ streak: 1 }]);
    await judge([{ n: 7 }]);
    await act.drain();
    expect(await alerts('?state=recovering')).toEqual([]);
    expect(told()).toEqual([
      ['alert.firing', 'drift_confirmed'],
      ['alert.resolved', 'recovered'],
    ]);
  });

  it('can be acknowledged and ended by hand; drift that goes on is another alert', async () => {
    await judge([
      { n: 8, shift: 1 },
      { n: 9, shift: 1 },
    ]);
    await act.drain();
    const [alert] = await alerts('?state=firing');
    const path = `/v1/alerts/${alert?.id}`;
    const seen = await act.call<Alert>('POST', `${path}/acknowledge`, { by: 'ada', comment: 'looking' });
    expect(seen).toMatchObject({ status: 200, body: { state: 'firing', acknowledged_by: 'ada' } });
    const ended = await act.call<Alert>('POST', `${path}/resolve`, { reason: 'a known campaign' });
    expect(ended).toMatchObject({ status: 200, body: { state: 'resolved' } });
    expect(await act.call('POST', `${path}/resolve`, { reason: 'again' })).toMatchObject({ status: 409 });
    expect(await act.call('POST', `${path}/acknowledge`, {})).toMatchObject({ status: 409 });
    await judge([
      { n: 10, shift: 1 },
      { n: 11, shift: 1 },
    ]);
    await act.drain();
    expect(await alerts('?state=firing')).toMatchObject([{ from: new Date(day(10)).toISOString() }]);
    const detail = await detailOf(alert?.id ?? '');
    expect(detail.events.slice(2)).toMatchObject([
      { reason: 'acknowledged', author: 'anonymous', detail: { by: 'ada', comment: 'looking' } },
      { reason: 'by_hand', from: 'firing', to: 'resolved', detail: { reason: 'a known campaign' } },
    ]);
    expect(detail.messages.map(({ type, state }) => [type, state])).toEqual([
      ['alert.firing', 'delivered'],
      ['alert.resolved', 'delivered'],
    ]);
  });

  it('lists by state, model and monitor, page by page', async () => {
    const all = await alerts();
    expect(all).toHaveLength(4);
    expect(all.map(({ id }) => id)).toEqual(
      all
        .map(({ id }) => id)
        .sort()
        .reverse(),
    );
    expect(await alerts('?monitor=daily&model=credit')).toHaveLength(4);
    expect(await alerts('?monitor=weekly')).toEqual([]);
    const first = await act.call<{ items: Alert[]; next: string }>('GET', '/v1/alerts?limit=3');
    expect(first.body.items).toHaveLength(3);
    expect(await alerts(`?limit=3&cursor=${first.body.next}`)).toEqual(all.slice(3));
    expect(await act.call('GET', '/v1/alerts?state=burning')).toMatchObject({ status: 400 });
    expect(await act.call('GET', '/v1/alerts/al_nothing')).toMatchObject({ status: 404 });
  });

  it('does the same when it is run again', async () => {
    const before = [await count('episodes'), await count('episode_events'), act.events().length];
    await evaluateAlert(act.ctx, { monitorId: act.monitorId });
    await act.drain();
    expect([await count('episodes'), await count('episode_events'), act.events().length]).toEqual(before);
  });
});
