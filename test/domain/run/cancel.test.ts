import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventShapes } from '../../../schemas/wire/events.ts';
import { runAnswer, runDetail } from '../../../schemas/wire/retraining.ts';
import { prepareRun } from '../../../src/domain/retraining/prepare.ts';
import { type Act, startAct } from '../retraining/act.ts';

let act: Act;
beforeAll(async () => {
  act = await startAct({ policy: { on: 'request', minimum_labelled_rows: 100 } });
  await act.logDay(0);
  await act.closeDay(0);
  await act.drain();
});
afterAll(() => act.close());

const runOf = async (id: string) => runDetail.parse((await act.call('GET', `/v1/runs/${id}`)).body);
const start = async () => (await act.call<{ id: string }>('POST', '/v1/runs', { policy: 'on-drift' })).body.id;
const cancel = (run: string) => act.call('POST', `/v1/runs/${run}/cancel`, { reason: 'the data is wrong' });
const orderOf = () => {
  const asked = act.events().filter(({ type }) => type === 'retraining.requested');
  return eventShapes['retraining.requested'].parse(asked.at(-1)?.data);
};

describe('a run', () => {
  it('says how far it is and where it is followed, and its pipeline can give it up', async () => {
    const run = await start();
    await act.drain();
    let { token } = orderOf().callback;
    const report = async (body: object) => {
      const taken = await act.call('POST', `/v1/runs/${run}/events`, { ...body, token });
      const answer = runAnswer.parse(taken.body);
      token = answer.next_token ?? token;
      return answer.state;
    };
    await report({ state: 'accepted', external_url: 'https://ci.example/1' });
    await report({ state: 'running', progress: 0.25 });
    expect(await runOf(run)).toMatchObject({ progress: 0.25, external_url: 'https://ci.example/1' });
    await report({ state: 'running', message: 'still at it' });
    expect(await runOf(run)).toMatchObject({ progress: 0.25 });
    const wrong = { state: 'running', progress: 1.5, token };
    expect(await act.call('POST', `/v1/runs/${run}/events`, wrong)).toMatchObject({ status: 422 });
    expect(await report({ state: 'cancelled', message: 'out of quota' })).toBe('cancelled');
    expect(await runOf(run)).toMatchObject({ state: 'cancelled', error: 'out of quota' });
  });

  it('is cancelled while it is prepared, and is never asked for then', async () => {
    const before = act.events().length;
    const run = await start();
    expect(await cancel(run)).toMatchObject({ status: 200, body: { state: 'cancelled', error: 'the data is wrong' } });
    expect(await cancel(run)).toMatchObject({ status: 200 });
    await prepareRun(act.ctx, { runId: run });
    await act.drain();
    expect((await runOf(run)).state).toBe('cancelled');
    expect(act.events()).toHaveLength(before);
  });

  it('takes its request back while that waits to be sent', async () => {
    const run = await start();
    await act.drain(['deliver-messages']);
    expect((await runOf(run)).state).toBe('requested');
    await cancel(run);
    await act.drain();
    expect((await runOf(run)).messages.map(({ type, state }) => [type, state])).toEqual([
      ['retraining.requested', 'discarded'],
    ]);
  });

  it('refuses the reports of a pipeline that works on though it is cancelled, and says why', async () => {
    const run = await start();
    await act.drain();
    const { token } = orderOf().callback;
    await cancel(run);
    const late = await act.call('POST', `/v1/runs/${run}/events`, { state: 'running', token });
    expect(late).toMatchObject({ status: 409, body: { state: 'cancelled' } });
  });

  it('that has ended is not cancelled', async () => {
    const run = await start();
    await act.drain();
    await act.call('POST', `/v1/runs/${run}/events`, { state: 'failed', token: orderOf().callback.token });
    expect(await cancel(run)).toMatchObject({ status: 409 });
    expect(await cancel('run_none')).toMatchObject({ status: 404 });
  });
});
