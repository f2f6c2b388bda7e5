import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, day, MODEL, makeRows, predictions, type Row, type Story, startStory } from '../monitor/story.ts';

const BASE = `/v1/models/${MODEL}/monitors`;
const iso = (n: number): string => new Date(day(n)).toISOString();
/** Before the story begins, and rows of each day. */
const REFERENCE_DAYS = 24;
const ROWS = 300;
const DAYS = 6;
/** On this day ages are others in the east, where few rows are. */
const MOVED = 3;

type Finding = { measure: string; drift: boolean; limit: number; q: number; parameters: Record<string, unknown> };
type Report = {
  summary: string;
  body: { verdict: string; reasons: string[]; why: string; methods: { judge: string }; table?: Finding[] };
};

/** One row of twelve is in the east. */
const rowsOf = (n: number): Row[] =>
  makeRows(ROWS, 700 + n).map((row, i) => ({
    ...row,
    region: i % 12 === 0 ? 'east' : row.region === 'east' ? 'south' : row.region,
  }));

function reference(): string {
  const lines = Array.from({ length: REFERENCE_DAYS }, (_, i) => i - REFERENCE_DAYS).flatMap((n) =>
    rowsOf(n).map(({ income, age, region, prediction, score }, i) => {
      const at = new Date(Math.floor(day(n) + (i * DAY) / ROWS)).toISOString();
      return [at, income, age ?? '', region, prediction, score, prediction].join(',');
    }),
  );
  return ['timestamp,income,age,region,prediction,score,defaulted', ...lines, ''].join('\n');
}

const older = (row: Row): Row =>
  row.region === 'east' && row.age !== null ? { ...row, age: 60 + (row.age % 10) } : row;

describe('slices, where a monitor is told nothing', () => {
  let story: Story;

  beforeAll(async () => {
    story = await startStory();
    const type = { 'content-type': 'text/csv' };
    await story.call('POST', '/v1/datasets/credit/versions?path=train.csv', reference(), type);
    await story.call('POST', '/v1/models', { name: MODEL, task: 'binary', positive_label: '1' });
    const roles = { prediction: 'prediction', score: 'score', label: 'defaulted' };
    await story.call('POST', `/v1/models/${MODEL}/versions`, { dataset: 'credit', ref: 'v1', roles });
    await story.drain();
    for (let n = 0; n < DAYS; n++) {
      const rows = n === MOVED ? rowsOf(n).map(older) : rowsOf(n);
      await story.log('predictions', predictions(rows, { id: `d${n}`, from: day(n), to: day(n + 1) }));
    }
    for (const monitor of [
      { name: 'daily' },
      { name: 'plain', false_alarms: null },
      { name: 'psi', measures: ['psi'] },
    ]) {
      const made = await story.call('POST', BASE, monitor);
      if (made.status !== 201) throw new Error(JSON.stringify(made.body));
    }
    await story.call('POST', `/v1/models/${MODEL}/watermark`, { through: iso(DAYS + 1) });
    await story.drain();
  });
  afterAll(() => story.close());

  const report = async (monitor: string, n: number): Promise<Report> =>
    (await story.call<Report>('GET', `${BASE}/${monitor}/windows/${iso(n)}/report`)).body;

  it('are looked into with limits of the days of the reference, and only the day that moved drifts', async () => {
    const windows = await story.windows('daily');
    expect(windows.slice(0, DAYS).map(({ verdict }) => verdict)).toEqual(
      Array.from({ length: DAYS }, (_, n) => (n === MOVED ? 'drift' : 'no_drift')),
    );
    const { body, summary } = await report('daily', MOVED);
    expect(body).toMatchObject({ reasons: ['whole_rows'], methods: { judge: 'judge@5' } });
    const [found] = body.table ?? [];
    expect(found).toMatchObject({ measure: 'slice_shift/mean-rank@2', drift: true });
    expect(found?.parameters).toMatchObject({ column: 'region', slice: 'east' });
    expect(found?.parameters['share_after']).toBeCloseTo(1 / 12, 1);
    expect(Number(found?.parameters['mean_after'])).toBeGreaterThan(Number(found?.parameters['mean_before']) + 10);
    // Neither a list that pages do not show.
    expect(found).not.toHaveProperty('candidates');
    expect(summary).toMatch(/More than in the other rows, age moved where region is "east", \d(\.\d)? % of the rows: /);
  });

  it('drift only where much moves while nothing says what is usual', async () => {
    const { body } = await report('plain', MOVED);
    expect(body.table?.[0]).toMatchObject({ limit: 0.3 });
    for (const n of [0, 1, 2, 4, 5]) expect((await report('plain', n)).body.verdict).toBe('no_drift');
  });

  it('are left alone where measures were chosen', async () => {
    expect((await report('psi', MOVED)).body.table).toBeUndefined();
  });

  it('are replayed from their bytes', async () => {
    for (const name of ['daily', 'plain']) {
      const { report: id } = (await story.windows(name))[MOVED] ?? {};
      const replay = await story.call<{ agrees: boolean; differences: unknown[] }>('POST', `/v1/reports/${id}/replay`);
      expect(replay.body).toMatchObject({ agrees: true, differences: [] });
    }
  });
});
