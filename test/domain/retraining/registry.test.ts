import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventShapes } from '../../../schemas/wire/events.ts';
import { issuedRegistryView, registryAnswer, registryEventView } from '../../../schemas/wire/registries.ts';
import { runDetail } from '../../../schemas/wire/retraining.ts';
import { pageOf } from '../../../schemas/wire/shapes.ts';
import { awaitVersion } from '../../../src/domain/promotion/await-version.ts';
import { mlflowSignature } from '../../../src/webhook/mlflow-signature.ts';
import { type Act, day, MODEL, startAct } from './act.ts';

type Notice = { entity?: string; action?: string; timestamp?: string; data?: object };
type Told = { id?: string; secret?: string; seconds?: number; body?: string; headers?: Record<string, string> };

let act: Act;
let registry: { id: string; secret: string };
let sent = 0;

beforeAll(async () => {
  act = await startAct({ policy: { on: 'request', minimum_labelled_rows: 100, cooldown: 0 } });
  await act.logDay(0);
  await act.closeDay(0);
  await act.drain();
  const receiver = { url: act.receiver.url, events: ['model.switched', 'model.rolled_back'], secret: act.secret };
  expect((await act.call('POST', '/v1/webhooks', receiver)).status).toBe(201);
});
beforeEach(async () => {
  const made = await act.call('POST', '/v1/registries', { kind: 'mlflow', models: { 'Credit (EU)': MODEL } });
  registry = issuedRegistryView.parse(made.body);
});
afterAll(() => act.close());

/** A move of the alias, later than every one before. */
const moved = (version: string, changed: Notice & { name?: string; alias?: string } = {}): Notice => {
  const { name = 'Credit (EU)', alias = 'champion', ...rest } = changed;
  act.clock.now = new Date(act.clock.now.getTime() + 1000);
  const timestamp = act.clock.now.toISOString().replace('Z', '123+00:00');
  return { entity: 'model_version_alias', action: 'created', timestamp, data: { name, alias, version }, ...rest };
};

/** Sends a notice as MLflow does. */
async function tell(notice: Notice, told: Told = {}) {
  const body = told.body ?? JSON.stringify(notice);
  const id = told.id ?? `delivery-${sent++}`;
  const timestamp = String(told.seconds ?? Math.floor(act.clock.now.getTime() / 1000));
  const headers = {
    'content-type': 'application/json',
    'x-mlflow-delivery-id': id,
    'x-mlflow-timestamp': timestamp,
    'x-mlflow-signature': mlflowSignature(told.secret ?? registry.secret, { id, timestamp, body }),
    ...told.headers,
  };
  return act.call<{ type?: string; outcome?: string }>('POST', `/v1/registries/${registry.id}/events`, body, headers);
}

/** A run that has made this version and waits for its promotion. */
async function train(name: string): Promise<string> {
  const { body } = await act.call<{ id: string }>('POST', '/v1/runs', { policy: 'on-drift' });
  await act.drain();
  const order = eventShapes['retraining.requested'].parse(act.events().at(-1)?.data);
  const report = { state: 'succeeded', token: order.callback.token, model_version: { name } };
  expect(await act.call('POST', `/v1/runs/${body.id}/events`, report)).toMatchObject({ status: 200 });
  return body.id;
}

const runOf = async (id: string) => runDetail.parse((await act.call('GET', `/v1/runs/${id}`)).body);
const inService = async () =>
  (await act.call<{ current_version: string }>('GET', `/v1/models/${MODEL}`)).body.current_version;
const history = async () =>
  pageOf(registryEventView).parse((await act.call('GET', `/v1/registries/${registry.id}/events`)).body).items;
const problem = (code: string) => ({ body: { type: expect.stringMatching(new RegExp(`/${code}$`)) } });

describe('an alias of MLflow', () => {
  it('promotes the run that has made the version, once for a delivery, with a reason', async () => {
    const run = await train('2');
    const notice = moved('2');
    const first = await tell(notice, { id: 'once' });
    expect(first).toMatchObject({ status: 200, body: { outcome: 'promoted', model: MODEL, model_version: '2', run } });
    registryAnswer.parse(first.body);
    expect(await tell(notice, { id: 'once' })).toEqual(first);
    expect(await tell(moved('2'), { id: 'another' })).toMatchObject({ status: 200, body: { outcome: 'unchanged' } });
    expect(await inService()).toBe('2');
    const { state, events } = await runOf(run);
    expect(state).toBe('promoted');
    expect(events.filter((event) => event.state === 'promoted')).toMatchObject([
      {
        author: `mlflow:${registry.id}`,
        detail: { message: expect.stringContaining('"champion" was set to version 2') },
      },
    ]);
    await act.drain();
    const told = act.events().filter(({ type }) => type === 'model.promoted');
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ data: { run, author: `mlflow:${registry.id}` } });
    expect((await history()).map(({ outcome }) => outcome)).toEqual(['unchanged', 'promoted']);
  });

  it('takes a promotion back when it returns to the version before', async () => {
    await tell(moved('2'));
    const run = await train('3');
    await tell(moved('3'));
    expect(await tell(moved('2'))).toMatchObject({ body: { outcome: 'rolled_back', run, model_version: '2' } });
    expect((await runOf(run)).state).toBe('rolled_back');
    expect(await inService()).toBe('2');
  });

  it('puts a version into service that no run has made, and moves the references that were on the former one', async () => {
    const given = { name: '40', dataset: 'credit', ref: 'v1' };
    expect((await act.call('POST', `/v1/models/${MODEL}/versions`, given)).status).toBe(201);
    expect(await tell(moved('40'))).toMatchObject({ body: { outcome: 'promoted', run: null } });
    await act.drain();
    // The predictions are at the end of the first day: that is their present, whatever day it is today.
    const effective_from = new Date(day(1) + 3_600_000).toISOString();
    expect(act.events().at(-1)).toMatchObject({
      type: 'model.switched',
      data: { effective_from, model_version: '40', reference: { dataset: 'credit', version: 1 }, monitors: ['daily'] },
    });
    type Monitor = { reference: { dataset: string; version: number } };
    const monitor = await act.call<Monitor>('GET', `/v1/models/${MODEL}/monitors/daily`);
    expect(monitor.body.reference).toMatchObject({ dataset: 'credit', version: 1 });
  });

  it('waits for a version whose run has not reported yet', async () => {
    const answer = await tell(moved('50'));
    expect(answer).toMatchObject({ status: 202, body: { outcome: 'waiting', run: null } });
    const [event] = await history();
    const eventId = event?.id ?? 0;
    await awaitVersion(act.ctx, { eventId });
    expect(await history()).toMatchObject([{ outcome: 'waiting' }]);
    const run = await train('50');
    await awaitVersion(act.ctx, { eventId });
    await awaitVersion(act.ctx, { eventId });
    expect(await history()).toMatchObject([{ outcome: 'promoted', run }]);
    expect(await inService()).toBe('50');
  });

  it('is not waited for once it has moved on, nor for more than a day', async () => {
    await tell(moved('60'));
    await tell(moved('61'));
    const [second, first] = await history();
    await awaitVersion(act.ctx, { eventId: first?.id ?? 0 });
    act.clock.now = new Date(act.clock.now.getTime() + 86_400_000);
    await awaitVersion(act.ctx, { eventId: second?.id ?? 0 });
    act.clock.now = new Date(act.clock.now.getTime() - 86_400_000);
    expect((await history()).map(({ outcome }) => outcome)).toEqual(['lapsed', 'superseded']);
    await act.ctx.sql`delete from jobs where name = 'await-version'`;
  });

  it('counts in the order in which it was moved, not in that of arrival', async () => {
    const [early, late] = [moved('2'), moved('50')];
    await tell(late);
    expect(await tell(early)).toMatchObject({ body: { outcome: 'superseded' } });
    expect(await inService()).toBe('50');
  });

  it('takes deliveries that come together one after another', async () => {
    const notice = moved('2');
    const answers = await Promise.all([1, 2, 3, 4].map(() => tell(notice, { id: 'together' })));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 200, body: { outcome: 'promoted' } });
    expect(await history()).toHaveLength(1);
  });
});

describe('what MLflow says otherwise', () => {
  it.each([
    ['another model', { name: 'nobody' }],
    ['another alias', { alias: 'challenger' }],
    ['an alias that is gone', { action: 'deleted' }],
    ['another entity', { entity: 'registered_model' }],
    ['nothing of a version', { data: { name: 'Credit (EU)', alias: 'champion' } }],
    ['a model like a member of every object', { name: 'constructor' }],
  ])('is heard and changes nothing: %s', async (_, changed) => {
    const before = await inService();
    expect(await tell(moved('3', changed))).toMatchObject({ status: 200, body: { outcome: 'ignored', run: null } });
    expect(await inService()).toBe(before);
    expect(await history()).toEqual([]);
  });

  it('is refused unless it is signed with the secret, now', async () => {
    const notice = moved('3');
    const seconds = Math.floor(act.clock.now.getTime() / 1000);
    const refused: Told[] = [
      { secret: 'whsec_another' },
      { seconds: seconds - 301 },
      { seconds: seconds + 302 },
      { headers: { 'x-mlflow-signature': 'v1,AAAA' } },
      { headers: { 'x-mlflow-timestamp': 'today' } },
      { headers: { 'x-mlflow-delivery-id': 'another' } },
      { headers: { 'x-mlflow-delivery-id': 'x'.repeat(201) } },
    ];
    for (const told of refused) {
      expect(await tell(notice, told), JSON.stringify(told)).toMatchObject({
        status: 401,
        ...problem('unauthenticated'),
      });
    }
    const bare = await act.call('POST', `/v1/registries/${registry.id}/events`, notice);
    expect(bare).toMatchObject({ status: 401, body: { detail: expect.stringContaining('Give the webhook a secret') } });
    expect(await history()).toEqual([]);
  });

  it('does not tell which registries there are', async () => {
    const wrong = await tell(moved('3'), { secret: 'whsec_another' });
    const { id, secret } = registry;
    await act.call('DELETE', `/v1/registries/${id}`);
    registry = { id, secret };
    const gone = await tell(moved('3'));
    expect([gone.status, (gone.body as { detail?: string }).detail]).toEqual([
      401,
      (wrong.body as { detail?: string }).detail,
    ]);
  });

  it('is refused with a reason when it is no notice', async () => {
    expect(await tell({}, { body: 'not json' })).toMatchObject({ status: 400, ...problem('bad-request') });
    expect(await tell({}, { body: '{}' })).toMatchObject({ status: 422, ...problem('invalid-body') });
    expect(await tell(moved('3', { name: 'a\0b' }))).toMatchObject({ status: 422 });
    expect(await tell({}, { body: ' '.repeat(70_000) })).toMatchObject({ status: 413, ...problem('too-large') });
    const notice = moved('3');
    await tell(notice, { id: 'reused' });
    expect(await tell({ ...notice, action: 'deleted' }, { id: 'reused' })).toMatchObject({
      status: 422,
      ...problem('idempotency-key-reused'),
    });
  });
});

describe('a registry', () => {
  it('is made once for an idempotency key, shows its secret then, and keeps it sealed', async () => {
    const given = { kind: 'mlflow', alias: 'prod', secret: 'a-secret-of-somebody' };
    const key = { 'idempotency-key': 'registry-1' };
    const first = await act.call<{ id: string }>('POST', '/v1/registries', given, key);
    expect(first).toMatchObject({ status: 201, body: { secret: given.secret, alias: 'prod', version_prefix: '' } });
    expect(await act.call('POST', '/v1/registries', given, key)).toEqual(first);
    const other = { ...given, alias: 'champion' };
    expect(await act.call('POST', '/v1/registries', other, key)).toMatchObject(problem('idempotency-key-reused'));
    const shown = JSON.stringify((await act.call('GET', '/v1/registries')).body);
    expect(shown).toContain(first.body.id);
    expect(shown).not.toContain(given.secret);
    const rows = await act.ctx.sql`select registries::text, answer::text from registries, idempotency_keys`;
    expect(JSON.stringify(rows)).not.toContain(given.secret);
    expect(await act.call('GET', `/v1/registries/${first.body.id}`)).toMatchObject({ status: 200 });
    expect(await act.call('GET', '/v1/registries/reg_none')).toMatchObject({ status: 404 });
    expect(await act.call('GET', `/v1/registries/${first.body.id}/events?cursor=x`)).toMatchObject({ status: 400 });
  });

  it('goes with what it has said, and leaves what it has promoted', async () => {
    const run = await train('70');
    await tell(moved('70'));
    expect(await act.call('DELETE', `/v1/registries/${registry.id}`)).toMatchObject({ status: 204 });
    expect(await act.call('DELETE', `/v1/registries/${registry.id}`)).toMatchObject({ status: 404 });
    expect((await runOf(run)).state).toBe('promoted');
  });
});
