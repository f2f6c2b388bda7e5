import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { batches } from '../../../../schemas/tables/index.ts';
import { idHash } from '../../../../src/domain/log/prepare/row-hash.ts';
import { reserveBytes } from '../../../../src/domain/log/receive/bytes-in-flight.ts';
import { isRepeat } from '../../../../src/domain/log/settle/repeats.ts';
import { settleBatches, settleNeglected } from '../../../../src/domain/log/settle/settle.ts';
import { findJob } from '../../../../src/store/jobs/jobs.ts';
import { listSettledPredictions } from '../../../../src/store/log/batches.ts';
import { findLabels } from '../../../../src/store/log/label-index.ts';
import { countLabelledBetween } from '../../../../src/store/log/prediction-index.ts';
import { findModel } from '../../../../src/store/monitor/models.ts';
import type { Db } from '../../../../src/store/postgres/db.ts';
import { TEST_TIME } from '../../../support/context.ts';
import { type Ledger, modelId, ndjson, openLedger, prediction, predictions } from '../ledger.ts';

let ledger: Ledger;
beforeAll(async () => {
  ledger = await openLedger();
});
afterAll(() => ledger.close());

const sendPredictions = (model: string, rows: readonly Record<string, unknown>[]) =>
  ledger.send(`/v1/models/${model}/predictions`, ndjson(rows));
const sendLabels = (model: string, rows: readonly Record<string, unknown>[]) =>
  ledger.send(`/v1/models/${model}/labels`, ndjson(rows));
const batchOf = async (model: string, id: unknown) =>
  (await ledger.request(`/v1/models/${model}/batches/${String(id)}`)).body;

const everything = {
  from: new Date('2026-01-01T00:00:00Z'),
  to: new Date('2027-01-01T00:00:00Z'),
  throughSequence: 1e9,
};

describe('settlement of predictions', () => {
  test('counts every row: sent = accepted + duplicates + rejected, conflicts being duplicates', async () => {
    const model = await ledger.model('accounting');
    await sendPredictions(model, predictions(0, 100));
    await sendPredictions(model, predictions(50, 150));
    await sendPredictions(
      model,
      predictions(140, 160).map((row, i) => (i < 5 ? { ...row, prediction: 7 } : row)),
    );
    await ledger.send(`/v1/models/${model}/predictions?partial=true`, `${ndjson(predictions(200, 210))}broken\n`);
    expect(await ledger.counts(model)).toMatchObject({ sent: 231, unsettled_batches: 4, settled: 0 });
    await ledger.settle(model);
    const counts = await ledger.counts(model);
    expect(counts).toMatchObject({
      batches: 4,
      sent: 231,
      accepted: 170,
      duplicates: 60,
      conflicts: 5,
      rejected: 1,
      settled: 170,
      unsettled_batches: 0,
      // One row alone has passed it.
      watermark: prediction(208).timestamp,
    });
  });

  test('keeps the first row of an id within a batch and says so at once', async () => {
    const model = await ledger.model('within');
    const sent = await sendPredictions(model, [
      prediction(1),
      prediction(2),
      prediction(1),
      prediction(2, { prediction: 9 }),
    ]);
    expect(sent.body).toMatchObject({ sent: 4, rows: 4, accepted: 2, duplicates: 2, conflicts: 1, rejected: 0 });
    await ledger.settle(model);
    expect(await batchOf(model, sent.body.batch)).toMatchObject({
      state: 'settled',
      accepted: 2,
      duplicates: 2,
      conflicts: 1,
    });
    const [batch] = await listSettledPredictions(ledger.ctx.db, await modelId(ledger.ctx, model), everything);
    expect([0, 1, 2, 3].map((row) => isRepeat(batch?.repeats ?? null, row))).toEqual([false, false, true, true]);
  });

  test('compares a repeat with the row that won long ago, not with its neighbour', async () => {
    const model = await ledger.model('winner');
    await sendPredictions(model, [prediction(1)]);
    await ledger.settle(model);
    const later = await sendPredictions(model, [
      prediction(1, { prediction: 5 }),
      prediction(1, { prediction: 5 }),
      prediction(1),
    ]);
    expect(later.body).toMatchObject({ accepted: 1, duplicates: 2, conflicts: 1 });
    await ledger.settle(model);
    expect(await batchOf(model, later.body.batch)).toMatchObject({ accepted: 0, duplicates: 3, conflicts: 2 });
  });

  test('sees through the order of keys, absent and null values, and 1 against 1.0', async () => {
    const model = await ledger.model('canonical');
    const time = '2026-03-01T10:00:00Z';
    await ledger.send(
      `/v1/models/${model}/predictions`,
      `{"prediction_id":"a","timestamp":"${time}","features":{"x":1,"y":"u","z":null},"prediction":1}\n`,
    );
    await ledger.send(
      `/v1/models/${model}/predictions`,
      [
        `{"prediction":1.0,"features":{"y":"u","x":1.0},"timestamp":"2026-03-01T11:00:00+01:00","prediction_id":"a"}`,
        `{"prediction":2.5,"features":{"y":"v","x":0.5},"timestamp":"${time}","prediction_id":"b"}`,
        '',
      ].join('\n'),
    );
    await ledger.settle(model);
    expect(await ledger.counts(model)).toMatchObject({ accepted: 2, duplicates: 1, conflicts: 0 });
  });

  test('knows a prediction again, whatever comes beside it', async () => {
    const model = await ledger.model('beside');
    const line = (id: string, features: string) =>
      `{"prediction_id":"${id}","timestamp":"2026-03-01T10:00:00Z","features":${features},"prediction":1}\n`;
    const known = line('a', '{"n":1,"f":1.0,"tiny":1e-07,"t":"u","b":true,"large":1152921504606847000}');
    const others = [
      '{"n":0.5,"f":2,"tiny":3,"t":"v","b":false,"large":0.5,"further":3}',
      '{"n":"x","f":"x","tiny":"x","t":4,"b":"x","large":"x"}',
      '{"n":null,"f":true,"tiny":false,"t":1.5,"b":7,"large":1e300}',
      '{}',
    ];
    await ledger.send(`/v1/models/${model}/predictions`, known);
    for (const [i, features] of others.entries()) {
      await ledger.send(`/v1/models/${model}/predictions`, line(`before-${i}`, features) + known);
      await ledger.send(`/v1/models/${model}/predictions`, known + line(`behind-${i}`, features));
    }
    await ledger.settle(model);
    expect(await ledger.counts(model)).toMatchObject({ sent: 17, accepted: 9, duplicates: 8, conflicts: 0 });
  });

  test('tells integers beyond 2^53 apart, as ids and as values', async () => {
    const model = await ledger.model('big');
    const line = (id: string, value: string) =>
      `{"prediction_id":${id},"timestamp":"2026-03-01T10:00:00Z","features":{"big":${value}},"prediction":1}\n`;
    const body = line('9007199254740993', '1') + line('9007199254740992', '1');
    const first = await ledger.send(`/v1/models/${model}/predictions`, body);
    expect(first.body).toMatchObject({ accepted: 2, duplicates: 0, conflicts: 0 });
    await ledger.send(`/v1/models/${model}/predictions`, line('7', '9007199254740993'));
    await ledger.send(`/v1/models/${model}/predictions`, line('7', '9007199254740992'));
    await ledger.send(`/v1/models/${model}/predictions`, line('"7"', '9007199254740993'));
    await ledger.settle(model);
    expect(await ledger.counts(model)).toMatchObject({ accepted: 3, duplicates: 2, conflicts: 1 });
  });

  test('sending everything again changes nothing but the repeats', async () => {
    const model = await ledger.model('again');
    for (let i = 0; i < 3; i++) await sendPredictions(model, predictions(i * 100, i * 100 + 100));
    await ledger.settle(model);
    const before = await ledger.counts(model);
    for (let i = 2; i >= 0; i--) await sendPredictions(model, predictions(i * 100, i * 100 + 100));
    await ledger.settle(model);
    expect(await ledger.counts(model)).toMatchObject({
      settled: before.settled,
      accepted: 300,
      duplicates: 300,
      conflicts: 0,
      sent: 600,
      watermark: before.watermark,
    });
  });

  test('three times the same batch at once is one set of rows', async () => {
    const model = await ledger.model('parallel');
    const sent = await Promise.all([1, 2, 3].map(() => sendPredictions(model, predictions(0, 50))));
    expect(sent.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(sent.map(({ body }) => body.oid)).size).toBe(1);
    await Promise.all([ledger.settle(model), ledger.settle(model), ledger.settle(model)]);
    expect(await ledger.counts(model)).toMatchObject({
      settled: 50,
      duplicates: 100,
      conflicts: 0,
      unsettled_batches: 0,
    });
  });

  test('a settlement that breaks off leaves its batches unsettled, and the next one ends as if it had not', async () => {
    const model = await ledger.model('killed');
    await sendPredictions(model, predictions(0, 30));
    await sendLabels(model, [{ prediction_id: 'p-3', label: 1 }]);
    await sendPredictions(model, predictions(20, 40));
    const id = await modelId(ledger.ctx, model);
    let statements = 0;
    let kills = 0;
    for (let breaksAt = 1; breaksAt <= 20; breaksAt++) {
      statements = 0;
      const db = breaking(ledger.ctx.db, () => ++statements === breaksAt);
      await settleBatches({ ...ledger.ctx, db }, { modelId: id }).catch((error: unknown) => {
        expect(error).toMatchObject({ message: 'killed' });
      });
      if (statements < breaksAt) break;
      kills++;
      expect(await ledger.counts(model)).toMatchObject({
        unsettled_batches: 3,
        settled: 0,
        labelled: 0,
        watermark: null,
      });
    }
    // Lock, look, index, look up, labels, batches, model, job: it was killed before each of them.
    expect(kills).toBeGreaterThanOrEqual(8);
    expect(await ledger.counts(model)).toMatchObject({
      unsettled_batches: 0,
      settled: 40,
      duplicates: 10,
      labelled: 1,
    });
    await ledger.settle(model);
    expect(await ledger.counts(model)).toMatchObject({ settled: 40, duplicates: 10, labelled: 1 });
    const row = await findModel(ledger.ctx.db, 1, model);
    expect(row?.settleSequence).toBe(3);
    expect(row?.watermark?.toISOString()).toBe(prediction(38).timestamp);
  });

  test('a batch whose object is lost does not hold up the others', async () => {
    const model = await ledger.model('lost');
    const first = await sendPredictions(model, predictions(900, 910));
    await sendPredictions(model, predictions(910, 920));
    await ledger.ctx.remote.remove(String(first.body.oid) as Parameters<typeof ledger.ctx.remote.remove>[0]);
    await expect(ledger.settle(model)).rejects.toMatchObject({ code: 'object-corrupt' });
    expect(await ledger.counts(model)).toMatchObject({ unsettled_batches: 1, settled: 10 });
    await sendPredictions(model, predictions(900, 910));
    await ledger.settle(model);
    expect(await ledger.counts(model)).toMatchObject({ unsettled_batches: 0, settled: 20, duplicates: 10 });
  });

  test('is taken up again where its job was set aside, an hour later', async () => {
    const model = await ledger.model('neglected');
    await sendPredictions(model, predictions(0, 3));
    const { db, sql } = ledger.ctx;
    const key = `model:${await modelId(ledger.ctx, model)}`;
    const waiting = () => sql`select 1 from jobs where key = ${key} and state = 'waiting'`;
    await sql`update jobs set state = 'dead' where key = ${key}`;
    await sql`update batches set received_at = now() - interval '2 minutes' where state = 'accepted'`;
    await settleNeglected({ db });
    expect(await waiting()).toHaveLength(0);
    await sql`update jobs set run_at = now() - interval '61 minutes' where key = ${key}`;
    await settleNeglected({ db });
    expect(await waiting()).toHaveLength(1);
  });

  test('cuts fractions of a millisecond, so that no event leaves its window', async () => {
    const model = await ledger.model('fraction');
    await sendPredictions(model, [prediction(1, { timestamp: '2026-02-28T23:59:59.999999Z' })]);
    await ledger.settle(model);
    const day = { from: new Date('2026-02-28T00:00:00Z'), to: new Date('2026-03-01T00:00:00Z') };
    expect(await countLabelledBetween(ledger.ctx.db, await modelId(ledger.ctx, model), day)).toEqual({
      predictions: 1,
      labelled: 0,
    });
  });
});

describe('settlement of labels', () => {
  test('a correction is settled behind what it corrects, though that was committed after others', async () => {
    const model = await ledger.model('order');
    await sendPredictions(model, predictions(0, 1));
    const { db, remote } = ledger.ctx;
    const first = await sendLabels(model, [{ prediction_id: 'p-0', label: 0 }]);
    await sendLabels(model, [{ prediction_id: 'p-1', label: 0 }]);
    const mine = eq(batches.id, Number(first.body.batch));
    const [held] = await db.delete(batches).where(mine).returning();
    if (held === undefined) throw new Error('no batch');
    let late: Promise<unknown> | null = null;
    const reading: typeof remote.read = async (...given) => {
      late ??= db
        .insert(batches)
        .overridingSystemValue()
        .values(held)
        .then(() => sendLabels(model, [{ prediction_id: 'p-0', label: 1 }]));
      await late;
      return remote.read(...given);
    };
    const ctx = { ...ledger.ctx, remote: { ...remote, read: reading } };
    await settleBatches(ctx, { modelId: await modelId(ledger.ctx, model) });
    const { body } = await ledger.request(`/v1/models/${model}/predictions/p-0`);
    expect(body.label).toMatchObject({ value: '1', revision: 2, replaced: [{ value: '0', revision: 1 }] });
  });

  test('labels may come first, come twice, change and wait for ever', async () => {
    const model = await ledger.model('labels');
    await sendLabels(model, [
      { prediction_id: 'p-0', label: 1 },
      { prediction_id: 'nobody', label: 0 },
    ]);
    await ledger.settle(model);
    expect(await ledger.counts(model)).toMatchObject({ labelled: 0, labels_waiting: 2 });
    await sendPredictions(model, predictions(0, 3));
    await ledger.settle(model);
    expect(await ledger.counts(model)).toMatchObject({ labelled: 1, labels_waiting: 1 });
    const again = await sendLabels(model, [
      { prediction_id: 'p-0', label: '1' },
      { prediction_id: 'p-1', label: true },
      { prediction_id: 'p-1', label: false },
      { prediction_id: 'p-1', label: false },
    ]);
    expect(again.body).toMatchObject({ accepted: 3, duplicates: 1 });
    await ledger.settle(model);
    expect(await batchOf(model, again.body.batch)).toMatchObject({ accepted: 2, duplicates: 2, conflicts: 0 });
    const id = await modelId(ledger.ctx, model);
    expect(await findLabels(ledger.ctx.db, id, [idHash('p-0'), idHash('p-1'), idHash('p-2')])).toEqual(
      new Map([
        [idHash('p-0'), { label: '1', revision: 1 }],
        [idHash('p-1'), { label: 'false', revision: 2 }],
      ]),
    );
  });

  test('a label inside a prediction counts, unless the prediction is a repeat', async () => {
    const model = await ledger.model('inline');
    await sendPredictions(model, [prediction(1, { label: 'yes' }), prediction(2)]);
    await sendPredictions(model, [prediction(2, { label: 'late' })]);
    await ledger.settle(model);
    const id = await modelId(ledger.ctx, model);
    expect(await findLabels(ledger.ctx.db, id, [idHash('p-1'), idHash('p-2')])).toEqual(
      new Map([[idHash('p-1'), { label: 'yes', revision: 1 }]]),
    );
    expect(await ledger.counts(model)).toMatchObject({ settled: 2, duplicates: 1, conflicts: 1, labelled: 1 });
  });

  test('the order in which batches come changes nothing in the end', async () => {
    const labels = predictions(0, 40).map((row, i) => ({ prediction_id: row.prediction_id, label: i % 2 }));
    const forwards = await ledger.model('forwards');
    await sendPredictions(forwards, predictions(0, 20));
    await sendPredictions(forwards, predictions(20, 40));
    await sendLabels(forwards, labels);
    await ledger.settle(forwards);
    const backwards = await ledger.model('backwards');
    await sendLabels(backwards, labels);
    await ledger.settle(backwards);
    await sendPredictions(backwards, predictions(20, 40));
    await ledger.settle(backwards);
    await sendPredictions(backwards, predictions(0, 20));
    await ledger.settle(backwards);
    expect(await ledger.counts(backwards)).toEqual(await ledger.counts(forwards));
  });
});

test('rows on their way in come first, for a while', async () => {
  const model = await ledger.model('busy');
  const id = await modelId(ledger.ctx, model);
  await sendPredictions(model, predictions(0, 3));
  const [other, another] = [reserveBytes(ledger.ctx, 0), reserveBytes(ledger.ctx, 0)];
  await ledger.settle(model);
  expect(await ledger.counts(model)).toMatchObject({ settled: 0, unsettled_batches: 1 });
  expect(await findJob(ledger.ctx.db, 'settle-batches', `model:${id}`)).toMatchObject({ state: 'waiting' });
  other.release();
  await ledger.settle(model);
  expect(await ledger.counts(model)).toMatchObject({ settled: 0 });
  another.release();
  await ledger.settle(model);
  expect(await ledger.counts(model)).toMatchObject({ settled: 3, unsettled_batches: 0 });

  // A log that is written to without a pause is settled all the same.
  await sendPredictions(model, predictions(3, 5));
  const endless = reserveBytes(ledger.ctx, 0);
  for (let times = 1; times <= 12; times++) await ledger.settle(model);
  expect(await ledger.counts(model)).toMatchObject({ settled: 3 });
  await ledger.settle(model);
  expect(await ledger.counts(model)).toMatchObject({ settled: 5, unsettled_batches: 0 });
  endless.release();
});

test('settled batches are found by time and sequence, in the order of settlement', async () => {
  const model = await ledger.model('spans');
  const at = (hours: number) => new Date(TEST_TIME.getTime() - hours * 3600_000);
  for (const hours of [30, 20, 10]) {
    await sendPredictions(model, [prediction(hours, { timestamp: at(hours).toISOString() })]);
  }
  await ledger.settle(model);
  const id = await modelId(ledger.ctx, model);
  const found = async (from: Date, to: Date, throughSequence: number) =>
    (await listSettledPredictions(ledger.ctx.db, id, { from, to, throughSequence })).length;
  expect(await found(at(30), at(10), 99)).toBe(2);
  expect(await found(at(30), new Date(at(10).getTime() + 1), 99)).toBe(3);
  expect(await found(at(30), new Date(at(10).getTime() + 1), 2)).toBe(2);
  expect(await found(at(29), at(21), 99)).toBe(0);
});

/** The same database, whose statements inside a transaction fail from the one on that `fails` names. */
function breaking(db: Db, fails: () => boolean): Db {
  const inside = (tx: Db): Db =>
    new Proxy(tx, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          if (['select', 'insert', 'update', 'execute'].includes(String(name)) && fails()) throw new Error('killed');
          return Reflect.apply(value, target, args) as unknown;
        };
      },
    });
  return new Proxy(db, {
    get: (target, name) => {
      if (name === 'transaction')
        return (work: (tx: Db) => Promise<unknown>) => target.transaction((tx) => work(inside(tx)));
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
