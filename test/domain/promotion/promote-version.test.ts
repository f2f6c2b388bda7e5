import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventShapes } from '../../../schemas/wire/events.ts';
import { versionPromotionView } from '../../../schemas/wire/models.ts';
import type { monitorView } from '../../../schemas/wire/monitors.ts';
import { type Act, MODEL, startAct } from '../retraining/act.ts';

const VERSIONS = `/v1/models/${MODEL}/versions`;

let act: Act;
beforeAll(async () => {
  act = await startAct({ policy: { on: 'request', minimum_labelled_rows: 100, cooldown: 0 } });
  const more = { url: act.receiver.url, events: ['model.switched', 'model.rolled_back'], secret: act.secret };
  expect(await act.call('POST', '/v1/webhooks', more)).toMatchObject({ status: 201 });
  await act.call('POST', '/v1/datasets/credit/versions?path=train.csv', 'income,age,defaulted\n1,2,0\n3,4,1\n', {
    'content-type': 'text/csv',
  });
  await act.logDay(0);
  await act.closeDay(0);
  await act.drain();
  const byHand = { name: 'by-hand', dataset: 'credit', ref: 'v2', roles: { label: 'defaulted' } };
  expect(await act.call('POST', VERSIONS, byHand)).toMatchObject({ status: 201, body: { current: false } });
});
afterAll(() => act.close());

const promote = async (version: string, body: object = {}) => {
  const answer = await act.call('POST', `${VERSIONS}/${version}/promote`, body);
  expect(answer.status).toBe(200);
  await act.drain();
  return versionPromotionView.parse(answer.body);
};
const inService = async () =>
  (await act.call<{ current_version: string }>('GET', `/v1/models/${MODEL}`)).body.current_version;
const reference = async () => {
  const { body } = await act.call('GET', `/v1/models/${MODEL}/monitors/daily`);
  const { dataset, version } = (body as ReturnType<typeof monitorView.parse>).reference;
  return `${dataset}@v${version}`;
};

/** A run that has made this version. */
async function train(name: string): Promise<string> {
  const { body } = await act.call<{ id: string }>('POST', '/v1/runs', { policy: 'on-drift' });
  await act.drain();
  const asked = act.events().findLast(({ type }) => type === 'retraining.requested');
  const { callback } = eventShapes['retraining.requested'].parse(asked?.data);
  const report = { state: 'succeeded', token: callback.token, model_version: { name } };
  expect(await act.call('POST', `/v1/runs/${body.id}/events`, report)).toMatchObject({ status: 200 });
  return body.id;
}

describe('a version that is named by itself', () => {
  it('is put into service with the monitors that go with it, once, whoever trained it', async () => {
    const asked = { model: MODEL, model_version: 'by-hand', run: null };
    expect(await promote('by-hand', { reason: 'trained in a notebook' })).toEqual({ ...asked, outcome: 'switched' });
    expect(await promote('by-hand')).toEqual({ ...asked, outcome: 'unchanged' });
    expect([await inService(), await reference()]).toEqual(['by-hand', 'credit@v2']);
    const told = act.events().filter(({ type }) => type === 'model.switched');
    expect(told.map(({ data }) => data)).toMatchObject([
      { model_version: 'by-hand', former_version: 'first', monitors: ['daily'], reason: 'trained in a notebook' },
    ]);
  });

  it('is the promotion of the run that made it, and the one before it is its rollback', async () => {
    const run = await train('made');
    expect(await promote('made')).toMatchObject({ outcome: 'promoted', run });
    expect(await act.call('GET', `/v1/runs/${run}`)).toMatchObject({ body: { state: 'promoted' } });
    expect(await promote('by-hand')).toMatchObject({ outcome: 'rolled_back', run });
    expect(await act.call('GET', `/v1/runs/${run}`)).toMatchObject({ body: { state: 'rolled_back' } });
    expect([await inService(), await reference()]).toEqual(['by-hand', 'credit@v2']);
  });

  it('that the model does not have is refused with those that it has', async () => {
    expect(await act.call('POST', `${VERSIONS}/none/promote`, {})).toMatchObject({
      status: 404,
      body: { detail: expect.stringMatching(/no version "none": known are first, by-hand, made\./) },
    });
    expect(await act.call('POST', '/v1/models/none/versions/v1/promote', {})).toMatchObject({ status: 404 });
  });
});

describe('two runs that report one version', () => {
  it('have one promotion that can be taken back', async () => {
    const first = await train('shared');
    const second = await train('shared');
    const go = (run: string, verb: string, body: object) => act.call('POST', `/v1/runs/${run}/${verb}`, body);
    await go(first, 'promote', {});
    await go(second, 'promote', {});
    await act.drain();
    expect(await go(second, 'rollback', { reason: 'worse' })).toMatchObject({
      status: 409,
      body: { detail: expect.stringMatching(/"shared" was in service already .* take back the promotion/) },
    });
    expect(await go(first, 'rollback', { reason: 'worse' })).toMatchObject({ status: 200 });
    expect(await inService()).toBe('by-hand');
  });
});
