import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { alertView } from '../../../schemas/wire/alerts.ts';
import type { reportView, windowView } from '../../../schemas/wire/monitors.ts';
import { type Act, day, MODEL, startAct } from '../retraining/act.ts';

const MONITOR = `/v1/models/${MODEL}/monitors/daily`;

let act: Act;
beforeAll(async () => {
  act = await startAct({ policy: null });
  // Its batches come when they did: by the clock of today the feed would have stopped after each of them.
  await act.call('PATCH', MONITOR, { idle_after: 'P366D' });
  for (let n = 0; n < 21; n++) await live(n, 100);
});
afterAll(() => act.close());

/** A day of so many predictions that came so long after it was over. */
async function live(n: number, rows: number, lagMinutes = 10): Promise<void> {
  await act.logDay(n, { rows, labels: false });
  const received = new Date(day(n + 1) + lagMinutes * 60_000).toISOString();
  await act.ctx.sql`update batches set received_at = ${received}
    where id = (select max(id) from batches where kind = 'predictions')`;
  await act.closeDay(n);
  await act.drain();
}

type Window = z.infer<typeof windowView>;

const windowOf = async (n: number): Promise<Window> =>
  (await act.call<Window>('GET', `${MONITOR}/windows/${new Date(day(n)).toISOString()}`)).body;
const reportOf = async (n: number) =>
  (await act.call<z.infer<typeof reportView>>('GET', `/v1/reports/${(await windowOf(n)).report}`)).body;
const alerts = async (target: string) =>
  (await act.call<{ items: z.infer<typeof alertView>[] }>('GET', '/v1/alerts')).body.items.filter(
    (alert) => alert.target === target,
  );

describe('the rows of a window themselves', () => {
  it('are judged once enough windows show what is usual, and healthy ones are sound', async () => {
    const first = await reportOf(2);
    expect(first.checks.map(({ check, verdict }) => [check, verdict])).toEqual([
      ['schema', 'sound'],
      ['volume', 'not_judged'],
      ['freshness', 'not_judged'],
    ]);
    const settled = await reportOf(20);
    expect(settled.checks.map(({ verdict }) => verdict)).toEqual(['sound', 'sound', 'sound']);
    expect(settled.checks[1]).toMatchObject({ value: 100, windows: 2 });
    expect(settled.checks[2]?.value).toBeCloseTo(600, 0);
    expect((await windowOf(20)).unsound).toEqual([]);
    expect(await alerts('volume')).toEqual([]);
  });

  it('are too few for two days: the second is an alert, and a usual day ends it', async () => {
    await live(21, 20);
    expect((await windowOf(21)).unsound).toEqual(['volume']);
    const { summary, checks } = await reportOf(21);
    expect(summary).toContain(checks[1]?.why);
    expect(await alerts('volume')).toMatchObject([{ state: 'pending' }]);
    await live(22, 20);
    expect(await alerts('volume')).toMatchObject([
      { state: 'firing', severity: 'warning', evidence: { problem: { kind: 'unusual_volume', windows: 2 } } },
    ]);
    await live(23, 100);
    expect(await alerts('volume')).toMatchObject([{ state: 'resolved' }]);
  });

  it('come two days late, and that is seen without a word on drift', async () => {
    await live(24, 100, 2 * 24 * 60);
    const window = await windowOf(24);
    expect(window).toMatchObject({ verdict: 'no_drift', unsound: ['freshness'] });
    const replayed = await act.call<{ agrees: boolean }>('POST', `/v1/reports/${window.report}/replay`);
    expect(replayed.body.agrees).toBe(true);
  });

  it('are not looked at where nobody wants it', async () => {
    const changed = await act.call<{ config: { checks: object } }>('PATCH', MONITOR, {
      checks: { volume: null, freshness: 'P3D', schema: 0.5 },
      effective_from: new Date(day(25)).toISOString(),
    });
    expect(changed.body.config.checks).toEqual({ volume: null, freshness_seconds: 3 * 86_400, schema: 0.5 });
    await live(25, 20, 2 * 24 * 60);
    expect(await windowOf(25)).toMatchObject({ unsound: [] });
    const refused = await act.call<{ errors: { pointer: string }[] }>('PATCH', MONITOR, { checks: { volume: 1 } });
    expect(refused.status).toBe(422);
    expect(refused.body.errors[0]?.pointer).toBe('/checks/volume');
  });
});
