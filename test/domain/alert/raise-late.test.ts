import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { alertDetail, type alertView } from '../../../schemas/wire/alerts.ts';
import type { reportView, windowDetail } from '../../../schemas/wire/monitors.ts';
import { DAY, makeRows, predictions } from '../monitor/story.ts';
import { type Act, day, MODEL, startAct } from '../retraining/act.ts';

/** Windows that drift only once rows come late, when the alert has been fed them. */

type Alert = z.infer<typeof alertView>;
const WINDOWS = `/v1/models/${MODEL}/monitors/daily/windows`;

let act: Act;
beforeAll(async () => {
  act = await startAct({ policy: null });
  // Low enough that the rows decide and no choice of ours.
  await act.call('PATCH', `/v1/models/${MODEL}/monitors/daily`, {
    effects: { 'wasserstein/reference-std@1': 0.01 },
  });
  for (const n of [0, 1, 2]) {
    await act.logDay(n);
    await act.closeDay(n);
  }
  await act.drain();
});
afterAll(() => act.close());

/** Rows of a day that come when it has been judged. */
async function late(n: number, { id, rows, shift }: { id: string; rows: number; shift: number }): Promise<void> {
  const found = predictions(makeRows(rows, 40 + n + id.length, shift), { id, from: day(n), to: day(n) + DAY });
  const body = found.map((row) => JSON.stringify(row)).join('\n');
  expect((await act.call('POST', `/v1/models/${MODEL}/predictions`, body)).status).toBeLessThan(300);
  await act.drain();
}

const alerts = async () => (await act.call<{ items: Alert[] }>('GET', '/v1/alerts')).body.items;
const windowOf = async (n: number) =>
  (await act.call<z.infer<typeof windowDetail>>('GET', `${WINDOWS}/${new Date(day(n)).toISOString()}`)).body;
const reportOf = async (n: number) =>
  (await act.call<z.infer<typeof reportView>>('GET', `${WINDOWS}/${new Date(day(n)).toISOString()}/report`)).body;

describe('windows that are judged again as rows come late', () => {
  it('raise no alert for what is not rare enough at a later look, and say why', async () => {
    expect((await reportOf(1)).alarm).toBeNull();
    // Somewhat more than what the first look takes: each report says what it finds.
    for (const n of [1, 2]) {
      for (let i = 1; (await windowOf(n)).verdict !== 'drift'; i++) {
        await late(n, { id: `w${n}${'-'.repeat(i)}`, rows: 8, shift: 0.8 });
      }
    }
    for (const n of [1, 2]) {
      const { alarm, body } = await reportOf(n);
      expect(body).toMatchObject({ verdict: 'drift' });
      expect(alarm).toMatchObject({ alarms: false });
      expect(alarm?.look).toBeGreaterThan(1);
      expect(alarm?.chance).toBeLessThan(0.05);
      expect(alarm?.needed_chance).toBeLessThan(alarm?.chance ?? 0);
      expect(alarm?.why).toContain('raises no alert');
    }
    expect(await alerts()).toEqual([]);
    const replayed = await act.call('POST', `/v1/reports/${(await windowOf(1)).report}/replay`);
    expect(replayed.body).toMatchObject({ agrees: true });
  });

  it('raise the alert that they would have raised, had the rows been there', async () => {
    await late(1, { id: 'plain', rows: 300, shift: 1 });
    expect((await reportOf(1)).alarm).toMatchObject({ alarms: true });
    // One window alone was over with the next.
    expect(await alerts()).toEqual([]);
    await late(2, { id: 'plain-too', rows: 300, shift: 1 });
    const [alert] = await alerts();
    expect(alert).toMatchObject({ state: 'firing', from: new Date(day(1)).toISOString(), streak: 2 });
    const detail = alertDetail.parse((await act.call('GET', `/v1/alerts/${alert?.id}`)).body);
    expect(detail.events.map(({ to, reason }) => [to, reason])).toEqual([
      ['pending', 'drift_began'],
      ['firing', 'drift_confirmed'],
    ]);
    expect(act.events().map(({ type }) => type)).toEqual(['alert.firing']);
  });

  it('raise nothing again once it was ended by hand', async () => {
    const [alert] = await alerts();
    await act.call('POST', `/v1/alerts/${alert?.id}/resolve`, { reason: 'seen to' });
    await late(2, { id: 'more', rows: 30, shift: 1 });
    expect(await alerts()).toMatchObject([{ state: 'resolved' }]);
  });
});
