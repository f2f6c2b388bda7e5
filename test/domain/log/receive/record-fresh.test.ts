import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PreparedPart } from '../../../../src/domain/log/prepare/prepare-records.ts';
import type { IdempotencyKey } from '../../../../src/domain/log/receive/idempotency.ts';
import { answerOf, recordBatch, remembered } from '../../../../src/domain/log/receive/record-batch.ts';
import { recordFresh } from '../../../../src/domain/log/receive/record-fresh.ts';
import { resolveModel } from '../../../../src/domain/model/resolve.ts';
import { transact } from '../../../../src/store/postgres/db.ts';
import { md5, sha256 } from '../../../support/bytes.ts';
import { TEST_TIME } from '../../../support/context.ts';
import { type Ledger, openLedger } from '../ledger.ts';

let ledger: Ledger;
beforeAll(async () => {
  ledger = await openLedger();
  await ledger.model('stepwise');
  await ledger.model('at-once');
});
afterAll(() => ledger.close());

const PART: PreparedPart = {
  rows: 9,
  duplicates: 2,
  conflicts: 1,
  violations: [{ column: 'feature."\\é', code: 'type', count: 1, examples: ["it's"] }],
  versions: [
    { name: 'v1', rows: Uint8Array.of(255, 1) },
    { name: 'a "quoted" \\ one', rows: Uint8Array.of(0, 2) },
    { name: 'all', rows: null },
  ],
  minTime: TEST_TIME.getTime() - 1500,
  maxTime: null,
};

const partOf = (name: string) => {
  const stored = { oid: md5(name), md5: md5(name), sha256: sha256(name), size: 7, blockSums: null, existed: false };
  return { ...PART, stored };
};

async function given(name: string) {
  const model = await resolveModel(ledger.ctx.db, 1, name);
  return { model, kind: 'predictions' as const, at: TEST_TIME, settleSeconds: 0.05 };
}

const keyOf = (name: string): IdempotencyKey => ({ name, route: 'POST "here"', fingerprint: sha256(name) });

/** What is remembered under a key; the batch that it names is told apart. */
const underKey = async (name: string) =>
  (
    await ledger.ctx.sql`select project_id, route, body_sha256 = ${sha256(name)} as own, status,
      answer - 'batch' - 'batches' - 'oid' as answer, (answer ->> 'batch')::int as batch, answer -> 'batches' as batches,
      created_at > now() - interval '1 hour' as now from idempotency_keys where key = ${name}`
  ).map(({ batch, batches, ...rest }) => ({ ...rest, batch: Number(batch), named: batches }));

/** What was written of a model's batches, without what differs from one to the next. */
async function written(name: string, object: string) {
  const { sql } = ledger.ctx;
  const { model } = await given(name);
  return {
    batches:
      await sql`select b.*, null as id, null as model_id, null as oid from batches b where model_id = ${model.id}`,
    versions: await sql`select v.name, v.rows from version_rows v join batches b on b.id = v.batch_id
      where b.model_id = ${model.id} order by v.name`,
    objects: await sql`select sha256 = ${sha256(object)} as proved, size, origin, quarantined_at from objects
      where oid = ${md5(object)} and project_id = 1`,
    jobs: await sql`select name, payload = jsonb_build_object('modelId', ${model.id}::int8) as told, key = ${`model:${model.id}`} as own,
      project_id, monitor_id, backfill, state, attempts, lease_until, error, run_at between now() - interval '1 hour' and now() + interval '1 second' as soon
      from jobs where key = ${`model:${model.id}`}`,
  };
}

test('what is written at once is what is written step by step', async () => {
  const stepwise = await given('stepwise');
  const prepared = { refused: false, parts: [partOf('one')], rejected: [], rejectedTotal: 0 };
  await transact(ledger.ctx.db, (tx) => recordBatch(tx, { ctx: ledger.ctx, ...stepwise, key: keyOf('k-1'), prepared }));
  const atOnce = await given('at-once');
  const one = { refused: false, parts: [partOf('other')], rejected: [], rejectedTotal: 0 };
  const answers = [remembered(atOnce.model, keyOf('k-2'), answerOf([], { kind: 'predictions', prepared: one }))];
  const id = await recordFresh(ledger.ctx, { ...atOnce, part: partOf('other'), answers });
  expect(id).toBeGreaterThan(0);
  const found = await written('at-once', 'other');
  expect(found).toEqual(await written('stepwise', 'one'));
  const [[before], [now]] = [await underKey('k-1'), await underKey('k-2')];
  expect(now).toEqual({ ...before, batch: id, named: [id] });
  expect(before?.named).toEqual([before?.batch]);
  expect([found.batches, found.versions, found.objects, found.jobs].map((rows) => rows.length)).toEqual([1, 3, 1, 1]);
});

test('nothing is written of an object that is held, or was given up: that takes a longer look', async () => {
  const { sql } = ledger.ctx;
  const at = await given('at-once');
  const counts = () =>
    sql`select (select count(*) from batches) as batches, (select count(*) from objects) as objects, (select count(*) from version_rows) as versions`;
  await sql`insert into object_tombstones (project_id, oid, sha256, size, origin, state, created_at, trashed_at)
    select 1, ${md5('buried')}, ${sha256('buried')}, 7, 'received', 'trashed', now(), now()`;
  const before = await counts();
  expect(await recordFresh(ledger.ctx, { ...at, part: partOf('one'), answers: [] })).toBeNull();
  expect(await recordFresh(ledger.ctx, { ...at, part: partOf('buried'), answers: [] })).toBeNull();
  expect(await counts()).toEqual(before);
});

test('a key that was used lets nothing be written, and of many under one key one is', async () => {
  const at = await given('at-once');
  const { sql } = ledger.ctx;
  const told = (key: string, part: ReturnType<typeof partOf>) => {
    const prepared = { refused: false, parts: [part], rejected: [], rejectedTotal: 0 };
    return [remembered(at.model, keyOf(key), answerOf([], { kind: 'predictions', prepared }))];
  };
  const keyed = (key: string, name: string) =>
    recordFresh(ledger.ctx, { ...at, part: partOf(name), answers: told(key, partOf(name)) });
  await expect(keyed('k-1', 'late')).rejects.toMatchObject({ code: '23505' });
  expect(await sql`select 1 from objects where oid = ${md5('late')}`).toHaveLength(0);
  const race = await Promise.allSettled(Array.from({ length: 12 }, (_, i) => keyed('race', `racer ${i}`)));
  const won = race.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  expect(won).toHaveLength(1);
  expect(await underKey('race')).toMatchObject([{ batch: won[0], named: won }]);
});

test('what fails leaves nothing, and the connection to the next', async () => {
  const at = await given('at-once');
  const nobody = { ...at, model: { ...at.model, id: 999_999 } };
  await expect(recordFresh(ledger.ctx, { ...nobody, part: partOf('lost'), answers: [] })).rejects.toMatchObject({
    code: '23503',
  });
  expect(await ledger.ctx.sql`select 1 from objects where oid = ${md5('lost')}`).toHaveLength(0);
  const many = Array.from({ length: 40 }, (_, i) =>
    recordFresh(ledger.ctx, { ...at, part: partOf(`n${i}`), answers: [] }),
  );
  expect(new Set(await Promise.all(many)).size).toBe(40);
});

test('when connections end meanwhile each is written whole or told, and the pool goes on', async () => {
  const { sql } = ledger.ctx;
  const at = await given('at-once');
  const begun = Array.from({ length: 60 }, (_, i) =>
    recordFresh(ledger.ctx, { ...at, part: partOf(`cut ${i}`), answers: [] }),
  );
  const told = Promise.allSettled(begun);
  await begun[0]?.catch(() => {});
  await sql`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`;
  const written = (await told).flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  // A connection that has not heard of its end yet fails what it is given first.
  const untilWritten = async (part: ReturnType<typeof partOf>): Promise<number | null> => {
    for (let tries = 1; ; tries++) {
      try {
        return await recordFresh(ledger.ctx, { ...at, part, answers: [] });
      } catch (error) {
        if (tries === 50) throw error;
      }
    }
  };
  const later = await Promise.all(Array.from({ length: 60 }, (_, i) => untilWritten(partOf(`after ${i}`))));
  const ids = [...written, ...later].filter((id) => id !== null);
  expect(new Set(ids).size).toBe(ids.length);
  expect(await sql`select id from batches where id = any(${ids}::int8[])`).toHaveLength(ids.length);
  expect(
    await sql`select oid from objects where oid = any(${Array.from({ length: 60 }, (_, i) => md5(`after ${i}`))})`,
  ).toHaveLength(60);
});
