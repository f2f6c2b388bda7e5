import type { TransactionSql } from 'postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { eventShapes } from '../../../schemas/wire/events.ts';
import type { monitorView } from '../../../schemas/wire/monitors.ts';
import { issuedRegistryView } from '../../../schemas/wire/registries.ts';
import { mlflowSignature } from '../../../src/webhook/mlflow-signature.ts';
import { meanwhile } from '../../support/meanwhile.ts';
import { type Act, MODEL, startAct } from '../retraining/act.ts';

/** What a promotion meets that is changed in the same moment, and what meets a promotion. */

const BASE = `/v1/models/${MODEL}/monitors`;
const TRAINED = `${MODEL}-retraining@v1`;

let act: Act;
let run = '';
let other = 0;
beforeAll(async () => {
  act = await startAct({ policy: { on: 'request', minimum_labelled_rows: 100, cooldown: 0 } });
  const csv = { 'content-type': 'text/csv' };
  await act.call('POST', '/v1/datasets/other/versions?path=other.csv', 'income,age\n1,2\n3,4\n', csv);
  await act.drain();
  for (const name of ['weekly', 'gone']) await act.call('POST', BASE, { name, window: { length: 'P7D' } });
  await act.logDay(0);
  await act.closeDay(0);
  await act.drain();
  run = (await act.call<{ id: string }>('POST', '/v1/runs', { policy: 'on-drift' })).body.id;
  await act.drain();
  const order = eventShapes['retraining.requested'].parse(act.events().at(-1)?.data);
  const report = { state: 'succeeded', token: order.callback.token, model_version: { name: 'second' } };
  expect(await act.call('POST', `/v1/runs/${run}/events`, report)).toMatchObject({ status: 200 });
  await act.drain();
  const [row] = await act.ctx.sql<{ id: string }[]>`
    select v.id from versions v join datasets d on d.id = v.dataset_id where d.name = 'other'`;
  other = Number(row?.id);
});
beforeEach(() => restore());
afterAll(() => act.close());

/** As it was before anything was promoted. */
async function restore(): Promise<void> {
  const { sql } = act.ctx;
  await sql`update runs set state = 'succeeded', promoted_at = null, former_model_version_id = null`;
  await sql`update models set current_version_id = (select id from model_versions where name = 'first')`;
  await sql`delete from monitor_revisions where revision > 1`;
  await sql`update monitors set deleted_at = null, enabled = 'on' where name in ('daily', 'weekly', 'gone')`;
}

/** As a change of the monitor does it. */
async function giveOtherData(tx: TransactionSql, monitor: string): Promise<void> {
  await tx`select 1 from monitors where name = ${monitor} for no key update`;
  await tx`
    insert into monitor_revisions (monitor_id, revision, effective_from, config, reference_version_id, reference_oid, author, reason)
    select r.monitor_id, 2, null, r.config, ${other}, r.reference_oid, 'somebody', 'other data'
    from monitor_revisions r join monitors m on m.id = r.monitor_id where m.name = ${monitor} and r.revision = 1`;
}

const deleteMonitor = async (tx: TransactionSql, monitor: string): Promise<void> => {
  await tx`select 1 from monitors where name = ${monitor} for no key update`;
  await tx`update monitors set deleted_at = now(), enabled = 'off' where name = ${monitor}`;
};

const promote = () => act.call('POST', `/v1/runs/${run}/promote`, {});

/** As a promotion does it. */
async function putIntoService(tx: TransactionSql): Promise<void> {
  await tx`
    update runs set state = 'promoted', promoted_at = now(),
      former_model_version_id = (select current_version_id from models where name = ${MODEL}),
      former_reference_version_id = reference_version_id where id = ${run}`;
  await tx`update models set current_version_id = (select id from model_versions where name = 'second') where name = ${MODEL}`;
}

type Shown = Pick<z.infer<typeof monitorView>, 'reference'>;
const referenceOf = async (name: string) => {
  const { reference } = (await act.call<Shown>('GET', `${BASE}/${name}`)).body;
  return `${reference.dataset}@v${reference.version}`;
};

describe('a promotion', () => {
  it('leaves a monitor that is given other data in the same moment', async () => {
    const promoted = await meanwhile(act.ctx.sql, (tx) => giveOtherData(tx, 'weekly'), promote);
    expect(promoted).toMatchObject({ status: 200 });
    expect([await referenceOf('daily'), await referenceOf('weekly')]).toEqual([TRAINED, 'other@v1']);
  });

  it('remembers what the monitor of its policy compared with when it was moved', async () => {
    expect(await meanwhile(act.ctx.sql, (tx) => giveOtherData(tx, 'daily'), promote)).toMatchObject({ status: 200 });
    expect(await referenceOf('daily')).toBe(TRAINED);
    const [row] = await act.ctx.sql`select former_reference_version_id::int former from runs where id = ${run}`;
    expect(row).toEqual({ former: other });
  });

  it('writes nothing to a monitor that is deleted in the same moment', async () => {
    expect(await meanwhile(act.ctx.sql, (tx) => deleteMonitor(tx, 'gone'), promote)).toMatchObject({ status: 200 });
    const revisions = await act.ctx.sql`
      select r.revision from monitor_revisions r join monitors m on m.id = r.monitor_id where m.name = 'gone'`;
    expect(revisions).toHaveLength(1);
  });
});

describe('a version that is put into service', () => {
  it.each([
    ['made', 'POST', BASE, { name: 'fresh' }],
    ['made in a list', 'POST', BASE, [{ name: 'listed', dataset: 'credit', ref: 'v1' }, { name: 'fresh-too' }]],
    ['put', 'PUT', `${BASE}/weekly`, { window: { length: 'P7D' }, alpha: 0.01 }],
  ] as const)('is what a monitor goes with that is %s in the same moment', async (_, method, path, wanted) => {
    const answer = await meanwhile(act.ctx.sql, putIntoService, () => act.call(method, path, wanted));
    expect(answer.status).toBeLessThan(300);
    const name = method === 'PUT' ? 'weekly' : Array.isArray(wanted) ? 'fresh-too' : 'fresh';
    expect(await referenceOf(name)).toBe(TRAINED);
  });

  it('is taken back by a registry that returns to the one before in the same moment', async () => {
    const made = await act.call('POST', '/v1/registries', { kind: 'mlflow' });
    const registry = issuedRegistryView.parse(made.body);
    const timestamp = act.clock.now.toISOString();
    const data = { name: MODEL, alias: 'champion', version: 'first' };
    const body = JSON.stringify({ entity: 'model_version_alias', action: 'created', timestamp, data });
    const seconds = String(Math.floor(act.clock.now.getTime() / 1000));
    const delivery = { id: 'back', timestamp: seconds, body };
    const headers = {
      'content-type': 'application/json',
      'x-mlflow-delivery-id': delivery.id,
      'x-mlflow-timestamp': seconds,
      'x-mlflow-signature': mlflowSignature(registry.secret, delivery),
    };
    const answer = await meanwhile(act.ctx.sql, putIntoService, () =>
      act.call('POST', `/v1/registries/${registry.id}/events`, body, headers),
    );
    expect(answer).toMatchObject({ status: 200, body: { outcome: 'rolled_back', run } });
  });
});

describe('a monitor that is deleted in the same moment', () => {
  it('starts no retraining', async () => {
    const policy = { name: 'late', model: MODEL, monitor: 'gone' };
    const made = meanwhile(
      act.ctx.sql,
      (tx) => deleteMonitor(tx, 'gone'),
      () => act.call('POST', '/v1/policies', policy),
    );
    expect((await made).status).toBe(404);
    expect((await act.call('GET', '/v1/policies/late')).status).toBe(404);
  });

  it('starts none that is switched on again', async () => {
    expect((await act.call('POST', '/v1/policies', { name: 'again', model: MODEL, monitor: 'gone' })).status).toBe(201);
    await act.call('PATCH', '/v1/policies/again', { enabled: false });
    const on = meanwhile(
      act.ctx.sql,
      (tx) => deleteMonitor(tx, 'gone'),
      () => act.call('PATCH', '/v1/policies/again', { enabled: true }),
    );
    expect((await on).status).toBe(404);
    expect((await act.call('GET', '/v1/policies/again')).body).toMatchObject({ enabled: false });
  });

  it('is compared with by no other', async () => {
    await act.call('POST', '/v1/models', { name: 'rival', task: 'binary', positive_label: '1' });
    await act.call('POST', '/v1/models/rival/versions', { dataset: 'credit', ref: 'v1' });
    const reference = { kind: 'model', model: MODEL, monitor: 'gone' };
    const wanted = { name: 'beside', window: { length: 'P7D' }, reference };
    const post = () => act.call('POST', '/v1/models/rival/monitors', wanted);
    expect((await meanwhile(act.ctx.sql, (tx) => deleteMonitor(tx, 'gone'), post)).status).toBe(422);
    await restore();
    expect((await post()).status).toBe(201);
  });
});
