import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { calibrateAdopted } from '../../../src/domain/calibration/calibrate-adopted.ts';
import { configOf } from '../../../src/domain/configuration/config.ts';
import { resolveReferences } from '../../../src/domain/reference/resolve-reference.ts';
import { findAdoptedBefore, findCalibration } from '../../../src/store/monitor/calibrations.ts';
import { findMonitorByName, presentRevision } from '../../../src/store/monitor/monitors.ts';
import {
  DAY,
  day,
  MODEL,
  makeRows,
  predictions,
  type Row,
  type Story,
  seeded,
  setUp,
  startStory,
} from '../monitor/story.ts';

const BASE = `/v1/models/${MODEL}/monitors`;
const iso = (n: number): string => new Date(day(n)).toISOString();

type Calibration = { source: string; since?: string | null; factor: number; seed: number | null; why: string };
type Report = {
  id: string;
  body: { verdict: string; configuration: { calibration?: Calibration }; reference: { windows_adopted?: number } };
};

/**
 * Days of 300 rows, with limits for one false alarm a month against the four days before. Up to the change all are alike;
 * with it the spread of income doubles and days begin to differ from each other, by chance, by up to 0.4 of it.
 */
describe('limits after a change that lasts', () => {
  const CHANGE = 6;
  const ADOPTED = CHANGE + 8;
  const HEALTHY = 20;
  const ODD = ADOPTED + HEALTHY;
  let story: Story;

  const wide = (n: number, shift: number): Row[] =>
    makeRows(300, 500 + n).map((row) => ({ ...row, income: 1000 + 2 * (row.income - 1000) + 200 * shift }));
  const report = async (n: number, monitor = 'daily') =>
    (await story.call<Report>('GET', `${BASE}/${monitor}/windows/${iso(n)}/report`)).body;
  const verdicts = async (monitor: string) => (await story.windows(monitor)).map(({ verdict }) => verdict);
  const healthyDrifted = async (monitor: string) =>
    (await verdicts(monitor)).slice(ADOPTED, ODD).filter((verdict) => verdict === 'drift').length;
  const monthly = { at_most: 1, per: 'month' };
  const monitor = { reference: { kind: 'trailing', windows: 4 }, false_alarms: monthly };

  beforeAll(async () => {
    story = await startStory();
    await setUp(story, makeRows(3000, 1));
    await story.drain();
    const random = seeded(7);
    for (let n = 0; n <= ODD; n++) {
      const swing = 0.8 * (random() - 0.5);
      const rows = n < CHANGE ? makeRows(300, 500 + n) : wide(n, n === ODD ? 1.5 : swing);
      await story.log('predictions', predictions(rows, { id: `d${n}`, from: day(n), to: day(n + 1) }));
    }
    await story.log('predictions', predictions(makeRows(5, 9), { id: 'end', from: day(ODD + 2), to: day(ODD + 3) }));
    // A time in which all was well that reaches beyond the change keeps the limits of before.
    const named = { ...monthly, healthy: { from: iso(0), to: iso(CHANGE + 1) } };
    for (const made of [
      { name: 'daily', ...monitor },
      { name: 'kept', ...monitor, false_alarms: named },
    ]) {
      const reply = await story.call('POST', BASE, made);
      if (reply.status !== 201) throw new Error(JSON.stringify(reply.body));
    }
    await story.drain(['settle-batches', 'close-windows', 'calibrate-monitor', 'judge-window']);
  });
  afterAll(() => story.close());

  it('are waited for', async () => {
    const states = (await story.windows()).map(({ state }) => state);
    expect(states.slice(0, ADOPTED + 1)).toEqual([...Array(ADOPTED).fill('judged'), 'ready']);
    const shown = await story.call<{ not_judged_because: object[] }>('GET', `${BASE}/daily/windows/${iso(ADOPTED)}`);
    expect(shown.body.not_judged_because).toMatchObject([{ code: 'not-calibrated' }]);
    await story.drain();
    expect((await story.windows()).slice(0, ODD).every(({ state }) => state === 'judged')).toBe(true);
  });

  it('are made of it, and named by the reports that were judged by them', async () => {
    const former = (await report(ADOPTED - 1)).body;
    expect(former).toMatchObject({ verdict: 'drift', configuration: { calibration: { source: 'resamples' } } });
    expect(former.configuration.calibration).not.toHaveProperty('since');
    const first = (await report(ADOPTED)).body;
    expect(first.reference.windows_adopted).toBe(4);
    expect(first.configuration.calibration).toMatchObject({
      source: 'adopted-windows',
      since: iso(CHANGE),
      seed: former.configuration.calibration?.seed,
    });
    // Long after the change none of the windows compared with had drifted, and its limits stay.
    const later = (await report(ADOPTED + 8)).body;
    expect(later.reference).not.toHaveProperty('windows_adopted');
    expect(later.configuration.calibration).toEqual(first.configuration.calibration);
    const kept = await story.call<{ calibration: Calibration }>('GET', `${BASE}/kept`);
    expect(kept.body.calibration).toMatchObject({ since: null });
  });

  it('are made anew once twenty healthy windows have come', async () => {
    const since = async (n: number) => (await report(n)).body.configuration.calibration?.since;
    const found = await Promise.all(Array.from({ length: HEALTHY + 1 }, (_, i) => since(ADOPTED + i)));
    const turn = found.indexOf(iso(CHANGE + 1));
    // The healthy ones after the first of the change, of which up to two had drifted.
    expect(turn).toBeGreaterThanOrEqual(CHANGE + 1 + 20 - ADOPTED);
    expect(turn).toBeLessThanOrEqual(CHANGE + 1 + 22 - ADOPTED);
    expect(found.slice(0, turn)).toEqual(Array(turn).fill(iso(CHANGE)));
    expect(found.slice(turn)).toEqual(Array(found.length - turn).fill(iso(CHANGE + 1)));
    const made = (await report(ODD)).body.configuration.calibration;
    expect(made?.why).toMatch(/^resamples of 20 windows of a change that became what is normal/);
    const shown = await story.call<{ calibration: Calibration }>('GET', `${BASE}/daily`);
    expect(shown.body.calibration).toMatchObject({ since: iso(CHANGE + 1) });
  });

  it('keep healthy days quiet where the former ones do not, and find a shift', async () => {
    expect(await healthyDrifted('daily')).toBeLessThanOrEqual(2);
    expect(await healthyDrifted('kept')).toBeGreaterThan(HEALTHY / 4);
    expect((await verdicts('daily'))[ODD]).toBe('drift');
  });

  it('are those that a preview judges by', async () => {
    const found = await story.call<{ windows: { verdict: string }[] }>('POST', `/v1/models/${MODEL}/preview`, {
      ...monitor,
      windows: 60,
    });
    const previewed = found.body.windows.map(({ verdict }) => verdict);
    expect(previewed.slice(0, ODD + 1)).toEqual((await verdicts('daily')).slice(0, ODD + 1));
  });

  it('leave reports of before as they are, and each replays by its own', async () => {
    const before = await report(ADOPTED - 2);
    const late = predictions(makeRows(20, 77), { id: 'late', from: day(ADOPTED - 1), to: day(ADOPTED) });
    await story.log('predictions', late);
    await story.drain();
    // Judged again long after: the change had not lasted by then.
    const again = await report(ADOPTED - 1);
    expect((await story.windows())[ADOPTED - 1]).toMatchObject({ revision: 2, report: again.id });
    expect(again.body.configuration.calibration).toEqual(before.body.configuration.calibration);
    expect(await report(ADOPTED - 2)).toEqual(before);
    for (const n of [CHANGE - 1, ADOPTED - 2, ADOPTED - 1, ADOPTED, ODD]) {
      const { id } = await report(n);
      const replay = await story.call<{ agrees: boolean }>('POST', `/v1/reports/${id}/replay`);
      expect(replay.body, `${n}`).toMatchObject({ agrees: true, differences: [] });
    }
  });

  it('stay those of a change that more windows lie behind than are looked at', async () => {
    const { db } = story.ctx;
    const found = await findMonitorByName(db, 1, { model: MODEL, monitor: 'daily' });
    const config = configOf(await presentRevision(db, found?.id ?? 0));
    const change = { since: day(CHANGE), until: day(ADOPTED) };
    const resolved = (windows: number, verdict = 'no_drift') => {
      const earlier = Array.from({ length: windows }, (_, i) => {
        const start = day(2000 - 1 - i);
        return { start, end: start + DAY, rows: 300, state: 'judged' as const, verdict };
      });
      const lookup = { endedBy: async () => earlier, at: async () => [], changeBefore: async () => change };
      const window = { start: new Date(day(2000)), end: new Date(day(2001)) };
      const given = { projectId: 1, modelId: found?.modelId ?? 0, whose: 'daily', window, config, through: 0, lookup };
      return resolveReferences(db, given);
    };
    expect(await resolved(1000)).toMatchObject({ change });
    expect(await resolved(999)).toMatchObject({ change: null });
    // Drift that goes on for longer began when it did, not where it is seen first.
    expect(await resolved(1000, 'drift')).toMatchObject({ change });
    expect(await resolved(999, 'drift')).toMatchObject({ change: { since: day(1002), renewed: true } });
  });

  it('are made once, and are the former ones where nothing is left to make them of', async () => {
    const { ctx } = story;
    const found = await findMonitorByName(ctx.db, 1, { model: MODEL, monitor: 'daily' });
    const revision = await presentRevision(ctx.db, found?.id ?? 0);
    const made = () => findCalibration(ctx.db, revision.id, day(CHANGE));
    const first = await made();
    await calibrateAdopted(ctx, { revisionId: revision.id, since: day(CHANGE), until: day(CHANGE + 2) });
    expect(await made()).toEqual(first);
    expect(await findAdoptedBefore(ctx.db, revision.monitorId, day(ADOPTED) - 1)).toBeNull();
    const change = { since: day(CHANGE), until: day(ADOPTED) };
    expect(await findAdoptedBefore(ctx.db, revision.monitorId, day(ADOPTED))).toEqual(change);
    await calibrateAdopted(ctx, { revisionId: revision.id, since: day(ODD + 9), until: day(ODD + 20) });
    const former = await findCalibration(ctx.db, revision.id, null);
    expect(await findCalibration(ctx.db, revision.id, day(ODD + 9))).toEqual({
      ...former,
      since: iso(ODD + 9),
      until: iso(ODD + 20),
      why: expect.stringContaining('those of before stay'),
    });
  });
});
