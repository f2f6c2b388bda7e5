import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { alertDetail } from '../../../schemas/wire/alerts.ts';
import { type EventData, eventShapes } from '../../../schemas/wire/events.ts';
import { runAnswer, runDetail } from '../../../schemas/wire/retraining.ts';
import { textsOf } from '../../../src/domain/log/settle/settling-rows.ts';
import { openTable } from '../../../src/formats/table-reader.ts';
import { type Act, day, MODEL, startAct } from './act.ts';

type Alert = z.infer<typeof alertDetail>;

/** The whole way: drift, alert, message, derived data, retraining, callback, promotion, resolution. */
describe('the loop', () => {
  let act: Act;
  let order: EventData<'retraining.requested'>;
  beforeAll(async () => {
    act = await startAct();
    await act.logDay(0);
    await act.logDay(1);
    for (const n of [2, 3, 4]) await act.logDay(n, { shift: 1 });
    await act.drain();
  });
  afterAll(() => act.close());

  const alerts = async (query = '') => (await act.call<{ items: Alert[] }>('GET', `/v1/alerts${query}`)).body.items;
  const report = (token: string, body: object, key?: string) =>
    act.call<{ next_token: string | null; type?: string }>('POST', `/v1/runs/${order.run}/events`, body, {
      authorization: `Bearer ${token}`,
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    });

  it('fires one alert after two windows and says what moved against which bytes', async () => {
    const [alert, ...others] = await alerts('?state=firing');
    expect(others).toEqual([]);
    expect(alert).toMatchObject({
      model: MODEL,
      monitor: 'daily',
      state: 'firing',
      streak: 2,
      from: new Date(day(2)).toISOString(),
      through: new Date(day(4)).toISOString(),
    });
    const firing = act.events().filter(({ type }) => type === 'alert.firing');
    expect(firing).toHaveLength(1);
    const data = eventShapes['alert.firing'].parse(firing[0]?.data);
    expect(data).toMatchObject({
      alert: alert?.id,
      state: 'firing',
      reason: 'drift_confirmed',
      reference: { dataset: 'credit', version: 1 },
      rows: 300,
      columns_drifted: 1,
      config_revision: 1,
      window: { start: new Date(day(3)).toISOString(), revision: 1 },
    });
    expect(data.worst_columns[0]).toMatchObject({ column: 'income', verdict: 'drift', direction: 'higher' });
    // The days before and the two that it fired on, in order.
    const [healthy, ...drifted] = data.worst_columns[0]?.series?.slice(1) ?? [];
    expect(drifted).toHaveLength(2);
    expect(drifted.at(-1)).toBe(data.worst_columns[0]?.effect);
    expect(healthy ?? 1).toBeLessThan(drifted[0] ?? 0);
    expect(data.worst_columns[0]?.effect).toBeGreaterThan(data.worst_columns[0]?.limit ?? Number.POSITIVE_INFINITY);
    expect(data.reference.pointer).toContain(`md5: ${data.reference.oid}`);
  });

  it('asks for one retraining on the labelled predictions of the alert', async () => {
    const asked = act.events().filter(({ type }) => type === 'retraining.requested');
    expect(asked).toHaveLength(1);
    order = eventShapes['retraining.requested'].parse(asked[0]?.data);
    expect(order).toMatchObject({
      policy: 'on-drift',
      reference: { dataset: 'credit', version: 1 },
      training: {
        dataset: `${MODEL}-retraining`,
        version: 1,
        rows: 600,
        from: new Date(day(2)).toISOString(),
        to: new Date(day(4)).toISOString(),
      },
    });
    expect(order.callback.token).toMatch(/^tmr_/);
    const stored = await act.ctx.sql<{ found: boolean }[]>`
      select exists (select 1 from run_tokens where sha256 like '%tmr_%') or
        exists (select 1 from run_events where detail::text like '%tmr_%') as found`;
    expect(stored[0]?.found).toBe(false);
  });

  it('derives a table like the reference: its names, its types, only labelled rows', async () => {
    const { pathname } = new URL(order.training.files[0]?.url ?? '');
    const path = `/v1/datasets/${order.training.dataset}/versions/v1`;
    expect(pathname).toBe(`${path}/files/training.parquet`);
    const version = await act.call<{ provenance: Record<string, unknown> }>('GET', path);
    expect(version.body.provenance).toMatchObject({
      kind: 'derived',
      model: MODEL,
      run: order.run,
      reference: { dataset: 'credit', version: 1, oid: order.reference.oid },
    });
    const folder = await mkdtemp(join(tmpdir(), 'tidemark-derived-'));
    const file = join(folder, 'training.parquet');
    const stored = [];
    for await (const chunk of await act.ctx.remote.read(order.training.oid)) stored.push(chunk);
    await writeFile(file, Buffer.concat(stored));
    const table = await openTable(file, { name: 'training.parquet' });
    expect(table.fields).toEqual([
      { name: 'income', type: 'float64' },
      { name: 'age', type: 'int64' },
      { name: 'region', type: 'text' },
      { name: 'prediction', type: 'int64' },
      { name: 'score', type: 'float64' },
      { name: 'prediction_id', type: 'text' },
      { name: 'timestamp', type: 'timestamp' },
      { name: 'defaulted', type: 'int64' },
    ]);
    let rows = 0;
    for await (const batch of table.batches()) {
      const texts = batch.columns.map((column) => textsOf(column, batch.rows));
      // In this story the label is the prediction.
      expect(texts[7]).toEqual(texts[3]);
      if (rows === 0) expect([texts[5]?.[0], texts[6]?.[0]]).toEqual(['d2-0', new Date(day(2)).toISOString()]);
      rows += batch.rows;
    }
    expect(rows).toBe(600);
    await table.close();
    await rm(folder, { recursive: true });
  });

  it('shows the token to nobody but the receiver', async () => {
    const run = runDetail.parse((await act.call('GET', `/v1/runs/${order.run}`)).body);
    expect(run).toMatchObject({ state: 'requested', policy: 'on-drift', training: { version: 1 } });
    expect(run.messages).toMatchObject([{ type: 'retraining.requested', state: 'delivered' }]);
    const message = await act.call('GET', `/v1/messages/${run.messages[0]?.id}`);
    expect(JSON.stringify(message.body)).not.toContain('tmr_');
    expect(JSON.stringify(run)).not.toContain('tmr_');
  });

  it('takes reports by single-use tokens, each answer with the next one', async () => {
    const first = order.callback.token;
    expect(await report('tmr_nonsense', { state: 'accepted' })).toMatchObject({ status: 401 });
    expect(await report(first, { state: 'promoted' })).toMatchObject({ status: 422 });
    expect(await report(first, { state: 'accepted', hidden: 1 })).toMatchObject({ status: 422 });
    const accepted = await report(first, { state: 'accepted', external_url: 'https://ci.example/1' }, 'one');
    expect(accepted).toMatchObject({ status: 200, body: { run: order.run, state: 'accepted' } });
    const { next_token: second } = runAnswer.parse(accepted.body);
    expect(await report(first, { state: 'accepted' })).toMatchObject({
      status: 409,
      body: { type: expect.stringMatching(/token-used$/) },
    });
    // The answer was lost: the same report under the same key gets it again.
    const again = await report(first, { state: 'accepted', external_url: 'https://ci.example/1' }, 'one');
    expect(again).toEqual(accepted);
    expect(await report(first, { state: 'running' }, 'one')).toMatchObject({
      status: 422,
      body: { type: expect.stringMatching(/idempotency-key-reused$/) },
    });
    const running = await report(second ?? '', { state: 'running', message: 'half way', metrics: { epoch: 5 } });
    expect(running).toMatchObject({ status: 200, body: { state: 'running' } });
    const third = running.body.next_token ?? '';
    // Backwards is refused, and the token is not used up by it.
    expect(await report(third, { state: 'accepted' })).toMatchObject({ status: 409 });
    const taken = { state: 'succeeded', model_version: { name: 'first' } };
    expect(await report(third, taken)).toMatchObject({
      status: 409,
      body: { type: expect.stringMatching(/conflict$/) },
    });
    const done = await report(third, {
      state: 'succeeded',
      metrics: { roc_auc: 0.91 },
      model_version: { name: 'second', metrics: { roc_auc: 0.91 } },
    });
    expect(done).toEqual({ status: 200, body: { run: order.run, state: 'succeeded', next_token: null } });
  });

  it('registers the model as a challenger, bound to what it was trained on', async () => {
    type Versions = { items: { name: string; current: boolean; dataset: string; roles: object }[] };
    const { body } = await act.call<Versions>('GET', `/v1/models/${MODEL}/versions`);
    expect(body.items.map(({ name, current, dataset }) => [name, current, dataset])).toEqual([
      ['first', true, 'credit'],
      ['second', false, `${MODEL}-retraining`],
    ]);
    // The predictions in it are the former model's: the new one's are not compared with them.
    expect(body.items[1]?.roles).toMatchObject({ label: 'defaulted', ignore: ['prediction', 'score'] });
  });

  it('promotes: the reference moves from then on, the alert ends, all is told', async () => {
    const effective = new Date(day(5)).toISOString();
    // Later than all that was told, each about its own thing.
    act.clock.now = new Date(act.clock.now.getTime() + 1000);
    const promoted = await act.call('POST', `/v1/runs/${order.run}/promote`, { effective_from: effective });
    expect(promoted).toMatchObject({ status: 200, body: { state: 'promoted', model_version: 'second' } });
    expect(await act.call('POST', `/v1/runs/${order.run}/promote`, {})).toMatchObject(promoted);
    await act.drain();
    const [alert] = await alerts();
    expect(alert).toMatchObject({ state: 'resolved' });
    const detail = (await act.call<Alert>('GET', `/v1/alerts/${alert?.id}`)).body;
    expect(detail.events.map(({ reason }) => reason)).toEqual([
      'drift_began',
      'drift_confirmed',
      'run_started',
      'reference_moved',
    ]);
    expect(detail.runs).toMatchObject([{ id: order.run, state: 'promoted' }]);
    expect(act.events().map(({ type }) => type)).toEqual([
      'alert.firing',
      'retraining.requested',
      'retraining.succeeded',
      'model.promoted',
      'alert.resolved',
    ]);
    expect(detail.messages.map(({ type, tries }) => [type, tries.length])).toEqual(
      act.events().map(({ type }) => [type, 1]),
    );
    const monitor = await act.call(`GET`, `/v1/models/${MODEL}/monitors/daily`);
    expect(monitor.body).toMatchObject({
      // Predictions have not come so far yet.
      revision: 1,
      scheduled: [
        { revision: 2, effective_from: effective, reference: { dataset: `${MODEL}-retraining`, version: 1 } },
      ],
    });
  });

  it('judges what follows by the new reference, and stays calm', async () => {
    await act.drain();
    for (const n of [5, 6, 7]) await act.logDay(n, { shift: 1 });
    await act.drain();
    type Windows = { items: { start: string; verdict: string | null }[] };
    const { body } = await act.call<Windows>('GET', `/v1/models/${MODEL}/monitors/daily/windows?limit=100`);
    const verdicts = Object.fromEntries(body.items.map(({ start, verdict }) => [start.slice(8, 10), verdict]));
    expect(verdicts).toMatchObject({ '07': 'drift', '08': 'drift', '10': 'no_drift', '11': 'no_drift' });
    expect(await alerts('?state=firing')).toEqual([]);
  });
});
