import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { alertDetail, type alertView } from '../../../schemas/wire/alerts.ts';
import { evaluateAlert } from '../../../src/domain/alert/evaluate.ts';
import { remindAlerts } from '../../../src/domain/alert/remind.ts';
import { DAY, day, predictions } from '../monitor/story.ts';
import { type Act, dayRows, MODEL, startAct } from '../retraining/act.ts';

type Alert = z.infer<typeof alertView>;

let act: Act;
beforeAll(async () => {
  act = await startAct({ policy: null });
  await change({ fire_after: 1, resolve_after: 1, no_data_after: 2 });
  await act.logDay(0);
  await act.closeDay(0);
  await act.drain();
});
afterAll(() => act.close());

const change = async (alert: object): Promise<void> => {
  const changed = await act.call('PATCH', `/v1/models/${MODEL}/monitors/daily`, { alert });
  if (changed.status !== 200) throw new Error(JSON.stringify(changed));
  await act.drain();
};
const alertsOf = async (target: string) =>
  (await act.call<{ items: Alert[] }>('GET', '/v1/alerts')).body.items.filter((alert) => alert.target === target);
const detailOf = async (id: string) => alertDetail.parse((await act.call('GET', `/v1/alerts/${id}`)).body);
const told = () =>
  act.receiver.requests.map(({ body }) => {
    const { type, data } = JSON.parse(body) as { type: string; data: { reason: string; problem?: { kind: string } } };
    return [type, data.problem?.kind ?? 'drift', data.reason];
  });

async function live(n: number, shift = 0): Promise<void> {
  await act.logDay(n, { shift });
  await act.closeDay(n);
  await act.drain();
}

/** A day on which an upstream job has lost a column; the rest of it moves. */
async function broken(n: number): Promise<void> {
  const rows = predictions(dayRows(n, 2), { id: `d${n}`, from: day(n), to: day(n) + DAY }) as {
    features: Record<string, unknown>;
  }[];
  // A member that is undefined is not there in JSON.
  const lines = rows.map((row) => JSON.stringify({ ...row, features: { ...row.features, age: undefined } }));
  const sent = await act.call('POST', `/v1/models/${MODEL}/predictions`, lines.join('\n'));
  if (sent.status >= 300) throw new Error(JSON.stringify(sent));
  await act.closeDay(n);
  await act.drain();
}

describe('a broken schema', () => {
  it('is an alert of its own, and drift that follows from it is told to nobody', async () => {
    await broken(1);
    const [schema] = await alertsOf('schema');
    expect(schema).toMatchObject({
      state: 'firing',
      severity: 'critical',
      evidence: { problem: { kind: 'broken_schema' } },
    });
    expect(schema?.evidence.worst_columns).toMatchObject([{ column: 'age', why: 'missing in 300 of 300 rows' }]);
    const [drift] = await alertsOf('dataset');
    expect(drift).toMatchObject({ state: 'firing', notified_at: null });
    expect((await detailOf(drift?.id ?? '')).events.at(-1)).toMatchObject({
      reason: 'held_back',
      detail: { because: { by: 'inhibition', alert: schema?.id } },
    });
    await remindAlerts(act.ctx);
    await act.drain();
    expect(told()).toEqual([['alert.firing', 'broken_schema', 'schema_broken']]);
  });

  it('is over with the first sound window, and what still drifts is told then', async () => {
    await live(2, 2);
    const [schema] = await alertsOf('schema');
    expect(schema?.state).toBe('resolved');
    expect((await detailOf(schema?.id ?? '')).events.map(({ reason }) => reason)).toEqual([
      'trouble_began',
      'schema_broken',
      'mended',
    ]);
    await remindAlerts(act.ctx);
    await act.drain();
    expect(told().slice(1)).toEqual([
      ['alert.resolved', 'broken_schema', 'mended'],
      ['alert.firing', 'drift', 'no_longer_held_back'],
    ]);
    await live(3);
  });
});

describe('a monitor without data', () => {
  it('says so after as many windows as it allows, once, and when data comes again', async () => {
    const before = told().length;
    await live(8);
    const [alert] = await alertsOf('data');
    expect(alert).toMatchObject({ state: 'resolved', streak: 4, from: new Date(day(4)).toISOString() });
    expect(told().slice(before)).toEqual([
      ['alert.firing', 'no_data', 'no_data'],
      ['alert.resolved', 'no_data', 'mended'],
    ]);
  });

  it('says so too when the stream goes quiet and no window closes any more', async () => {
    const real = act.clock.now;
    const evaluate = async (milliseconds: number): Promise<void> => {
      act.clock.now = new Date(real.getTime() + milliseconds);
      await evaluateAlert(act.ctx, { monitorId: act.monitorId });
    };
    await evaluate(DAY);
    expect((await alertsOf('data')).map(({ state }) => state)).toEqual(['resolved']);
    await evaluate(2 * DAY + 60_000);
    await evaluate(3 * DAY);
    const [alert, ...others] = await alertsOf('data');
    expect(others).toHaveLength(1);
    expect(alert).toMatchObject({ state: 'no_data', evidence: { report: '', problem: { windows: 2 } } });
    // Data comes: the next evaluation finds that the silence is over.
    await evaluate(60_000);
    expect((await alertsOf('data'))[0]?.state).toBe('resolved');
    act.clock.now = real;
  });
});

describe('a window that cannot be judged', () => {
  it('is an alert at once, unless somebody wants none', async () => {
    await act.logDay(9);
    await act.drain(['judge-window']);
    const batches = await act.ctx.sql<{ oid: string }[]>`
      select oid from batches where kind = 'predictions' order by id desc limit 1`;
    await act.ctx.remote.remove(batches[0]?.oid ?? '');
    await act.closeDay(9);
    await act.drain();
    const [alert] = await alertsOf('data');
    expect(alert).toMatchObject({ state: 'error', evidence: { problem: { kind: 'error' } } });
    expect(alert?.evidence.problem?.detail).toMatch(/could not be judged/);
  });
});

describe('an alert that comes and goes', () => {
  it('is told so once, and then not each time', async () => {
    const before = told().length;
    for (let n = 10; n < 26; n++) await live(n, n % 2);
    const drift = told()
      .slice(before)
      .filter(([, kind]) => kind === 'drift');
    const firing = drift.filter(([type]) => type === 'alert.firing').map(([, , reason]) => reason);
    expect(firing.filter((reason) => reason === 'flapping')).toHaveLength(1);
    expect(firing.at(-1)).toBe('flapping');
    // Who was told that it fires is told that it ended, and nobody else.
    expect(drift.filter(([type]) => type === 'alert.resolved')).toHaveLength(firing.length);
    expect((await alertsOf('dataset'))[0]).toMatchObject({ flapping: true });
    expect((await alertsOf('dataset')).length).toBeGreaterThan(firing.length);
  });
});
