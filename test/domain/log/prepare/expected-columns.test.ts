import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ledger, ndjson, openLedger } from '../ledger.ts';

let ledger: Ledger;
beforeAll(async () => {
  ledger = await openLedger();
  const rows = Array.from({ length: 40 }, (_, i) => `q${i % 8},${i % 5},${i / 40},${i % 2},old`);
  const csv = `query_id,price,score,relevant,source\n${rows.join('\n')}\n`;
  await ledger.request('/v1/datasets/clicks/versions?path=t.csv', { method: 'POST', body: csv });
  await ledger.profile();
  await ledger.post('/v1/models', { name: 'ranker', task: 'ranking' });
  const roles = { query: 'query_id', score: 'score', label: 'relevant', ignore: ['source'] };
  const bound = await ledger.post('/v1/models/ranker/versions', { dataset: 'clicks', ref: 'v1', roles });
  expect(bound.status).toBe(201);
});
afterAll(() => ledger.close());

const row = (n: number, features: object, over: object = {}) => ({
  prediction_id: `r-${n}`,
  timestamp: '2026-03-01T10:00:00Z',
  scores: 0.3,
  features,
  ...over,
});

test('a ranking is logged by its scores, with its query among the features or the tags', async () => {
  const rows = [row(1, { price: 1, query_id: 'a' }), row(2, { price: 2 }, { tags: { query_id: 'a' } })];
  const sent = await ledger.send('/v1/models/ranker/predictions', ndjson(rows));
  expect(sent.body).toMatchObject({ accepted: 2, violations: [] });
  const csv = 'prediction_id,timestamp,score,price,query_id\nr-3,2026-03-01T10:00:00Z,0.5,3,b\n';
  const headers = { 'content-type': 'text/csv' };
  expect((await ledger.send('/v1/models/ranker/predictions', csv, headers)).body).toMatchObject({ violations: [] });
  await ledger.settle('ranker');
  const { body } = await ledger.request('/v1/models/ranker/predictions/r-1');
  expect(body).toMatchObject({ prediction: null, features: { query_id: 'a', price: 1 } });
});

test('other columns of the training data are nothing new in a record, what it does not have is', async () => {
  const features = { price: 1, source: 'new', relevant: 1, colour: 'red' };
  const sent = await ledger.send('/v1/models/ranker/predictions', ndjson([row(9, features)]));
  expect(sent.body.violations).toEqual([{ column: 'feature.colour', code: 'unexpected', count: 1, examples: ['red'] }]);
  const nothing = await ledger.send('/v1/models/ranker/predictions', ndjson([row(10, { price: 1 }, { scores: null })]));
  expect(nothing.status).toBe(422);
  expect(nothing.body.errors).toMatchObject([{ field: 'prediction', code: 'missing-field' }]);
});
