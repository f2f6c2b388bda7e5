import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, day, MODEL, makeRows, predictions, type Row, type Story, startStory } from '../monitor/story.ts';

const BASE = `/v1/models/${MODEL}/monitors`;
const MEASURE = 'rank_correlations/largest-change@2';
const iso = (n: number): string => new Date(day(n)).toISOString();
/** Before the story begins, and rows of each day. */
const REFERENCE_DAYS = 24;
const ROWS = 300;
const DAYS = 3;
/** On this day the old earn much and the young little, though there are as many of each. */
const MOVED = 1;

type Finding = { measure: string; drift: boolean; limit: number; parameters: Record<string, unknown> };
type Report = { summary: string; body: { reasons: string[]; why: string; table?: Finding[] } };

const rowsOf = (n: number): Row[] => makeRows(ROWS, 1700 + n);

function reference(): string {
  const lines = Array.from({ length: REFERENCE_DAYS }, (_, i) => i - REFERENCE_DAYS).flatMap((n) =>
    rowsOf(n).map(({ income, age, region, prediction, score }, i) => {
      const at = new Date(Math.floor(day(n) + (i * DAY) / ROWS)).toISOString();
      return [at, income, age ?? '', region, prediction, score, prediction].join(',');
    }),
  );
  return ['timestamp,income,age,region,prediction,score,defaulted', ...lines, ''].join('\n');
}

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
    story = await startStory();
    const type = { 'content-type': 'text/csv' };
    await story.call('POST', '/v1/datasets/credit/versions?path=train.csv', reference(), type);
    await story.call('POST', '/v1/models', { name: MODEL, task: 'binary', positive_label: '1' });
    const roles = { prediction: 'prediction', score: 'score', label: 'defaulted' };
    await story.call('POST', `/v1/models/${MODEL}/versions`, { dataset: 'credit', ref: 'v1', roles });
    await story.drain();
    for (let n = 0; n < DAYS; n++) {
      const rows = n === MOVED ? sorted(rowsOf(n)) : rowsOf(n);
      await story.log('predictions', predictions(rows, { id: `d${n}`, from: day(n), to: day(n + 1) }));
    }
    const made = await story.call('POST', BASE, { name: 'daily' });
    if (made.status !== 201) throw new Error(JSON.stringify(made.body));
    await story.call('POST', `/v1/models/${MODEL}/watermark`, {
      through: new Date(day(DAYS) + 3_600_000).toISOString(),
    });
    await story.drain();
  });
  afterAll(() => story.close());

  it('are found on their day, by limits of the days of the reference, and named', async () => {
    const verdicts = (await story.windows('daily')).slice(0, DAYS).map(({ verdict }) => verdict);
    expect(verdicts).toEqual(Array.from({ length: DAYS }, (_, n) => (n === MOVED ? 'drift' : 'no_drift')));
    const { body, summary } = (await story.call<Report>('GET', `${BASE}/daily/windows/${iso(MOVED)}/report`)).body;
    expect(body.reasons).toEqual(['whole_rows']);
    const found = body.table?.find(({ measure }) => measure === MEASURE);
    expect(found).toMatchObject({ drift: true });
    expect(new Set([found?.parameters['first'], found?.parameters['second']])).toEqual(new Set(['age', 'income']));
    expect(found?.parameters['after']).toBeGreaterThan(0.9);
    expect(found).not.toHaveProperty('candidates');
    expect(body.why).toMatch(/Rank correlations \((age and income|income and age): 0\.9\d*|1, /);
    expect(summary).toMatch(/(age and income|income and age) go together otherwise: rank correlation [\d.]+, /);
  });

  it('are replayed from their bytes', async () => {
    const { report: id } = (await story.windows('daily'))[MOVED] ?? {};
    const replay = await story.call<{ agrees: boolean; differences: unknown[] }>('POST', `/v1/reports/${id}/replay`);
    expect(replay.body).toMatchObject({ agrees: true, differences: [] });
  });
});
