import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EventData, eventShapes } from '../../../schemas/wire/events.ts';
import { runDetail } from '../../../schemas/wire/retraining.ts';
import { textsOf } from '../../../src/domain/log/settle/settling-rows.ts';
import { openTable } from '../../../src/formats/table-reader.ts';
import { type Act, dayRows, MODEL, startAct } from '../retraining/act.ts';

/** One answer in five of the model in service is wrong. */
const truth = (id: string, prediction: number): number =>
  Number(id.split('-')[1]) % 5 === 0 ? 1 - prediction : prediction;

let act: Act;
const labels = new Map<string, number>();
const regions = new Map<string, string>();

beforeAll(async () => {
  act = await startAct({
    policy: {
      on: 'request',
      promote: 'if_better',
      minimum_labelled_rows: 900,
      snapshot: { hold_out: 0.3, balance: true, mix_reference: 0.2 },
      comparison: { metric: 'accuracy', minimum_gain: 0.05, tolerance: 0.05, segments: ['region'] },
    },
  });
  for (const n of [0, 1, 2]) {
    await act.logDay(n, { labels: false });
    dayRows(n).forEach(({ prediction, region }, i) => {
      const id = `d${n}-${i}`;
      labels.set(id, truth(id, prediction));
      regions.set(id, region);
    });
    await act.closeDay(n);
  }
  const rows = [...labels].map(([id, label]) => JSON.stringify({ prediction_id: id, label }));
  await act.call('POST', `/v1/models/${MODEL}/labels`, rows.join('\n'));
  await act.drain();
});
afterAll(() => act.close());

type Order = EventData<'retraining.requested'>;

async function order(): Promise<Order> {
  const started = await act.call<{ id: string }>('POST', '/v1/runs', { policy: 'on-drift' });
  if (started.status !== 202) throw new Error(JSON.stringify(started));
  await act.drain();
  const asked = act.events().filter(({ type }) => type === 'retraining.requested');
  return eventShapes['retraining.requested'].parse(asked.at(-1)?.data);
}

/** A version's only file, column by column as text. */
async function read(version: { oid: string; files: readonly { path: string }[] }) {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-compare-'));
  try {
    const file = join(folder, version.files[0]?.path ?? '');
    const chunks = [];
    for await (const chunk of await act.ctx.remote.read(version.oid)) chunks.push(chunk);
    await writeFile(file, Buffer.concat(chunks));
    const table = await openTable(file);
    const columns = new Map<string, (string | null)[]>(table.fields.map(({ name }) => [name, []]));
    for await (const batch of table.batches()) {
      table.fields.forEach(({ name }, i) => {
        columns.get(name)?.push(...textsOf(batch.columns[i] ?? null, batch.rows));
      });
    }
    return columns;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Pushes what the new model says, and reports success. */
async function answer(of: Order, say: (id: string) => number | null): Promise<void> {
  const ids = (of.evaluation === null || of.evaluation === undefined ? new Map() : await read(of.evaluation)).get(
    'prediction_id',
  ) as string[];
  const lines = ids.flatMap((id) => (say(id) === null ? [] : [`${id},${say(id)}`]));
  const path = `/v1/datasets/answers/versions?path=answers.csv`;
  const text = ['prediction_id,prediction', ...lines, ''].join('\n');
  const { body } = await act.call<{ ref: string }>('POST', path, text, { 'content-type': 'text/csv' });
  const report = {
    state: 'succeeded',
    token: of.callback.token,
    model_version: { metrics: { run: Number(of.run.slice(-6)) } },
    evaluation: { dataset: 'answers', ref: body.ref },
  };
  const taken = await act.call('POST', `/v1/runs/${of.run}/events`, report);
  if (taken.status !== 200) throw new Error(JSON.stringify(taken));
  await act.drain();
}

const runOf = async (id: string) => runDetail.parse((await act.call('GET', `/v1/runs/${id}`)).body);
const current = async () =>
  (
    await act.call<{ items: { name: string; current: boolean }[] }>('GET', `/v1/models/${MODEL}/versions`)
  ).body.items.find((version) => version.current)?.name;

let first: Order;

describe('the snapshot', () => {
  it('holds out the share that is asked for, without what would give the answer away', async () => {
    first = await order();
    const [training, evaluation] = [await read(first.training), await read(first.evaluation ?? first.training)];
    const heldOut = evaluation.get('prediction_id') ?? [];
    expect(Math.abs(heldOut.length / labels.size - 0.3)).toBeLessThan(0.06);
    expect([...evaluation.keys()]).toEqual(['income', 'age', 'region', 'prediction_id', 'timestamp']);
    const seen = new Set(training.get('prediction_id'));
    expect(heldOut.filter((id) => seen.has(id))).toEqual([]);
  });

  it('has as many rows of each label, and the share of the reference that is asked for', async () => {
    const training = await read(first.training);
    const ids = training.get('prediction_id') ?? [];
    const told = training.get('defaulted') ?? [];
    const own = ids.flatMap((id, i) => (id === null ? [] : [told[i]]));
    expect(own.filter((label) => label === '1').length).toBe(own.filter((label) => label === '0').length);
    expect((ids.length - own.length) / ids.length).toBeCloseTo(0.2, 2);
    // Rows of the reference have all but an id and a time.
    const mixed = ids.indexOf(null);
    expect([training.get('timestamp')?.[mixed], typeof training.get('income')?.[mixed]]).toEqual([null, 'string']);
  });
});

describe('the comparison', () => {
  it('is of the same rows, also by window and segment, and a worse model is not promoted', async () => {
    await answer(first, () => 1);
    const run = await runOf(first.run);
    expect(run).toMatchObject({
      state: 'succeeded',
      comparison: { better: false, held_out: true, metric: 'accuracy' },
    });
    const { comparison } = run;
    const whole = comparison?.parts.find(({ kind }) => kind === 'all');
    expect(whole?.rows).toBe(first.evaluation?.rows);
    expect(Math.abs((whole?.champion.accuracy?.value ?? 0) - 0.8)).toBeLessThan(0.1);
    const segments = comparison?.parts.filter(({ kind }) => kind === 'segment') ?? [];
    expect(segments.map(({ value }) => value).toSorted()).toEqual(['east', 'north', 'south']);
    expect(segments.reduce((sum, { rows }) => sum + rows, 0)).toBe(whole?.rows);
    const windows = comparison?.parts.filter(({ kind }) => kind === 'window') ?? [];
    expect(windows.reduce((sum, { rows }) => sum + rows, 0)).toBe(whole?.rows);
    expect(await current()).toBe('first');
  });

  it('promotes a better one by the rule', async () => {
    const next = await order();
    let said = 0;
    await answer(next, (id) => (said++ < 20 ? null : (labels.get(id) ?? 0)));
    const run = await runOf(next.run);
    expect(run).toMatchObject({ state: 'promoted', comparison: { better: true, unanswered: 20 } });
    expect(run.comparison?.parts[0]?.challenger.accuracy?.value).toBe(1);
    expect(run.events.at(-1)).toMatchObject({ state: 'promoted', author: 'policy:on-drift' });
    expect(await current()).toBe(run.model_version);
    first = next;
  });
});

describe('a rollback', () => {
  const monitor = async () => (await act.call<{ reference: object }>('GET', `/v1/models/${MODEL}/monitors/daily`)).body;

  it('wants a promotion and a reason', async () => {
    const [other] = (await act.call<{ items: { id: string }[] }>('GET', '/v1/runs?state=succeeded')).body.items;
    const path = (id: string | undefined) => `/v1/runs/${id}/rollback`;
    expect(await act.call('POST', path(other?.id), { reason: 'r' })).toMatchObject({ status: 409 });
    expect(await act.call('POST', path(first.run), {})).toMatchObject({ status: 422 });
    expect(await act.call('POST', path('run_none'), { reason: 'r' })).toMatchObject({ status: 404 });
  });

  it('restores model and reference, tells of it, and does it once', async () => {
    expect(await monitor()).toMatchObject({ reference: { dataset: `${MODEL}-retraining` } });
    const path = `/v1/runs/${first.run}/rollback`;
    const undone = await act.call('POST', path, { reason: 'worse in production' });
    expect(undone).toMatchObject({ status: 200, body: { state: 'rolled_back' } });
    expect(await act.call('POST', path, { reason: 'again' })).toMatchObject({ status: 200 });
    await act.drain();
    expect(await current()).toBe('first');
    expect(await monitor()).toMatchObject({ revision: 3, reference: { dataset: 'credit', version: 1 } });
    const run = await runOf(first.run);
    expect(run.events.at(-1)).toMatchObject({ state: 'rolled_back', detail: { message: 'worse in production' } });
    expect(await act.call('POST', `/v1/runs/${first.run}/promote`, {})).toMatchObject({ status: 409 });
  });
});
