import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JOB_HANDLERS } from '../../../workers/jobs.ts';
import { makeRows, type Row, type Story } from '../monitor/story.ts';
import { iso, MONITORS, startDatedStory } from './dated-story.ts';

const UNSEEN = 'unseen_share/difference@1';
/** Before the story begins, and rows of each day. */
const REFERENCE_DAYS = 14;
const ROWS = 300;
const DAYS = 4;
/** On this day, the last, one row of twenty is of a region that there was none of. */
const MOVED = 3;

type Finding = { measure: string; value: number; limit: number; parameters: Record<string, unknown> };
type Column = { name: string; verdict: string; why: string; findings: Finding[] };
type Report = { summary: string; body: { verdict: string; methods: { judge: string }; columns: Column[] } };

/** Each day has its own part of the south, as seasons have. */
const rowsOf = (n: number): Row[] =>
  makeRows(ROWS, 900 + n).map((row, i) => ({
    ...row,
    region: i % 10 < Math.abs(n % 7) ? 'south' : row.region,
  }));

const abroad = (row: Row, i: number): Row => ({
  ...row,
  region: i % 20 === 3 ? (i % 60 === 3 ? 'Porto' : 'Lisbon') : row.region,
});

describe('values that the reference does not have, where a monitor is told nothing', () => {
  let story: Story;

  beforeAll(async () => {
    story = await startDatedStory({
      ...{ referenceDays: REFERENCE_DAYS, days: DAYS, rowsOf },
      moved: (n) => (n === MOVED ? rowsOf(n).map(abroad) : null),
      monitors: [{ name: 'daily', alert: { fire_after: 1 } }],
    });
  });
  afterAll(() => story.close());

  const report = async (n: number): Promise<Report> =>
    (await story.call<Report>('GET', `${MONITORS}/daily/windows/${iso(n)}/report`)).body;
  const idOf = async (n: number): Promise<string> => (await story.windows('daily'))[n]?.report ?? '';
  const regionOf = ({ body }: Report): Column | undefined => body.columns.find(({ name }) => name === 'region');

  it('are found on their day, beside seasons that raise the limits of distances', async () => {
    const verdicts = (await story.windows('daily')).slice(0, DAYS).map(({ verdict }) => verdict);
    expect(verdicts).toEqual(Array.from({ length: DAYS }, (_, n) => (n === MOVED ? 'drift' : 'no_drift')));
    const found = await report(MOVED);
    const column = regionOf(found);
    expect(column).toMatchObject({ verdict: 'drift', effect: { measure: UNSEEN } });
    const finding = column?.findings.find(({ measure }) => measure === UNSEEN);
    expect(finding?.value).toBeCloseTo(0.05, 12);
    expect(finding?.limit).toBeLessThan(0.05);
    expect(finding?.parameters).toMatchObject({ values: 2, first: 'Lisbon', second: 'Porto' });
    const distance = column?.findings.find(({ measure }) => measure.startsWith('js_distance'));
    expect(distance?.value).toBeLessThan(distance?.limit ?? 0);
  });

  it('are named by the report, its paragraph and the alert', async () => {
    const named =
      '2 values that the reference does not have, in 5 % of the rows with a value: "Lisbon" 3.3 %, "Porto" 1.7 %.';
    const { summary, ...found } = await report(MOVED);
    expect(regionOf({ summary, ...found })?.why).toContain(named);
    expect(summary).toContain(`region has ${named}`);
    const [monitor] = await story.ctx.sql`select id from monitors where name = 'daily'`;
    await JOB_HANDLERS['evaluate-alert'](story.ctx, { monitorId: Number(monitor?.id) });
    type Alert = { target: string; evidence: { unseen?: string; worst_columns: object[] } };
    const { items } = (await story.call<{ items: Alert[] }>('GET', '/v1/alerts')).body;
    const { evidence } = items.find(({ target }) => target === 'dataset') ?? {};
    expect(evidence?.unseen).toBe(`region has ${named.slice(0, -1)}`);
    expect(evidence?.worst_columns).toMatchObject([
      { column: 'region', measure: UNSEEN, direction: 'higher', why: expect.stringContaining(named) },
    ]);
  });

  it('are not looked at by a way of judging from before, which replays its own reports', async () => {
    const id = await idOf(MOVED);
    type Replay = { agrees: boolean; differences: { pointer: string; stored: unknown; recomputed: unknown }[] };
    const replay = async () => (await story.call<Replay>('POST', `/v1/reports/${id}/replay`)).body;
    expect(await replay()).toMatchObject({ agrees: true, differences: [] });
    await story.ctx
      .sql`update reports set body = jsonb_set(body, '{methods,judge}', '"judge@4"'::jsonb) where id = ${id}`;
    const { differences } = await replay();
    expect(differences.find(({ pointer }) => pointer === '/verdict')).toMatchObject({ recomputed: 'no_drift' });
    expect(differences.map(({ pointer }) => pointer)).not.toContain('/methods/judge');
  });
});
