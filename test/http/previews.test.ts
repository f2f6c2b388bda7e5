import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { day, MODEL, makeRows, predictions, type Story, setUp, startStory } from '../domain/monitor/story.ts';

const BASE = `/v1/models/${MODEL}/monitors`;

type Preview = {
  why: string;
  complete: boolean;
  alerts: { from: string; fired_at: string; resolved_at: string | null; columns: string[] }[];
  verdicts: Record<string, number>;
  columns: { name: string; drifted: number }[];
  windows: { start: string; rows: number; verdict: string; drifted_columns: string[] }[];
  lints: { code: string; column: string | null; what: string; how_to_mend: string }[];
};

describe('a preview', () => {
  let story: Story;
  const iso = (n: number): string => new Date(day(n)).toISOString();
  const preview = async (path: string, body: object) => {
    const reply = await story.call<Preview>('POST', path, body);
    expect(reply.status, JSON.stringify(reply.body)).toBe(200);
    return reply.body;
  };
  const rowsOf = async (): Promise<unknown> => {
    const tables = ['windows', 'reports', 'jobs', 'monitors', 'monitor_revisions', 'batches'];
    const counts = tables.map((table) => sql.raw(`(select count(*) from ${table}) as ${table}`));
    return [...(await story.ctx.db.execute(sql`select ${sql.join(counts, sql`, `)}`))];
  };

  beforeAll(async () => {
    story = await startStory();
    await setUp(story, makeRows(2000, 1));
    await story.drain();
    await story.call('POST', BASE, { name: 'daily' });
    for (const [n, shift] of [0, 0, 1, 1, 1, 0, 0, 0, 0].entries()) {
      await story.log(
        'predictions',
        predictions(makeRows(500, 30 + n, shift), { id: `d${n}`, from: day(n), to: day(n + 1) }),
      );
    }
    await story.drain();
  });
  afterAll(() => story.close());

  it('finds what the monitor itself found, and writes nothing', async () => {
    const before = await rowsOf();
    const found = await preview(`${BASE}/daily/preview`, {});
    expect(await rowsOf()).toEqual(before);
    const windows = (await story.windows()).filter(({ state }) => state === 'judged');
    expect(
      found.windows.map(({ start, rows, verdict, drifted_columns: columns }) => [start, rows, verdict, columns]),
    ).toEqual(windows.map(({ start, rows, verdict, drifted_columns: columns }) => [start, rows, verdict, columns]));
    expect(found.alerts).toEqual([
      { from: iso(2), fired_at: iso(4), resolved_at: iso(7), columns: expect.arrayContaining(['income']) },
    ]);
    const count = (wanted: string): number => windows.filter(({ verdict }) => verdict === wanted).length;
    expect(found.verdicts).toMatchObject({ drift: count('drift'), no_drift: count('no_drift') });
    expect(found.columns[0]?.name).toBe('income');
    expect(found.why).toContain('1 alert would have fired');
    expect(found.complete).toBe(true);
  });

  it('tries another configuration: windows, references, limits, alerts', async () => {
    const deaf = await preview(`${BASE}/daily/preview`, {
      effects: { 'wasserstein/reference-std@1': 5, 'js_distance/base2/reference-edges@2': 1 },
    });
    expect(deaf.alerts).toEqual([]);
    const last = await preview(`${BASE}/daily/preview`, { windows: 2 });
    expect(last.windows.map(({ start }) => start)).toEqual([iso(6), iso(7)]);
    const trailing = await preview(`${BASE}/daily/preview`, { reference: { kind: 'trailing', windows: 2 } });
    expect(trailing.windows.map(({ verdict }) => verdict).slice(0, 4)).toEqual([
      'insufficient_data',
      'insufficient_data',
      'drift',
      'drift',
    ]);
    expect(trailing.lints.map(({ code }) => code)).toContain('reference-short');
    const rows = await preview(`/v1/models/${MODEL}/preview`, { window: { rows: 1000 } });
    expect(rows.windows.map((window) => window.rows)).toEqual([1000, 1000, 1000, 1000]);
    const sliding = await preview(`/v1/models/${MODEL}/preview`, { window: { length: 'P2D', step: 'P1D' } });
    expect(sliding.windows[0]).toMatchObject({ start: iso(-1), rows: 500 });
    expect(sliding.windows[1]).toMatchObject({ start: iso(0), rows: 1000 });
  });

  it('refuses what a change would be refused', async () => {
    const wrong = await story.call('POST', `${BASE}/daily/preview`, { columns: { include: ['no such'] } });
    expect(wrong.status).toBe(422);
    expect((await story.call('POST', `${BASE}/nobody/preview`, {})).status).toBe(404);
    expect((await story.call('POST', `${BASE}/daily/preview`, { windows: 0 })).status).toBe(422);
  });

  it('has its lints on the monitor too, from the start', async () => {
    const made = await story.call<Preview>('POST', BASE, {
      name: 'halves',
      window: { length: 'PT12H' },
      minimum_rows: 300,
    });
    expect(made.body.lints.map(({ code }) => code)).toContain('seasons-mixed');
    await story.drain();
    const shown = await story.call<Preview>('GET', `${BASE}/halves`);
    // Half of a day has 250 rows, too few for it.
    expect(shown.body.lints.map(({ code }) => code)).toContain('windows-below-minimum');
    expect(shown.body.lints[0]?.how_to_mend).not.toBe('');
    expect((await story.call<Preview>('GET', `${BASE}/daily`)).body.lints.map(({ code }) => code)).not.toContain(
      'windows-below-minimum',
    );
  });

  it('of a model without a log says so', async () => {
    await story.call('POST', '/v1/models', { name: 'silent', task: 'binary' });
    await story.call('POST', '/v1/models/silent/versions', { dataset: 'credit', ref: 'v1' });
    const found = await preview('/v1/models/silent/preview', {});
    expect(found).toMatchObject({ alerts: [], windows: [], complete: true });
  });
});
