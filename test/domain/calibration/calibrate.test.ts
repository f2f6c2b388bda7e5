import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyRequest, defaultConfig } from '../../../src/domain/configuration/config.ts';
import { shareOfFalseAlarms } from '../../../src/domain/configuration/false-alarms.ts';
import { DAY, day, MODEL, makeRows, predictions, type Story, setUp, startStory } from '../monitor/story.ts';

const BASE = `/v1/models/${MODEL}/monitors`;
const iso = (n: number): string => new Date(day(n)).toISOString();

describe('a rate of false alarms', () => {
  const base = defaultConfig({ task: 'binary', roles: { ignore: [] } });

  it('is a share of the windows, however many there are', () => {
    const monthly = { at_most: 1, per: 'month' } as const;
    const share = (request: Parameters<typeof applyRequest>[1]) => shareOfFalseAlarms(applyRequest(base, request));
    expect(share({})).toBeNull();
    expect(share({ false_alarms: monthly })).toBeCloseTo(1 / 30.44, 4);
    expect(share({ false_alarms: monthly, window: { length: 'PT1H' } })).toBeCloseTo(1 / 730.5, 5);
    expect(share({ false_alarms: monthly, window: { length: 'P7D', step: 'P1D' } })).toBeCloseTo(1 / 30.44, 4);
    expect(share({ false_alarms: { at_most: 2, per: 'year' }, window: { period: 'week' } })).toBeCloseTo(2 / 52.18, 4);
    expect(share({ false_alarms: { at_most: 900, per: 'day' } })).toBe(0.5);
  });

  it('is given up again with null', () => {
    const rated = applyRequest(base, { false_alarms: { at_most: 1, per: 'week' } });
    expect(rated.false_alarms).toEqual({ at_most: 1, per: 'week' });
    expect(applyRequest(rated, { false_alarms: null })).toEqual(base);
  });
});

describe('a monitor with a rate of false alarms', () => {
  let story: Story;
  const HEALTHY = 24;
  type Shown = { calibration: Record<string, unknown> | null };
  type Report = {
    body: {
      verdict: string;
      configuration: { calibration?: { source: string; seed: number | null; factor: number } };
      columns: { name: string; findings: { measure: string; limit: number | null }[] }[];
    };
  };
  const report = async (monitor: string, n: number): Promise<Report['body']> =>
    (await story.call<Report>('GET', `${BASE}/${monitor}/windows/${iso(n)}/report`)).body.body;
  const limitOf = async (monitor: string, column: string, n: number): Promise<number> => {
    const found = (await report(monitor, n)).columns.find(({ name }) => name === column)?.findings;
    return found?.find(({ measure }) => measure === 'wasserstein/reference-std@1')?.limit ?? Number.NaN;
  };

  /** Income has a season of its own: it moves by 0.4 of its deviation from day to day, and back. */
  const shiftOf = (n: number): number => (n % 2 === 0 ? 0.4 : -0.4);

  beforeAll(async () => {
    story = await startStory();
    await setUp(story, [...makeRows(1000, 1, 0.4), ...makeRows(1000, 2, -0.4)]);
    await story.drain();
    for (let n = 0; n < HEALTHY; n++) {
      await story.log(
        'predictions',
        predictions(makeRows(200, 40 + n, shiftOf(n)), { id: `d${n}`, from: day(n), to: day(n + 1) }),
      );
    }
    // The last one is what it should find.
    await story.log(
      'predictions',
      predictions(makeRows(200, 90, 2), { id: 'odd', from: day(HEALTHY), to: day(HEALTHY + 1) }),
    );
    await story.log(
      'predictions',
      predictions(makeRows(10, 91), { id: 'end', from: day(HEALTHY + 2), to: day(HEALTHY + 2) + DAY }),
    );
    await story.drain(['settle-batches', 'close-windows']);
    const healthy = { from: iso(0), to: iso(HEALTHY) };
    const false_alarms = { at_most: 1, per: 'month' };
    for (const monitor of [
      { name: 'drawn', false_alarms },
      { name: 'learned', false_alarms: { ...false_alarms, healthy } },
      { name: 'plain' },
    ]) {
      const made = await story.call<Shown>('POST', BASE, monitor);
      if (made.status !== 201) throw new Error(JSON.stringify(made.body));
    }
  });
  afterAll(() => story.close());

  it('waits for its limits, and says so', async () => {
    await story.drain(['close-windows', 'judge-window']);
    expect((await story.windows('drawn'))[0]).toMatchObject({ state: 'ready' });
    expect((await story.windows('plain'))[0]).toMatchObject({ state: 'judged' });
    const shown = await story.call<{ not_judged_because: object[] }>('GET', `${BASE}/drawn/windows/${iso(0)}`);
    expect(shown.body.not_judged_because).toMatchObject([{ code: 'not-calibrated' }]);
    await story.drain();
    expect((await story.windows('drawn')).slice(0, -1).every(({ state }) => state === 'judged')).toBe(true);
  });

  it('has limits from resamples of its reference, which know of no seasons', async () => {
    const { calibration } = (await story.call<Shown>('GET', `${BASE}/drawn`)).body;
    expect(calibration).toMatchObject({ source: 'resamples', windows: 200, tail: 'counted', window_rows: 200 });
    expect(calibration?.seed).toEqual(expect.any(Number));
    // A fifth is left to slices, a tenth to how columns go together.
    expect(calibration?.per_window).toBeCloseTo(0.7 / 30.44, 4);
    expect(await limitOf('drawn', 'score', 3)).toBeGreaterThan(await limitOf('plain', 'score', 3));
  });

  it('has limits from healthy windows, which do', async () => {
    const { calibration } = (await story.call<Shown>('GET', `${BASE}/learned`)).body;
    expect(calibration).toMatchObject({
      source: 'healthy-windows',
      windows: HEALTHY,
      tail: 'extrapolated',
      seed: null,
    });
    const drifted = async (name: string) =>
      (await story.windows(name)).flatMap(({ verdict }, n) => (verdict === 'drift' ? [n] : []));
    expect((await drifted('plain')).length).toBeGreaterThan(HEALTHY / 2);
    expect(await drifted('learned')).toEqual([HEALTHY]);
    // A calm column is not made deaf by a restless one.
    expect(await limitOf('learned', 'score', 3)).toBeLessThan((await limitOf('learned', 'income', 3)) / 2);
  });

  it('says in each report what its limits come from, and replays it', async () => {
    expect((await report('drawn', 3)).configuration.calibration).toMatchObject({ source: 'resamples' });
    expect((await report('plain', 3)).configuration.calibration).toBeUndefined();
    const spread = async (name: string) => {
      const { columns } = await report(name, 3);
      return columns
        .find(({ name: column }) => column === 'income')
        ?.findings.find(({ measure }) => measure === 'spread/log-ratio@1');
    };
    expect(await spread('drawn')).toMatchObject({ limit: expect.any(Number) });
    expect(await spread('plain')).toBeUndefined();
    for (const name of ['drawn', 'learned', 'plain']) {
      const { report: id } = (await story.windows(name))[HEALTHY] ?? {};
      const replay = await story.call<{ agrees: boolean; differences: unknown[] }>('POST', `/v1/reports/${id}/replay`);
      expect(replay.body, name).toMatchObject({ agrees: true, differences: [] });
    }
  });

  it('is previewed with the limits that it would have', async () => {
    const found = await story.call<{ windows: { verdict: string }[] }>('POST', `/v1/models/${MODEL}/preview`, {
      false_alarms: { at_most: 1, per: 'month', healthy: { from: iso(0), to: iso(HEALTHY) } },
    });
    const verdicts = (await story.windows('learned')).map(({ verdict }) => verdict);
    expect(found.body.windows.map(({ verdict }) => verdict)).toEqual(verdicts.slice(0, found.body.windows.length));
  });

  it('is calibrated anew when its configuration changes, and old windows keep what they had', async () => {
    const before = await report('drawn', 3);
    const changed = await story.call<Shown>('PATCH', `${BASE}/drawn`, {
      false_alarms: { at_most: 1, per: 'week' },
      effective_from: iso(20),
    });
    expect(changed.body.calibration).toBeNull();
    await story.drain();
    expect(await report('drawn', 3)).toEqual(before);
    const after = await report('drawn', 21);
    expect(after.configuration.calibration?.factor).toBeLessThan(before.configuration.calibration?.factor ?? 0);
  });
});
