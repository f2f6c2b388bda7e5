import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { alertDetail, type alertView } from '../../../schemas/wire/alerts.ts';
import { evaluateAlert } from '../../../src/domain/alert/evaluate.ts';
import { type Act, day, MODEL, startAct } from '../retraining/act.ts';

/** Late data and changed rules: an alert becomes what it would have been, and says so. */

type Alert = z.infer<typeof alertView>;

let act: Act;
beforeAll(async () => {
  act = await startAct({ policy: null });
});
afterAll(() => act.close());

async function live(n: number, options: { shift?: number; rows?: number } = {}): Promise<void> {
  await act.logDay(n, options);
  await act.closeDay(n);
  await act.drain();
}

const current = async () => {
  const [alert] = (await act.call<{ items: Alert[] }>('GET', '/v1/alerts')).body.items;
  return alertDetail.parse((await act.call('GET', `/v1/alerts/${alert?.id}`)).body);
};
const lines = ({ events }: Awaited<ReturnType<typeof current>>) =>
  events.map(({ from, to, reason }) => [from, to, reason]);
const told = () => act.events().map(({ type, data }) => [type, data.reason]);

describe('an alert whose windows are judged anew', () => {
  it('fires when late rows make a drifting window of one that had too few', async () => {
    await live(0, { shift: 1 });
    await live(1, { shift: 1, rows: 5 });
    expect(await current()).toMatchObject({ state: 'pending', streak: 1 });
    await act.logDay(1, { shift: 1 });
    await act.drain();
    const alert = await current();
    expect(alert).toMatchObject({ state: 'firing', streak: 2 });
    expect(lines(alert)).toEqual([
      [null, 'pending', 'drift_began'],
      ['pending', 'pending', 'window_revised'],
      ['pending', 'firing', 'drift_confirmed'],
    ]);
    expect(alert.events[1]).toMatchObject({
      author: 'system',
      detail: { window: new Date(day(1)).toISOString(), from: 'insufficient_data', to: 'drift' },
    });
    expect(told()).toEqual([['alert.firing', 'drift_confirmed']]);
  });

  it('is withdrawn when it would not have fired, and its receivers are told', async () => {
    const path = `/v1/models/${MODEL}/monitors/daily`;
    const change = { minimum_rows: 100_000, effective_from: new Date(day(1)).toISOString() };
    expect(await act.call('PATCH', path, change)).toMatchObject({ status: 200 });
    await act.drain();
    const alert = await current();
    expect(alert).toMatchObject({ state: 'resolved' });
    expect(lines(alert).slice(3)).toEqual([
      ['firing', 'firing', 'window_revised'],
      ['firing', 'resolved', 'withdrawn'],
    ]);
    expect(told().slice(1)).toEqual([['alert.resolved', 'withdrawn']]);
  });

  it('is left alone when nothing of its verdicts changed', async () => {
    await act.call('PATCH', `/v1/models/${MODEL}/monitors/daily`, { minimum_rows: 30 });
    for (const n of [2, 3, 4]) await live(n, { shift: 1 });
    const before = lines(await current());
    await act.logDay(4, { shift: 1, rows: 301 });
    await act.drain();
    const after = await current();
    expect(lines(after)).toEqual(before);
    expect(after).toMatchObject({ state: 'firing', evidence: { rows: 301, window: { revision: 2 } } });
    expect(told()).toHaveLength(3);
  });
});

describe('an alert that fires by rows that came late', () => {
  let acting: Act;
  beforeAll(async () => {
    acting = await startAct({ policy: { on: 'drift', minimum_labelled_rows: 100, cooldown: 0 } });
  });
  afterAll(() => acting.close());

  const runs = async () =>
    (await acting.call<{ items: { id: string; alert: string | null }[] }>('GET', '/v1/runs')).body.items;
  const day1 = async (options: { shift: number; rows?: number }) => {
    await acting.logDay(1, options);
    await acting.closeDay(1);
    await acting.drain();
  };

  it('starts its run as another does, once', async () => {
    await acting.logDay(0, { shift: 1 });
    await acting.closeDay(0);
    await day1({ shift: 1, rows: 5 });
    expect(await runs()).toEqual([]);
    await day1({ shift: 1 });
    const [alert] = (await acting.call<{ items: Alert[] }>('GET', '/v1/alerts')).body.items;
    expect(alert).toMatchObject({ state: 'firing' });
    expect(await runs()).toHaveLength(1);
    const { events } = alertDetail.parse((await acting.call('GET', `/v1/alerts/${alert?.id}`)).body);
    expect(events.map(({ reason }) => reason)).toContain('run_started');
    await day1({ shift: 1, rows: 302 });
    await evaluateAlert(acting.ctx, { monitorId: acting.monitorId });
    expect(await runs()).toHaveLength(1);
  });
});
