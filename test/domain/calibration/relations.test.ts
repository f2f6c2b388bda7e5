import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../../src/http/app.ts';
import { MODEL, makeRows, type Row, type Story } from '../monitor/story.ts';
import { iso, MONITORS, startDatedStory } from './dated-story.ts';

const MEASURE = 'rank_correlations/largest-change@2';
/** Before the story begins, and rows of each day. */
const REFERENCE_DAYS = 24;
const ROWS = 300;
const DAYS = 3;
/** On this day the old earn much and the young little, though there are as many of each. */
const MOVED = 1;

type Finding = { measure: string; drift: boolean; limit: number; parameters: Record<string, unknown> };
type Report = { summary: string; body: { reasons: string[]; why: string; table?: Finding[] } };

const rowsOf = (n: number): Row[] => makeRows(ROWS, 1700 + n);

/** The ages of all rows, dealt out in the order of their incomes. */
function sorted(rows: readonly Row[]): Row[] {
  const ages = rows.flatMap(({ age }) => (age === null ? [] : [age])).sort((a, b) => a - b);
  const byIncome = rows.filter(({ age }) => age !== null).sort((a, b) => a.income - b.income);
  const ageOf = new Map(byIncome.map((row, i) => [row, ages[i] ?? null]));
  return rows.map((row) => ({ ...row, age: ageOf.get(row) ?? null }));
}

describe('columns that go together otherwise, where a monitor is told nothing', () => {
  let story: Story;

  beforeAll(async () => {
    story = await startDatedStory({
      ...{ referenceDays: REFERENCE_DAYS, days: DAYS, rowsOf },
      moved: (n) => (n === MOVED ? sorted(rowsOf(n)) : null),
      monitors: [{ name: 'daily' }],
    });
  });
  afterAll(() => story.close());

  it('are found on their day, by limits of the days of the reference, and named', async () => {
    const verdicts = (await story.windows('daily')).slice(0, DAYS).map(({ verdict }) => verdict);
    expect(verdicts).toEqual(Array.from({ length: DAYS }, (_, n) => (n === MOVED ? 'drift' : 'no_drift')));
    const { body, summary } = (await story.call<Report>('GET', `${MONITORS}/daily/windows/${iso(MOVED)}/report`)).body;
    expect(body.reasons).toEqual(['whole_rows']);
    const found = body.table?.find(({ measure }) => measure === MEASURE);
    expect(found).toMatchObject({ drift: true });
    expect(new Set([found?.parameters['first'], found?.parameters['second']])).toEqual(new Set(['age', 'income']));
    expect(found?.parameters['after']).toBeGreaterThan(0.9);
    expect(found).not.toHaveProperty('candidates');
    expect(body.why).toMatch(/Rank correlations \((age and income|income and age): 0\.9\d*|1, /);
    expect(summary).toMatch(/(age and income|income and age) go together otherwise: rank correlation [\d.]+, /);
  });

  it('are told of on the page', async () => {
    const at = encodeURIComponent(iso(MOVED));
    const page = await createApp(story.ctx).request(`/p/default/models/${MODEL}/monitors/daily/windows/${at}`);
    expect(await page.text()).toMatch(/<td class="small">(age and income|income and age) go together otherwise: /);
  });

  it('are replayed from their bytes', async () => {
    const { report: id } = (await story.windows('daily'))[MOVED] ?? {};
    const replay = await story.call<{ agrees: boolean; differences: unknown[] }>('POST', `/v1/reports/${id}/replay`);
    expect(replay.body).toMatchObject({ agrees: true, differences: [] });
  });
});
