import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DAY, day, MODEL, makeRows, predictions, type Story, setUp, startStory } from './story.ts';

const BASE = `/v1/models/${MODEL}/monitors`;

type Violation = { column: string; code: string; count: number; examples: string[] };
type Report = {
  checks: { check: string; verdict: string; why: string }[];
  body: { methods: { evidence?: string }; violations: Violation[]; columns: { name: string; verdict: string }[] };
};
type Logged = { features: Record<string, unknown> };

let story: Story;
beforeEach(async () => {
  story = await startStory();
  await setUp(story, makeRows(2000, 1));
  await story.drain();
  await story.call('POST', BASE, { name: 'daily' });
});
afterEach(() => story.close());

const healthy = (n: number, rows = 300): Logged[] =>
  predictions(makeRows(rows, 50 + n), { id: `d${n}`, from: day(n), to: day(n) + DAY }) as Logged[];

/** Takes a feature from some rows. */
const without = (rows: readonly Logged[], column: string): Logged[] =>
  rows.map((row) => ({ ...row, features: { ...row.features, [column]: undefined } }));

const closeAll = async (n: number) => {
  await story.call('POST', `/v1/models/${MODEL}/watermark`, { through: new Date(day(n + 1)).toISOString() });
  await story.drain();
};

const judged = async (n: number) => {
  const window = (await story.windows()).find(({ start }) => Date.parse(start) === day(n));
  const report = (await story.call<Report>('GET', `/v1/reports/${window?.report}`)).body;
  const schema = report.checks.find(({ check }) => check === 'schema');
  const verdicts = Object.fromEntries(report.body.columns.map(({ name, verdict }) => [name, verdict]));
  return { id: window?.report, schema: schema?.verdict, why: schema?.why, ...report.body, verdicts };
};

const replay = (id: string | null | undefined) =>
  story.call<{ agrees: boolean; differences: unknown[] }>('POST', `/v1/reports/${id ?? ''}/replay`);

describe('what is said of the rows of a window', () => {
  it('is of its own rows, however many windows a batch crosses', async () => {
    await story.log('predictions', healthy(0));
    await story.drain();
    const odd = healthy(2).map((row, i) => (i < 3 ? { ...row, features: { ...row.features, age: `odd ${i}` } } : row));
    await story.log('predictions', [...without(healthy(1), 'income'), ...odd, ...healthy(3)]);
    await closeAll(4);
    expect(await judged(1)).toMatchObject({
      schema: 'unsound',
      violations: [{ column: 'feature.income', code: 'missing', count: 300, examples: [] }],
    });
    expect(await judged(2)).toMatchObject({
      schema: 'sound',
      verdicts: { income: 'no_drift' },
      violations: [{ column: 'feature.age', code: 'type', count: 3, examples: ['odd 0', 'odd 1', 'odd 2'] }],
    });
    expect(await judged(3)).toMatchObject({ schema: 'sound', violations: [] });
    for (const n of [1, 2, 3]) expect((await replay((await judged(n)).id)).body.agrees).toBe(true);
  });

  it('counts no row that repeats an earlier one', async () => {
    await story.log('predictions', healthy(0));
    await story.drain();
    await story.log('predictions', [...without(healthy(0), 'income'), ...without(healthy(1, 200).slice(0, 10), 'age')]);
    await story.log('predictions', healthy(1, 200));
    await closeAll(2);
    expect((await judged(0)).violations).toEqual([]);
    expect((await judged(1)).violations).toEqual([{ column: 'feature.age', code: 'missing', count: 10, examples: [] }]);
  });

  it('sees a column vanish although the first row ever sent had no features', async () => {
    const [first] = without(without(without(healthy(0, 1), 'income'), 'age'), 'region');
    await story.log('predictions', [{ ...first, prediction_id: 'smoke' } as Logged]);
    await story.drain();
    for (let n = 0; n < 3; n++) await story.log('predictions', healthy(n));
    await story.drain();
    for (let n = 3; n < 5; n++) await story.log('predictions', without(healthy(n), 'income'));
    await closeAll(5);
    expect(await judged(1)).toMatchObject({ schema: 'sound', verdicts: { income: 'no_drift', age: 'no_drift' } });
    for (const n of [3, 4]) {
      expect(await judged(n)).toMatchObject({ schema: 'unsound', verdicts: { income: 'drift' } });
      expect((await replay((await judged(n)).id)).body.agrees).toBe(true);
    }
    const { lints } = (await story.call<{ lints: { code: string; column: string | null }[] }>('GET', `${BASE}/daily`))
      .body;
    expect(lints.filter(({ code }) => code === 'column-never-logged')).toEqual([]);
  });

  it('does not call lost what never came, nor what came later, nor what one stray row held', async () => {
    await story.log('predictions', without(healthy(0), 'age'));
    await story.log('predictions', [
      ...without(healthy(1), 'age'),
      { ...healthy(0)[0], prediction_id: 'stray' } as Logged,
    ]);
    await closeAll(2);
    const before = await judged(1);
    expect(before).toMatchObject({ schema: 'sound', verdicts: { age: 'not_comparable', income: 'no_drift' } });
    for (let n = 2; n < 4; n++) await story.log('predictions', healthy(n));
    await story.drain();
    // A late row has the first day judged again, when the column has long begun.
    await story.log(
      'predictions',
      without(predictions(makeRows(1, 9), { id: 'late', from: day(1), to: day(2) }) as Logged[], 'age'),
    );
    await closeAll(4);
    expect(await judged(1)).toMatchObject({ schema: 'sound', verdicts: { age: 'not_comparable' } });
    expect((await judged(1)).id).not.toBe(before.id);
    expect(await judged(3)).toMatchObject({ schema: 'sound', verdicts: { age: 'no_drift' } });
    for (const id of [before.id, (await judged(1)).id]) expect((await replay(id)).body).toMatchObject({ agrees: true });
  });

  it('was told by batch once, and reports of then can be replayed', async () => {
    await story.log('predictions', [...without(healthy(1), 'income'), ...healthy(2)]);
    await closeAll(3);
    const { id, methods } = await judged(2);
    expect(methods.evidence).toBe('evidence@2');
    const byBatch = JSON.stringify([{ column: 'feature.income', code: 'missing', count: 300, examples: [] }]);
    await story.ctx.sql`update reports set
      body = jsonb_set(body #- '{methods,evidence}', '{violations}', ${byBatch}::text::jsonb) where id = ${String(id)}`;
    expect((await replay(id)).body).toMatchObject({ agrees: true, differences: [] });
  });

  it('takes of a batch that does not say which rows broke something what must be so', async () => {
    await story.log('predictions', healthy(0));
    await story.log('predictions', [...healthy(1), ...healthy(2)]);
    await story.log('predictions', healthy(3));
    const rows = (count: number) =>
      JSON.stringify([{ column: 'feature.income', code: 'type', count, examples: ['1,5'] }]);
    await story.ctx.sql`update batches set violations = ${rows(400)}::text::jsonb where rows = 600`;
    await story.ctx
      .sql`update batches set violations = ${rows(300)}::text::jsonb where id = (select max(id) from batches)`;
    await closeAll(4);
    const found = async (n: number) => (await judged(n)).violations.map(({ count }) => count);
    expect([await found(0), await found(1), await found(2), await found(3)]).toEqual([[], [100], [100], [300]]);
  });
});
