import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { eventShapes } from '../../../schemas/wire/events.ts';
import type { monitorView } from '../../../schemas/wire/monitors.ts';
import { findUnjudgedPromotion } from '../../../src/store/retraining/run-causes.ts';
import { type Act, day, MODEL, startAct } from '../retraining/act.ts';

/** Which monitors of a model go with the version in service. */

const BASE = `/v1/models/${MODEL}/monitors`;

let act: Act;
let run = '';
beforeAll(async () => {
  act = await startAct({ policy: { on: 'request', minimum_labelled_rows: 100, cooldown: 0 } });
  const others = await act.call('POST', '/v1/datasets/other/versions?path=other.csv', 'income,age\n1,2\n3,4\n', {
    'content-type': 'text/csv',
  });
  expect(others.status).toBeLessThan(300);
  await act.drain();
  for (const monitor of [
    { name: 'weekly', window: { length: 'P7D' } },
    { name: 'canary', model_version: 'first' },
    { name: 'own-data', dataset: 'other', ref: 'v1' },
  ]) {
    expect(await act.call('POST', BASE, monitor)).toMatchObject({ status: 201 });
  }
  await act.logDay(0);
  await act.closeDay(0);
  await act.drain();
  run = (await act.call<{ id: string }>('POST', '/v1/runs', { policy: 'on-drift' })).body.id;
  await act.drain();
  const order = eventShapes['retraining.requested'].parse(act.events().at(-1)?.data);
  const report = { state: 'succeeded', token: order.callback.token, model_version: { name: 'second' } };
  expect(await act.call('POST', `/v1/runs/${run}/events`, report)).toMatchObject({ status: 200 });
});
afterAll(() => act.close());

const references = async () => {
  const found = await Promise.all(
    ['daily', 'weekly', 'canary', 'own-data'].map(async (name) => {
      const { body } = await act.call<z.infer<typeof monitorView>>('GET', `${BASE}/${name}`);
      return [name, `${body.reference.dataset}@v${body.reference.version}`] as const;
    }),
  );
  return Object.fromEntries(found);
};

const BEFORE = { daily: 'credit@v1', weekly: 'credit@v1', canary: 'credit@v1', 'own-data': 'other@v1' };
const AFTER = { ...BEFORE, daily: `${MODEL}-retraining@v1`, weekly: `${MODEL}-retraining@v1` };

describe('a promotion', () => {
  const from = new Date(day(1)).toISOString();

  it('moves all monitors that go with the version in service, and no other', async () => {
    expect(await references()).toEqual(BEFORE);
    const promoted = await act.call('POST', `/v1/runs/${run}/promote`, { effective_from: from });
    expect(promoted).toMatchObject({ status: 200, body: { state: 'promoted' } });
    await act.drain();
    expect(await references()).toEqual(AFTER);
    const told = act.events().find(({ type }) => type === 'model.promoted');
    expect(eventShapes['model.promoted'].parse(told?.data).monitors?.toSorted()).toEqual(['daily', 'weekly']);
  });

  it('moves nothing again when it is repeated', async () => {
    await act.call('POST', `/v1/runs/${run}/promote`, {});
    const revisions = await act.call<{ items: object[] }>('GET', `${BASE}/weekly/revisions`);
    expect(revisions.body.items).toHaveLength(2);
  });

  it('is judged once a window of any of them is', async () => {
    const [model] = await act.ctx.sql<{ id: string }[]>`select id from models where name = ${MODEL}`;
    const unjudged = () => findUnjudgedPromotion(act.ctx.db, Number(model?.id));
    expect(await unjudged()).toEqual({ run, from: new Date(from) });
    await act.logDay(1);
    await act.closeDay(1);
    await act.drain();
    const weekly = await act.call<{ items: { verdict: string | null }[] }>('GET', `${BASE}/weekly/windows`);
    expect(weekly.body.items.map(({ verdict }) => verdict)).toEqual([null]);
    expect(await unjudged()).toBeNull();
  });

  it('is taken back for all of them', async () => {
    const back = await act.call('POST', `/v1/runs/${run}/rollback`, { reason: 'worse', effective_from: from });
    expect(back).toMatchObject({ status: 200, body: { state: 'rolled_back' } });
    await act.drain();
    expect(await references()).toEqual(BEFORE);
  });
});
