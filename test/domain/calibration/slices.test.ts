import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeRows, type Row, type Story } from '../monitor/story.ts';
import { iso, MONITORS, startDatedStory } from './dated-story.ts';

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

const older = (row: Row): Row =>
  row.region === 'east' && row.age !== null ? { ...row, age: 60 + (row.age % 10) } : row;

describe('slices, where a monitor is told nothing', () => {
  let story: Story;

  beforeAll(async () => {
    story = await startDatedStory({
      ...{ referenceDays: REFERENCE_DAYS, days: DAYS, rowsOf },
      moved: (n) => (n === MOVED ? rowsOf(n).map(older) : null),
      monitors: [{ name: 'daily' }, { name: 'plain', false_alarms: null }, { name: 'psi', measures: ['psi'] }],
    });
  });
  afterAll(() => story.close());

  const report = async (monitor: string, n: number): Promise<Report> =>
    (await story.call<Report>('GET', `${MONITORS}/${monitor}/windows/${iso(n)}/report`)).body;

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
