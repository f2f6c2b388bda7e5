import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemActor } from '../../src/domain/access/actor.ts';
import { pushFile } from '../../src/domain/dataset/push.ts';
import { profileVersion } from '../../src/domain/profile/profile.ts';
import { type Ledger, ndjson, openLedger, prediction } from '../domain/log/ledger.ts';
import { chunks } from '../support/bytes.ts';

const TRAINING = `id,age,city,prediction,predicted_probability,employed\n${Array.from(
  { length: 40 },
  (_, i) => `${i},${20 + i},${i % 2 === 0 ? 'Berlin' : 'Oslo'},${i % 2},0.${10 + i},${i % 3 === 0 ? 1 : 0}`,
).join('\n')}\n`;

let ledger: Ledger;
const versionIds: number[] = [];
beforeAll(async () => {
  ledger = await openLedger();
  const actor = systemActor({ id: 1, name: 'default' });
  for (const text of [TRAINING, TRAINING.replace('Oslo', 'Bergen')]) {
    const pushed = await pushFile(ledger.ctx, actor, { dataset: 'census', path: 'train.csv', source: chunks(text) });
    versionIds.push(pushed.version.id);
  }
  await profileVersion(ledger.ctx, { versionId: versionIds[0] ?? 0 });
});
afterAll(() => ledger.close());

test('making a model twice is making it once; another one of its name is a conflict', async () => {
  const made = await ledger.post('/v1/models', { name: 'twice', task: 'binary', positive_label: '1' });
  expect([made.status, made.body]).toEqual([
    201,
    expect.objectContaining({
      name: 'twice',
      task: 'binary',
      positive_label: '1',
      current_version: null,
      watermark: null,
    }),
  ]);
  const again = await ledger.post('/v1/models', { name: 'twice', task: 'binary', positive_label: '1' });
  expect([again.status, again.body]).toEqual([200, made.body]);
  expect((await ledger.post('/v1/models', { name: 'twice' })).status).toBe(200);
  const other = await ledger.post('/v1/models', { name: 'twice', task: 'regression' });
  expect([other.status, other.body.type]).toEqual([409, 'https://tidemark.dev/problems/conflict']);
  expect((await ledger.request('/v1/models/twice')).body).toEqual(made.body);
  expect((await ledger.request('/v1/models')).body.items).toContainEqual(made.body);
});

test.each([
  ['a name that is no name', { name: '../x' }, 422, 'invalid-body'],
  ['an unknown field', { name: 'x', colour: 1 }, 422, 'unknown-field'],
  ['a positive label of a regression', { name: 'x', task: 'regression', positive_label: '1' }, 422, 'invalid-body'],
])('refuses %s', async (_, body, status, code) => {
  const answer = await ledger.post('/v1/models', body);
  expect([answer.status, answer.body.type]).toEqual([status, `https://tidemark.dev/problems/${code}`]);
});

test('a version is bound for ever to what its ref meant, guesses the roles that nobody named and says so', async () => {
  await ledger.post('/v1/models', { name: 'bound' });
  const body = { dataset: 'census', ref: 'v1', roles: { label: 'employed' }, metrics: { roc_auc: 0.9 } };
  const made = await ledger.post('/v1/models/bound/versions', body);
  expect([made.status, made.body]).toEqual([
    201,
    expect.objectContaining({
      name: 'v1',
      number: 1,
      current: true,
      dataset: 'census',
      dataset_version: 1,
      roles: { prediction: 'prediction', score: 'predicted_probability', label: 'employed', id: 'id', ignore: [] },
      guessed: ['prediction', 'score', 'id'],
      columns: 'ready',
      missing_columns: [],
      metrics: { roc_auc: 0.9 },
    }),
  ]);
  const again = await ledger.post('/v1/models/bound/versions', body);
  expect([again.status, again.body]).toEqual([200, made.body]);
  expect((await ledger.post('/v1/models/bound/versions', { ...body, name: 'v1' })).status).toBe(200);
  expect((await ledger.post('/v1/models/bound/versions', { ...body, name: 'v1', metrics: {} })).status).toBe(409);
  const second = await ledger.post('/v1/models/bound/versions', { ...body, name: 'candidate' });
  expect(second.body).toMatchObject({ name: 'candidate', number: 2, current: false });
  const listed = await ledger.request('/v1/models/bound/versions');
  expect(listed.body.items).toEqual([made.body, second.body]);
  expect((await ledger.request('/v1/models/bound')).body.current_version).toBe('v1');
});

test('a role that names no column is refused, with the columns there are', async () => {
  await ledger.post('/v1/models', { name: 'wrong' });
  const answer = await ledger.post('/v1/models/wrong/versions', {
    dataset: 'census',
    ref: 'v1',
    roles: { score: 'p', ignore: ['q'] },
  });
  expect(answer.body).toMatchObject({
    status: 422,
    detail:
      'The dataset version has no column "p", "q"; it has: id, age, city, prediction, predicted_probability, employed.',
    errors: [{ pointer: '/roles/score' }, { pointer: '/roles/ignore' }],
  });
  expect((await ledger.post('/v1/models/wrong/versions', { dataset: 'census', ref: 'v9' })).status).toBe(404);
  expect((await ledger.post('/v1/models/wrong/versions', { dataset: 'nothing', ref: 'v1' })).status).toBe(404);
  expect((await ledger.post('/v1/models/nobody/versions', { dataset: 'census', ref: 'v1' })).status).toBe(404);
});

test('a version may be bound before its data is profiled; its roles are then completed', async () => {
  await ledger.post('/v1/models', { name: 'early' });
  const body = { dataset: 'census', ref: 'latest', roles: { label: 'employed', score: 'nonsense' } };
  const made = await ledger.post('/v1/models/early/versions', body);
  expect([made.status, made.body]).toEqual([
    201,
    expect.objectContaining({
      dataset_version: 2,
      columns: 'pending',
      roles: { label: 'employed', score: 'nonsense', ignore: [] },
      guessed: [],
    }),
  ]);
  await profileVersion(ledger.ctx, { versionId: versionIds[1] ?? 0 });
  const listed = await ledger.request('/v1/models/early/versions');
  expect(listed.body.items).toMatchObject([
    { columns: 'ready', guessed: ['prediction', 'id'], missing_columns: ['nonsense'] },
  ]);
});

test('binding again after the profile has come is still the same version', async () => {
  await ledger.post('/v1/models', { name: 'still' });
  const actor = systemActor({ id: 1, name: 'default' });
  const pushed = await pushFile(ledger.ctx, actor, {
    dataset: 'later',
    path: 'train.csv',
    source: chunks(TRAINING.replace('Berlin', 'Bonn')),
  });
  const body = { dataset: 'later', ref: 'v1', roles: { label: 'employed' } };
  expect((await ledger.post('/v1/models/still/versions', body)).status).toBe(201);
  await profileVersion(ledger.ctx, { versionId: pushed.version.id });
  expect((await ledger.post('/v1/models/still/versions', body)).status).toBe(200);
  expect((await ledger.post('/v1/models/still/versions', { ...body, name: 'v1', roles: {} })).status).toBe(409);
});

test('values that break the types of the training data are kept as evidence, not refused', async () => {
  await ledger.post('/v1/models', { name: 'typed' });
  await ledger.post('/v1/models/typed/versions', { dataset: 'census', ref: 'v1', roles: { label: 'employed' } });
  const rows = [
    prediction(1, { features: { age: 31, city: 'Oslo' }, prediction: 1 }),
    prediction(2, { features: { age: 'old', city: 7, shoe: 43 }, prediction: 0 }),
    prediction(3, { features: { city: null }, prediction: 'yes', label: '1' }),
  ];
  const sent = await ledger.send('/v1/models/typed/predictions', ndjson(rows));
  expect(sent.body).toMatchObject({ accepted: 3, rejected: 0 });
  const violations = sent.body.violations as Record<string, unknown>[];
  expect(violations).toContainEqual({ column: 'feature.age', code: 'type', count: 1, examples: ['old'] });
  expect(violations).toContainEqual({ column: 'feature.age', code: 'missing', count: 1, examples: [] });
  expect(violations).toContainEqual(expect.objectContaining({ column: 'feature.shoe', code: 'unexpected', count: 1 }));
  expect(violations).toContainEqual({ column: 'prediction', code: 'type', count: 1, examples: ['yes'] });
  const batch = await ledger.request(`/v1/models/typed/batches/${String(sent.body.batch)}`);
  expect(batch.body.violations).toEqual(violations);
  await ledger.settle('typed');
  expect(await ledger.counts('typed')).toMatchObject({ settled: 3, labelled: 1 });
});
