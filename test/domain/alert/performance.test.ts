import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { alertDetail, type alertView } from '../../../schemas/wire/alerts.ts';
import { evaluateAlert } from '../../../src/domain/alert/evaluate.ts';
import { estimatePerformance } from '../../../src/domain/performance/estimate-performance.ts';
import { type Act, dayRows, MODEL, startAct } from '../retraining/act.ts';

type Alert = z.infer<typeof alertView>;

let act: Act;
beforeAll(async () => {
  act = await startAct({ policy: { on: 'performance' } });
  await act.logDay(0);
  for (const n of [1, 2, 3, 4, 5, 6]) await act.logDay(n, { labels: false });
  for (const n of [0, 1, 2, 3, 4, 5, 6]) await act.closeDay(n);
  await act.drain();
});
afterAll(() => act.close());

/** The labels of a day, of which so large a share is not what was predicted. */
async function label(n: number, wrong: number): Promise<void> {
  const lines = dayRows(n).map(({ prediction }, i) => {
    const missed = (i * wrong) % 1 >= 1 - wrong;
    return JSON.stringify({ prediction_id: `d${n}-${i}`, label: missed ? 1 - prediction : prediction });
  });
  const sent = await act.call('POST', `/v1/models/${MODEL}/labels`, lines.join('\n'));
  if (sent.status >= 300) throw new Error(JSON.stringify(sent));
  await act.drain();
}

const alerts = async (target = 'performance') =>
  (await act.call<{ items: Alert[] }>('GET', '/v1/alerts')).body.items.filter((alert) => alert.target === target);
const detailOf = async (id = '') => alertDetail.parse((await act.call('GET', `/v1/alerts/${id}`)).body);
const told = () =>
  act.receiver.requests.flatMap(({ body }) => {
    const { type, data } = JSON.parse(body) as { type: string; data: { reason: string; problem?: { kind: string } } };
    return type.startsWith('alert.') ? [[type, data.problem?.kind ?? 'drift', data.reason]] : [];
  });
const change = (body: object) => act.call('PATCH', `/v1/models/${MODEL}/monitors/daily`, body);

describe('an alert on performance', () => {
  it('waits for as many windows as drift does, whatever order their labels come in', async () => {
    await label(2, 0.2);
    const [pending, ...others] = await alerts();
    expect(others).toEqual([]);
    expect(pending).toMatchObject({ state: 'pending', severity: 'critical', streak: 1 });
    expect(told()).toEqual([]);
    // The day before it is found to be worse too: the alert began there.
    await label(1, 0.2);
    const [firing] = await alerts();
    expect(firing).toMatchObject({ id: pending?.id, state: 'firing', streak: 2 });
    expect(Date.parse(firing?.from ?? '')).toBeLessThan(Date.parse(pending?.from ?? ''));
    expect(firing?.evidence).toMatchObject({ columns_drifted: 0, problem: { kind: 'worse_performance', windows: 2 } });
    expect(firing?.evidence.problem?.detail).toMatch(
      /^Worse than the reference: Accuracy 0\.8 where the reference has 1 /,
    );
    expect(firing?.evidence.metrics).toContainEqual(expect.objectContaining({ metric: 'accuracy', verdict: 'worse' }));
    expect(told()).toEqual([['alert.firing', 'worse_performance', 'worsening_confirmed']]);
  });

  it('starts the run of a policy that asks for it, once', async () => {
    const causes = await act.call<{ items: { cause: { kind: string }; alert: string; state: string }[] }>(
      'GET',
      '/v1/policies/on-drift/causes',
    );
    const [alert] = await alerts();
    expect(causes.body.items).toMatchObject([{ cause: { kind: 'performance' }, alert: alert?.id, state: 'started' }]);
    await evaluateAlert(act.ctx, { monitorId: act.monitorId });
    await act.drain();
    expect((await detailOf(alert?.id)).runs).toHaveLength(1);
    expect(told()).toHaveLength(1);
  });

  it('says in its history that corrected labels made something else of a window, and is withdrawn', async () => {
    const [alert] = await alerts();
    await label(1, 0);
    expect(await alerts()).toMatchObject([{ id: alert?.id, state: 'resolved' }]);
    const { events } = await detailOf(alert?.id);
    expect(events.map(({ reason }) => reason).slice(-2)).toEqual(['window_revised', 'withdrawn']);
    expect(events.at(-2)?.detail).toMatchObject({ from: 'worse', to: 'no_worse' });
    expect(told().at(-1)).toEqual(['alert.resolved', 'worse_performance', 'withdrawn']);
  });

  it('still counts the window that remains worse, and recovers with windows that are not', async () => {
    await label(3, 0.2);
    const [alert] = await alerts();
    expect(alert).toMatchObject({ state: 'firing', streak: 2 });
    await label(4, 0);
    expect((await alerts())[0]).toMatchObject({ id: alert?.id, state: 'recovering' });
    await label(5, 0);
    expect((await alerts())[0]).toMatchObject({ id: alert?.id, state: 'resolved' });
    expect((await detailOf(alert?.id)).events.map(({ reason }) => reason)).toEqual(
      expect.arrayContaining(['worsening_began', 'worsening_confirmed', 'no_worse_window', 'recovered']),
    );
    // What is over is not told again, and windows from before its end make no other one.
    const before = told().length;
    await label(6, 0.2);
    expect((await alerts())[0]).toMatchObject({ state: 'pending', streak: 1 });
    expect(told()).toHaveLength(before);
  });

  it('ends when nobody wants it any more, and none begins', async () => {
    expect((await change({ alert: { performance_after: null } })).status).toBe(200);
    await evaluateAlert(act.ctx, { monitorId: act.monitorId });
    const [alert] = await alerts();
    expect(alert?.state).toBe('resolved');
    expect((await detailOf(alert?.id)).events.at(-1)?.reason).toBe('no_longer_watched');
  });
});

describe('an alert on estimated performance', () => {
  it('is a warning, and only where somebody asks for it; labels overrule it', async () => {
    expect(await alerts('estimate')).toEqual([]);
    const estimate = async () => {
      const [window] = await act.ctx.sql`select max(window_id)::int as id from window_estimates`;
      await estimatePerformance(act.ctx, { windowId: Number(window?.id) });
      return (await act.ctx.sql`select 1 from jobs where name = 'evaluate-alert'`).length;
    };
    expect(await estimate()).toBe(0);
    expect((await change({ alert: { estimate_after: 1 }, performance: { worsening: { f1: 0.0001 } } })).status).toBe(
      200,
    );
    await act.drain();
    expect(await estimate()).toBe(1);
    // Scores that speak against what is predicted: it is expected to be wrong.
    const rows = dayRows(7).map((row, i) => ({
      prediction_id: `d7-${i}`,
      timestamp: new Date(Date.UTC(2026, 0, 12) + i * 60_000).toISOString(),
      features: { income: row.income, age: row.age, region: row.region },
      prediction: row.prediction,
      scores: 1 - row.score,
    }));
    await act.call('POST', `/v1/models/${MODEL}/predictions`, rows.map((row) => JSON.stringify(row)).join('\n'));
    await act.closeDay(7);
    await act.drain();
    const [alert] = await alerts('estimate');
    expect(alert).toMatchObject({
      state: 'firing',
      severity: 'warning',
      evidence: { problem: { kind: 'worse_estimate' } },
    });
    expect(alert?.evidence.problem?.detail).toMatch(/^Estimated by cbpe@1, without labels\. /);
    await label(7, 0);
    expect((await alerts('estimate'))[0]?.state).toBe('resolved');
    expect((await detailOf(alert?.id)).events.at(-1)?.reason).toBe('withdrawn');
  });
});
