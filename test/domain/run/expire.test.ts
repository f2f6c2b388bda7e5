import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventShapes } from '../../../schemas/wire/events.ts';
import { runDetail } from '../../../schemas/wire/retraining.ts';
import { prepareRun } from '../../../src/domain/retraining/prepare.ts';
import { expireRun } from '../../../src/domain/run/expire.ts';
import { type Act, startAct } from '../retraining/act.ts';

let act: Act;
beforeAll(async () => {
  act = await startAct({ policy: { on: 'request', minimum_labelled_rows: 100 } });
  await act.logDay(0, { labels: false });
  await act.closeDay(0);
  await act.drain();
});
afterAll(() => act.close());

const runOf = async (id: string) => runDetail.parse((await act.call('GET', `/v1/runs/${id}`)).body);
const start = async () => (await act.call<{ id: string }>('POST', '/v1/runs', { policy: 'on-drift' })).body.id;

/** The clock of the tests stands: a run that was to end as it began has no time left. */
async function expire(run: string): Promise<void> {
  await act.ctx.sql`update runs set deadline_at = created_at where id = ${run}`;
  await expireRun(act.ctx, { runId: run });
}

const overdue = async (run: string) => {
  const { state, error } = await runOf(run);
  expect(state).toBe('timed_out');
  return error;
};
const late = 'The run did not end by its deadline:';

describe('a run whose time is over says where it stood', () => {
  it('while it waited for labels, how many it needs', async () => {
    const run = await start();
    await prepareRun(act.ctx, { runId: run });
    await expire(run);
    expect(await overdue(run)).toBe(`${late} it waited for labels (100 are needed, "minimum_labelled_rows").`);
  });

  it('while it was prepared', async () => {
    const run = await start();
    await expire(run);
    expect(await overdue(run)).toBe(`${late} its training data was still being prepared.`);
  });

  it('when no receiver has taken its request, which is not sent any more', async () => {
    await act.logDay(1);
    await act.closeDay(1);
    await act.drain();
    const run = await start();
    await act.drain(['deliver-messages']);
    expect((await runOf(run)).state).toBe('requested');
    await expire(run);
    expect(await overdue(run)).toBe(`${late} no receiver took its request (see its messages).`);
    await act.drain();
    expect(act.events().map(({ type, data }) => [type, data.run])).not.toContainEqual(['retraining.requested', run]);
    expect((await runOf(run)).messages.map(({ type, state }) => [type, state])).toEqual([
      ['retraining.requested', 'discarded'],
      ['retraining.failed', 'delivered'],
    ]);
  });

  it('when its pipeline never answered', async () => {
    const run = await start();
    await act.drain();
    await expire(run);
    expect(await overdue(run)).toBe(
      `${late} its request was delivered, and no pipeline reported on it (at "callback.url").`,
    );
  });

  it('when its pipeline fell silent', async () => {
    const run = await start();
    await act.drain();
    const { token } = eventShapes['retraining.requested'].parse(act.events().at(-1)?.data).callback;
    await act.call('POST', `/v1/runs/${run}/events`, { state: 'running', token });
    await expire(run);
    expect(await overdue(run)).toBe(`${late} it was running, and its pipeline reported nothing more.`);
  });

  it('when nobody takes requests', async () => {
    const { body } = await act.call<{ items: { id: string }[] }>('GET', '/v1/webhooks');
    for (const { id } of body.items) await act.call('DELETE', `/v1/webhooks/${id}`);
    const run = await start();
    await act.drain();
    const asked = (await runOf(run)).events.find(({ state }) => state === 'requested');
    expect(asked?.detail).toMatchObject({
      messages: 0,
      message: expect.stringMatching(/^Nobody was asked: no webhook/),
    });
    await expire(run);
    expect(await overdue(run)).toMatch(/no webhook takes "retraining\.requested".*POST \/v1\/webhooks/);
  });
});
