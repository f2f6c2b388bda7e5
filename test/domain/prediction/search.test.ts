import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemActor } from '../../../src/domain/access/actor.ts';
import { searchPredictions } from '../../../src/domain/prediction/search.ts';
import { readSelection } from '../../../src/domain/prediction/selection.ts';
import { createMemoryRemote } from '../../../src/store/remotes/remote-memory.ts';
import { type Ledger, ndjson, openLedger, prediction, predictions, type Row } from '../log/ledger.ts';

const remote = createMemoryRemote();
let ledger: Ledger;
beforeAll(async () => {
  ledger = await openLedger({ remote });
});
afterAll(() => ledger.close());

type Found = Record<string, unknown> & { prediction_id: string };
type Page = { items: Found[]; next: string | null; scanned: Record<string, unknown>; unsettled: { batches: number } };

const search = async (model: string, query: Record<string, string> = {}) => {
  const answer = await ledger.request(`/v1/models/${model}/predictions?${new URLSearchParams(query).toString()}`);
  // An answer of our own service; a failed one is looked at by its status.
  return { status: answer.status, text: answer.text, page: answer.body as unknown as Page };
};
const idsOf = async (model: string, query: Record<string, string> = {}) =>
  (await search(model, query)).page.items.map((item) => item.prediction_id);
const send = async (model: string, rows: readonly Row[]) =>
  (await ledger.send(`/v1/models/${model}/predictions`, ndjson(rows))).body.batch;
const label = async (model: string, rows: readonly Row[]) => {
  await ledger.send(`/v1/models/${model}/labels`, ndjson(rows));
  await ledger.settle(model);
};
const names = (from: number, to: number) => predictions(from, to).map((row) => row.prediction_id);

describe('pages', () => {
  beforeAll(async () => {
    await ledger.model('paged');
    await send('paged', predictions(0, 25));
    await send('paged', predictions(20, 40));
    await ledger.settle('paged');
  });

  test.each(['newest', 'oldest'])('hold every row once, %s first, whatever their size', async (order) => {
    const expected = order === 'oldest' ? names(0, 40) : names(0, 40).reverse();
    for (const limit of ['1', '7', '20', '25', '40', '1000']) {
      const ids: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const { page } = await search('paged', { order, limit, ...(cursor === '' ? {} : { cursor }) });
        expect(page.items.length).toBeGreaterThan(0);
        ids.push(...page.items.map((item) => item.prediction_id));
        cursor = page.next;
      }
      expect(ids).toEqual(expected);
    }
  });

  test('do not shift when more comes in', async () => {
    await ledger.model('growing');
    await send('growing', predictions(0, 10));
    await ledger.settle('growing');
    const first = (await search('growing', { limit: '4' })).page;
    await send('growing', predictions(10, 20));
    expect((await search('growing')).page.unsettled).toEqual({ batches: 1, rows: 10 });
    await ledger.settle('growing');
    expect(await idsOf('growing', { limit: '100', cursor: String(first.next) })).toEqual(names(0, 6).reverse());
  });

  test('end when they have read enough, and go on where they stopped', async () => {
    await ledger.model('long');
    for (let n = 0; n < 6; n++) await send('long', predictions(n * 10, n * 10 + 10));
    await ledger.settle('long');
    const actor = systemActor({ id: 1, name: 'default' });
    const allowed = { batches: 2, rows: 1e6, bytes: 1e9, milliseconds: 1e9 };
    const selection = readSelection({ where: 'age = 59' });
    const found: string[] = [];
    let after = null;
    for (let pages = 1; ; pages++) {
      const search = { model: 'long', selection, newest: false, after, limit: 10 };
      const page = await searchPredictions(ledger.ctx, actor, search, allowed);
      found.push(...page.items.map((item) => item.predictionId));
      if (page.next === null) {
        expect([pages, page.scanned.cut]).toEqual([4, false]);
        break;
      }
      expect(page.scanned).toMatchObject({ batches: 2, rows: 20, cut: true });
      after = page.next;
    }
    expect(found).toEqual(['p-39']);
  });

  test('a cursor of the other order, or of nobody, is refused', async () => {
    const { next } = (await search('paged', { limit: '1' })).page;
    expect((await search('paged', { order: 'oldest', cursor: String(next) })).status).toBe(400);
    expect((await search('paged', { cursor: 'eyJ9' })).status).toBe(400);
  });
});

describe('what is searched for', () => {
  let batches: unknown[];
  beforeAll(async () => {
    await ledger.model('filtered');
    batches = [
      await send('filtered', [
        prediction(0, { model_version: 'a', segment: 'north', features: { age: 20, plan: 'pro' } }),
        prediction(1, { model_version: 'a', segment: 'south', features: { age: 30, plan: 'basic' } }),
        prediction(2, { model_version: 'b', features: { age: 40 }, tags: { region: 'x' } }),
      ]),
      // The same feature as text, and one that the others do not have.
      await send('filtered', [
        prediction(3, { model_version: 'b', features: { age: '50', vip: true }, scores: { yes: 0.7, no: 0.3 } }),
        prediction(4, { model_version: 'b', features: { age: 'old' } }),
      ]),
    ];
    await ledger.settle('filtered');
    await label('filtered', [
      { prediction_id: 'p-0', label: 1 },
      { prediction_id: 'p-1', label: 0 },
    ]);
    await label('filtered', [{ prediction_id: 'p-1', label: 1 }]);
  });

  const at = (n: number) => String(prediction(n).timestamp);
  const cases: [string, () => Record<string, string>, string[]][] = [
    ['a time', () => ({ from: at(1), to: at(3) }), ['p-1', 'p-2']],
    ['a model version', () => ({ model_version: 'b' }), ['p-2', 'p-3', 'p-4']],
    ['a segment', () => ({ segment: 'north' }), ['p-0']],
    ['a batch', () => ({ batch: String(batches[1]) }), ['p-3', 'p-4']],
    ['a range, also where a batch has texts', () => ({ where: 'age >= 30 and age < 55' }), ['p-1', 'p-2', 'p-3']],
    ['a text, also where a batch has numbers', () => ({ where: "age = '20' or age = 'old'" }), ['p-0', 'p-4']],
    ['a value', () => ({ where: "plan in ('pro', 'basic')" }), ['p-0', 'p-1']],
    ['what is missing', () => ({ where: 'plan is null' }), ['p-2', 'p-3', 'p-4']],
    ['what is true', () => ({ where: 'vip = true' }), ['p-3']],
    ['a class score', () => ({ where: '"scores.yes" > 0.5' }), ['p-3']],
    ['a tag', () => ({ where: `"tags.region" = 'x'` }), ['p-2']],
    ['an event time', () => ({ where: `timestamp > '${at(3)}'` }), ['p-4']],
    ['an id', () => ({ where: "prediction_id = 'p-2'" }), ['p-2']],
    ['labelled ones', () => ({ labels: 'labelled' }), ['p-0', 'p-1']],
    ['unlabelled ones', () => ({ labels: 'unlabelled' }), ['p-2', 'p-3', 'p-4']],
    ['corrected ones', () => ({ labels: 'corrected' }), ['p-1']],
    ['a label', () => ({ label: '1' }), ['p-0', 'p-1']],
    ['several at once', () => ({ label: '1', where: 'age < 25', model_version: 'a' }), ['p-0']],
    ['nothing there is', () => ({ segment: 'nowhere' }), []],
  ];
  test.each(cases)('%s', async (_, query, expected) => {
    expect(await idsOf('filtered', { order: 'oldest', ...query() })).toEqual(expected);
  });

  test('a column that no batch has is told', async () => {
    const { page } = await search('filtered', { where: 'agee > 3 or age > 3 or "tags.regoin" = \'x\'' });
    expect(page.scanned).toMatchObject({ unknown_columns: ['features.agee', 'tags.regoin'], batches: 2, cut: false });
  });

  test.each([
    ['a condition that is none', { where: 'age >' }, 'The condition cannot be read at character 6'],
    ['a condition on labels', { where: 'label = 1' }, 'labels come apart from predictions'],
    ['one column against two kinds', { where: "age > 3 or age = 'x'" }, 'compares "age" with a number and with a text'],
    ['a time that is none', { where: "timestamp > 'yesterday'" }, 'holds times'],
    ['a date without time', { from: '2026-01-01' }, 'from'],
    ['a parameter that is none', { segmnt: 'x' }, 'segmnt'],
    ['a limit of none', { limit: '0' }, 'limit'],
  ])('%s is refused', async (_, query: Record<string, string>, detail) => {
    const answer = await search('filtered', query);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.text).toContain(JSON.stringify(detail).slice(1, -1));
  });

  test('rows say what was sent', async () => {
    const [found] = (await search('filtered', { where: "prediction_id = 'p-3'" })).page.items;
    expect(found).toMatchObject({
      timestamp: at(3),
      model_version: 'b',
      segment: null,
      features: { age: '50', vip: true },
      scores: { yes: 0.7, no: 0.3 },
      label: null,
      label_revision: 0,
      batch: batches[1],
      row: 0,
    });
  });
});

test('numbers that JSON has not are texts, exact', async () => {
  await ledger.model('exact');
  const columns = {
    prediction_id: ['a', 'b'],
    timestamp: [prediction(0).timestamp, prediction(1).timestamp],
    prediction: [1, 1],
    features: { account: ['9007199254740993', '1'], __proto__x: [1, 2] },
  };
  await ledger.send(
    '/v1/models/exact/predictions',
    JSON.stringify({ columns }).replaceAll(/"(9007199254740993|1)"/g, '$1'),
    { 'content-type': 'application/json' },
  );
  await ledger.settle('exact');
  const { page } = await search('exact', { order: 'oldest', where: 'account = 9007199254740993' });
  expect(page.items.map(({ features }) => features)).toEqual([{ account: '9007199254740993', __proto__x: 1 }]);
});

test('batches whose bytes are lost are passed over and named', async () => {
  await ledger.model('damaged');
  const [lost] = [await send('damaged', predictions(0, 3)), await send('damaged', predictions(3, 6))];
  await ledger.settle('damaged');
  const { oid } = (await ledger.request(`/v1/models/damaged/batches/${String(lost)}`)).body;
  await remote.remove(String(oid) as Parameters<typeof remote.remove>[0]);
  const { page } = await search('damaged', { order: 'oldest' });
  expect(page.items.map(({ prediction_id }) => prediction_id)).toEqual(names(3, 6));
  expect(page.scanned).toMatchObject({ lost_batches: [lost], batches: 1 });
});
