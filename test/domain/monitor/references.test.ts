import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, day, MODEL, makeRows, predictions, type Story, setUp, startStory } from './story.ts';

const BASE = `/v1/models/${MODEL}/monitors`;
const iso = (n: number): string => new Date(day(n)).toISOString();

type Body = {
  verdict: string;
  reference: { oid: string; rows: number; windows?: { start: string }[]; inputs?: { rows: number }[] };
  configuration: { revision: number };
  previous?: {
    verdict: string;
    verdict_then: string | null;
    change: { columns: { name: string; change: string }[]; why: string };
  } | null;
};

describe('what windows are compared with', () => {
  let story: Story;
  /** Income rises by so many deviations on each day: a step on the fourth, slow drift from the eighth on. */
  const SHIFTS = [0, 0, 0, 2, 2, 2, 0, 0, 0.1, 0.2, 0.3, 0.4, 0.5];
  const body = async (monitor: string, n: number): Promise<Body> => {
    const reply = await story.call<{ body: Body }>('GET', `${BASE}/${monitor}/windows/${iso(n)}/report`);
    return reply.body.body;
  };
  const verdicts = async (monitor: string) => (await story.windows(monitor)).map(({ verdict }) => verdict);

  beforeAll(async () => {
    story = await startStory();
    await setUp(story, makeRows(2000, 1));
    await story.drain();
    for (const [n, shift] of SHIFTS.entries()) {
      await story.log(
        'predictions',
        predictions(makeRows(600, 50 + n, shift), { id: `d${n}`, from: day(n), to: day(n + 1) }),
      );
    }
    const monitors = [
      { name: 'pinned', compare_previous: true },
      { name: 'trailing', reference: { kind: 'trailing', windows: 2 } },
      { name: 'soon', reference: { kind: 'trailing', windows: 2, at_least: 1, adopt_after: 2 } },
      { name: 'any', reference: { kind: 'trailing', windows: 2, exclude_fired: false } },
      { name: 'weekly', reference: { kind: 'same_time', every: 'week', count: 1 } },
    ];
    for (const monitor of monitors) {
      const made = await story.call('POST', BASE, { ...monitor, effects: { 'wasserstein/reference-std@1': 0.25 } });
      if (made.status !== 201) throw new Error(JSON.stringify(made.body));
    }
    await story.drain();
  });
  afterAll(() => story.close());

  it('are the trailing windows that did not drift', async () => {
    const found = await verdicts('trailing');
    expect(found.slice(0, 8)).toEqual([
      ...['insufficient_data', 'insufficient_data'],
      ...['no_drift', 'drift', 'drift', 'drift', 'no_drift', 'no_drift'],
    ]);
    const early = await story.call<{ not_judged_because: object[] }>('GET', `${BASE}/trailing/windows/${iso(1)}`);
    expect(early.body.not_judged_because).toMatchObject([{ code: 'too-few-reference-windows', have: 1, need: 2 }]);
    expect(await body('trailing', 1)).toMatchObject({
      why: 'A verdict takes 2 windows to compare with, and 1 is there.',
      reference: { rows: 0, windows: [], windows_found: 1, windows_needed: 2 },
    });
    const last = await body('trailing', 5);
    expect(last.reference.windows?.map(({ start }) => start)).toEqual([iso(1), iso(2)]);
    expect(last.reference).toMatchObject({ rows: 1200, inputs: [{ rows: 600 }, { rows: 600 }] });
    // With those that drifted the change becomes the normal.
    expect((await verdicts('any')).slice(3, 6)).toEqual(['drift', 'drift', 'no_drift']);
  });

  it('may be fewer where somebody says so, and a change that lasts becomes what is normal', async () => {
    expect((await verdicts('soon')).slice(0, 7)).toEqual([
      ...['insufficient_data', 'no_drift', 'no_drift', 'drift', 'drift', 'no_drift', 'drift'],
    ]);
    const report = await story.call<{ summary: string; body: Body }>('GET', `${BASE}/soon/windows/${iso(5)}/report`);
    expect(report.body.body.reference).toMatchObject({ windows: [{}, {}], windows_adopted: 2 });
    expect(report.body.summary).toContain('Of its 2 reference windows 2 had drifted themselves');
  });

  it('are those of the same weekday', async () => {
    expect((await verdicts('weekly')).slice(0, 7)).toEqual(Array(7).fill('insufficient_data'));
    const shown = await story.call<{ not_judged_because: object[] }>('GET', `${BASE}/weekly/windows/${iso(0)}`);
    expect(shown.body.not_judged_because).toMatchObject([{ code: 'too-few-reference-windows', have: 0, need: 1 }]);
    expect((await body('weekly', 7)).reference.windows?.map(({ start }) => start)).toEqual([iso(0)]);
  });

  it('tell sudden from slow change in words', async () => {
    const income = async (n: number) =>
      (await body('pinned', n)).previous?.change.columns.find(({ name }) => name === 'income')?.change;
    expect((await body('pinned', 0)).previous).toBeNull();
    expect(await income(2)).toBeUndefined();
    expect(await income(3)).toBe('sudden');
    expect(await income(4)).toBe('lasting');
    expect(await income(6)).toBe('returned');
    const slow = (await verdicts('pinned')).indexOf('drift', 7);
    expect(slow).toBeGreaterThan(8);
    expect(await income(slow)).toBe('slow');
    expect((await body('pinned', slow)).previous?.change.why).toContain('income changed slowly');
    // The verdict is that of the reference, whatever the window before.
    expect(await body('pinned', 6)).toMatchObject({ verdict: 'no_drift', previous: { verdict: 'drift' } });
  });

  it('replay to the last digit, also after they have changed', async () => {
    const report = (await story.windows('trailing'))[2]?.report;
    const late = predictions(makeRows(50, 99, 3), { id: 'late', from: day(1), to: day(2) });
    await story.log('predictions', late);
    await story.drain();
    const windows = await story.windows('trailing');
    expect(windows[1]?.revision).toBe(2);
    // Its own verdict keeps what it was compared with.
    expect(windows[2]).toMatchObject({ revision: 1, report });
    for (const name of ['trailing', 'soon', 'pinned', 'weekly']) {
      for (const { report: id } of await story.windows(name)) {
        if (id === null) continue;
        const replay = await story.call<{ agrees: boolean; differences: unknown[] }>(
          'POST',
          `/v1/reports/${id}/replay`,
        );
        expect(replay.body, `${name} ${id}`).toMatchObject({ agrees: true, differences: [] });
      }
    }
  });

  it('stay those of the configuration that was in force', async () => {
    const changed = await story.call('PATCH', `${BASE}/pinned`, {
      reference: { kind: 'trailing', windows: 3 },
      effective_from: iso(9),
    });
    expect(changed.status).toBe(200);
    await story.drain();
    expect((await body('pinned', 8)).reference.windows).toBeUndefined();
    expect((await body('pinned', 9)).reference.windows).toHaveLength(3);
    expect((await body('pinned', 8)).configuration.revision).toBe(1);
    expect((await body('pinned', 9)).configuration.revision).toBe(2);
    // History that comes later is judged by the configuration of its time.
    await story.log('predictions', predictions(makeRows(300, 98), { id: 'old', from: day(-3), to: day(-2) }));
    await story.drain();
    expect((await body('pinned', -3)).configuration.revision).toBe(1);
  });
});

describe('another model’s windows', () => {
  it('are compared with, at the same time', async () => {
    const story = await startStory();
    try {
      await setUp(story, makeRows(2000, 1));
      await story.call('POST', '/v1/models', { name: 'champion', task: 'binary', positive_label: '1' });
      const roles = { prediction: 'prediction', score: 'score', label: 'defaulted' };
      await story.call('POST', '/v1/models/champion/versions', { dataset: 'credit', ref: 'v1', roles });
      await story.drain();
      await story.call('POST', '/v1/models/champion/monitors', { name: 'daily' });
      const reference = { kind: 'model', model: 'champion', monitor: 'daily' };
      const wrong = await story.call('POST', BASE, { name: 'x', reference: { ...reference, monitor: 'no' } });
      expect(wrong.body.errors).toMatchObject([{ pointer: '/reference/monitor' }]);
      const other = await story.call('POST', BASE, { name: 'x', reference, window: { length: 'PT1H' } });
      expect(other.body.errors).toMatchObject([{ pointer: '/reference/monitor' }]);
      expect((await story.call('POST', BASE, { name: 'daily', reference })).status).toBe(201);
      const self = await story.call('POST', BASE, { name: 'x', reference: { ...reference, model: MODEL } });
      expect(self.body.errors).toMatchObject([{ code: 'not-together', pointer: '/reference/model' }]);
      const rows = (n: number, shift: number) =>
        predictions(makeRows(400, n, shift), { id: `${n}`, from: day(0), to: day(0) + 2 * DAY });
      await story.log('predictions', rows(5, 2));
      await story.drain();
      const waiting = await story.call<{ not_judged_because: object[] }>('GET', `${BASE}/daily/windows/${iso(0)}`);
      expect(waiting.body.not_judged_because).toMatchObject([{ code: 'reference-not-judged', need: iso(0) }]);
      const lines = rows(6, 2).map((row) => JSON.stringify(row));
      await story.call('POST', '/v1/models/champion/predictions', lines.join('\n'));
      await story.drain();
      await story.ctx.sql`update jobs set run_at = now() - interval '1 second'`;
      await story.drain();
      // Both have moved away from the pinned version, together.
      expect((await story.windows())[0]).toMatchObject({ verdict: 'no_drift' });
      const champion = await story.call<{ items: { verdict: string }[] }>(
        'GET',
        '/v1/models/champion/monitors/daily/windows',
      );
      expect(champion.body.items[0]).toMatchObject({ verdict: 'drift' });
    } finally {
      await story.close();
    }
  });
});
