import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventShapes } from '../../../schemas/wire/events.ts';
import { runDetail } from '../../../schemas/wire/retraining.ts';
import { considerPolicy } from '../../../src/domain/retraining/consider.ts';
import { prepareRun } from '../../../src/domain/retraining/prepare.ts';
import { type Act, MODEL, startAct } from './act.ts';

/**
 * A run from its request to its rollback, with the service killed once in each transition: the message is the last that
 * is written, so whatever came before it has to vanish with it, and the repetition has to make it all.
 */
let act: Act;
beforeAll(async () => {
  act = await startAct({
    policy: {
      on: 'request',
      minimum_labelled_rows: 100,
      cooldown: 0,
      schedule: '* * * * *',
      approval: { within: 'PT1H' },
    },
  });
  await act.logDay(0);
  await act.closeDay(0);
  await act.drain();
});
afterAll(() => act.close());

const runs = async () => (await act.call<{ items: { id: string; state: string }[] }>('GET', '/v1/runs')).body.items;
const runOf = async (id: string) => runDetail.parse((await act.call('GET', `/v1/runs/${id}`)).body);
const state = async () =>
  JSON.stringify(
    await act.ctx.sql`
    select (select json_agg(r order by id) from runs r) as runs, (select count(*) from run_events) as events,
      (select count(*) from messages) as messages, (select current_version_id from models) as current,
      (select count(*) from monitor_revisions) as revisions, (select json_agg(c order by id) from run_causes c) as causes`,
  );

/** Does something with the service dying as it writes the message; then does it again. */
async function killed<T>(what: () => Promise<T>): Promise<T> {
  const before = await state();
  const { newId } = act.ctx;
  let died = false;
  Object.assign(act.ctx, {
    newId: (prefix: string) => {
      if (prefix !== 'msg') return newId(prefix);
      died = true;
      throw new Error('killed');
    },
  });
  await what().catch(() => undefined);
  Object.assign(act.ctx, { newId });
  expect(died).toBe(true);
  expect(await state()).toBe(before);
  return what();
}

const events = ['retraining.awaiting_approval', 'retraining.requested', 'retraining.succeeded', 'retraining.cancelled'];

describe('a run whose service is killed in each transition', () => {
  it('is started, asked for, made, promoted and rolled back once', async () => {
    const [endpoint] = (await act.call<{ items: { id: string }[] }>('GET', '/v1/webhooks')).body.items;
    await act.call('PATCH', `/v1/webhooks/${endpoint?.id}`, {
      events: [...events, 'model.promoted', 'model.rolled_back'],
    });
    const [policy] = await act.ctx.sql<{ id: string }[]>`select id from policies`;
    act.clock.now = new Date(act.clock.now.getTime() + 60_000);
    await killed(() => considerPolicy(act.ctx, { policyId: policy?.id ?? '' }));
    const [run, ...others] = await runs();
    expect(others).toEqual([]);
    const id = run?.id ?? '';
    await act.call('POST', `/v1/runs/${id}/approve`, {});
    // The version that was derived before the kill is the one that is derived again.
    await prepareRun(
      {
        ...act.ctx,
        randomBytes: () => {
          throw new Error('killed');
        },
      },
      { runId: id },
    ).catch(() => undefined);
    await killed(() => prepareRun(act.ctx, { runId: id }));
    const bodies = await act.ctx.sql<{ body: string }[]>`select body from messages where type = 'retraining.requested'`;
    const order = eventShapes['retraining.requested'].parse(
      (JSON.parse(bodies[0]?.body ?? '{}') as { data: unknown }).data,
    );
    expect(order.training.version).toBe(1);
    const call = async (path: string, body: object) => {
      const answer = await act.call(`POST`, path, body);
      if (answer.status !== 200) throw new Error(JSON.stringify(answer));
    };
    const report = { state: 'succeeded', token: order.callback.token, model_version: { name: 'second' } };
    await killed(() => call(`/v1/runs/${id}/events`, report));
    await killed(() => call(`/v1/runs/${id}/promote`, {}));
    await killed(() => call(`/v1/runs/${id}/rollback`, { reason: 'to see' }));
    const done = await runOf(id);
    expect(done.events.map(({ state: at }) => at)).toEqual([
      'awaiting_approval',
      'preparing',
      'requested',
      'succeeded',
      'promoted',
      'rolled_back',
    ]);
    expect(done.messages.map(({ type }) => type)).toEqual([
      'retraining.awaiting_approval',
      'retraining.requested',
      'retraining.succeeded',
      'model.promoted',
      'model.rolled_back',
    ]);
    const { body } = await act.call<{ items: { name: string; current: boolean }[] }>(
      'GET',
      `/v1/models/${MODEL}/versions`,
    );
    expect(body.items.map(({ name, current }) => [name, current])).toEqual([
      ['first', true],
      ['second', false],
    ]);
  });
});
