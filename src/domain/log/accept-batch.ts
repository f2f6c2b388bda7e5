import { join, resolve } from 'node:path';
import type { z } from 'zod';
import type { acceptedBatchView } from '../../../schemas/wire/logs.ts';
import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import type { RecordEncoding } from '../../formats/record-types.ts';
import { findAnswer, rememberAnswer } from '../../store/access.ts';
import { type BatchKind, insertBatch, insertRejectedRows } from '../../store/batches.ts';
import { type Db, isUniqueViolation, transact } from '../../store/db.ts';
import { enqueue } from '../../store/jobs.ts';
import type { ModelRow } from '../../store/models.ts';
import type { StoredObject } from '../../store/remote.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { bindObject } from '../dataset/store-object.ts';
import { resolveModel } from '../model/resolve.ts';
import { expectedTypesOf } from './expected-types.ts';
import { type IdempotencyKey, idempotencyKey } from './idempotency.ts';
import type { Rejection } from './prepare-batch.ts';
import { type Preparation, prepareBody } from './prepare-body.ts';
import { storable } from './raw-records.ts';
import { type ContentEncoding, receiveBody } from './receive-body.ts';

export type BatchRequest = {
  readonly model: string;
  readonly kind: BatchKind;
  readonly encoding: RecordEncoding;
  readonly contentEncoding: ContentEncoding;
  readonly epochUnit: 's' | 'ms' | 'us' | null;
  /** Keep the good rows beside bad ones. */
  readonly partial: boolean;
  readonly idempotencyKey: string | null;
  readonly source: AsyncIterable<Uint8Array>;
};

export type AcceptedBatch = z.infer<typeof acceptedBatchView>;

type AcceptContext = Pick<Context, 'config' | 'db' | 'remote' | 'compute' | 'now'>;

/** Larger bodies go through a file and are parsed in a compute child: a second of parsing would stall everyone. */
const REQUEST_THREAD_BYTES = 2 * 1024 ** 2;

const LISTED = 100;

/**
 * Takes a batch: its rows become one object, and a row of its own says so. Resolves when both are durable.
 * Without a key a batch that was sent before is taken as a new one whose rows all turn out to be repeats.
 * @throws TidemarkError `invalid-rows` listing the bad ones (nothing is stored), `too-large`, `bad-request`,
 * `idempotency-key-reused`, `not-found`.
 */
export async function acceptBatch(ctx: AcceptContext, actor: Actor, request: BatchRequest): Promise<AcceptedBatch> {
  requireScope(actor, 'logs:write');
  const model = await resolveModel(ctx.db, actor.projectId, request.model);
  const { limits } = ctx.config;
  const body = await receiveBody(request.source, {
    encoding: request.contentEncoding,
    maxBytes: limits.batchBytes,
    memoryBytes: REQUEST_THREAD_BYTES,
    folder: temporaryFolder(ctx),
    digest: request.idempotencyKey !== null,
  });
  try {
    if (body.size === 0) throw new TidemarkError('invalid-rows', 'The body is empty; send one JSON object a line.');
    const key = idempotencyKey(request, body.sha256);
    const before = key === null ? null : await replay(ctx.db, actor.projectId, key);
    if (before !== null) return before;
    const prepared = await prepareBody(ctx, body, {
      kind: request.kind,
      encoding: request.encoding,
      epochUnit: request.epochUnit,
      expected:
        request.kind === 'predictions'
          ? await expectedTypesOf(ctx.db, model.currentVersionId, limits.profileWaitMilliseconds)
          : null,
      maxLineBytes: limits.lineBytes,
      maxRows: limits.batchRows,
      partial: request.partial,
      now: ctx.now().getTime(),
    });
    try {
      return await keep(ctx, { model, kind: request.kind, key, prepared });
    } finally {
      await prepared.dispose();
    }
  } finally {
    await body.dispose();
  }
}

type Accepting = {
  readonly model: ModelRow;
  readonly kind: BatchKind;
  readonly key: IdempotencyKey | null;
  readonly prepared: Preparation;
};

/** Bytes first, then everything else in one transaction. */
async function keep(ctx: AcceptContext, given: Accepting): Promise<AcceptedBatch> {
  const { model, key, prepared } = given;
  if (prepared.object === null) throw refusal(prepared);
  const stored = await ctx.remote.put(prepared.object, { maxBytes: Number.MAX_SAFE_INTEGER });
  try {
    return await transact(ctx.db, (tx) => record(tx, ctx, { ...given, stored }));
  } catch (error) {
    if (key === null || !isUniqueViolation(error, 'idempotency_keys_project_id_key_pk')) throw error;
    // The same request ran beside this one and was first: its answer is the answer.
    const first = await replay(ctx.db, model.projectId, key);
    if (first === null) throw error;
    return first;
  }
}

async function record(tx: Db, ctx: AcceptContext, given: Accepting & { stored: StoredObject }): Promise<AcceptedBatch> {
  const { model, kind, key, prepared, stored } = given;
  // Sent together: a statement less to wait for.
  const [, batch] = await Promise.all([
    bindObject(tx, ctx, model.projectId, stored),
    insertBatch(tx, {
      projectId: model.projectId,
      modelId: model.id,
      kind,
      oid: stored.oid,
      bytes: stored.size,
      rows: prepared.rows,
      rejected: prepared.rejectedTotal,
      duplicates: prepared.duplicates,
      conflicts: prepared.conflicts,
      violations: prepared.violations,
      minTime: dateOf(prepared.minTime),
      maxTime: dateOf(prepared.maxTime),
      state: 'accepted',
      receivedAt: ctx.now(),
    }),
  ]);
  await insertRejectedRows(
    tx,
    prepared.rejected.map((row) => rejectedRow(batch, row)),
  );
  const answer = answerOf(batch, given);
  if (key !== null) {
    const { name, route, fingerprint } = key;
    const projectId = model.projectId;
    await rememberAnswer(tx, { projectId, key: name, route, bodySha256: fingerprint, status: 200, answer });
  }
  await enqueue(tx, {
    name: 'settle-batches',
    key: `model:${model.id}`,
    payload: { modelId: model.id },
    // Batches seldom come alone, and many at once cost little more than one.
    delaySeconds: ctx.config.limits.settleDelayMilliseconds / 1000,
  });
  return answer;
}

const rejectedRow = (batchId: number, row: Rejection) => ({
  batchId,
  line: row.line,
  field: storable(row.field),
  code: row.code,
  detail: storable(row.detail),
  raw: row.raw,
});

function answerOf(batch: number, { kind, prepared, stored }: Accepting & { stored: StoredObject }): AcceptedBatch {
  return {
    batch,
    kind,
    state: 'accepted',
    oid: stored.oid,
    sent: prepared.rows + prepared.rejectedTotal,
    rows: prepared.rows,
    accepted: prepared.rows - prepared.duplicates - prepared.conflicts,
    duplicates: prepared.duplicates + prepared.conflicts,
    conflicts: prepared.conflicts,
    rejected: prepared.rejectedTotal,
    issues: prepared.rejected.slice(0, LISTED).map(({ line, field, code, detail }) => ({
      line,
      field: field === '' ? null : field,
      code,
      detail,
    })),
    violations: prepared.violations.map((violation) => ({ ...violation, examples: [...violation.examples] })),
    replayed: false,
  };
}

/** The first answer to this key, or null when there is none yet. */
async function replay(db: Db, projectId: number, key: IdempotencyKey): Promise<AcceptedBatch | null> {
  const stored = await findAnswer(db, projectId, key.name);
  if (stored === null) return null;
  if (stored.bodySha256 !== key.fingerprint) {
    throw new TidemarkError(
      'idempotency-key-reused',
      'This Idempotency-Key stands for another request; use a new key for each new batch.',
    );
  }
  // The fingerprint covers the route, so what is stored is an answer of this very verb.
  return { ...(stored.answer as AcceptedBatch), replayed: true };
}

function refusal(prepared: Preparation): TidemarkError {
  const total = prepared.rejectedTotal;
  const first = prepared.rejected[0];
  return new TidemarkError(
    'invalid-rows',
    `${total} of the rows cannot be taken (line ${first?.line}: ${first?.detail}); nothing was stored. Mend them, or send with ?partial=true to keep the others.`,
    {
      issues: prepared.rejected.map(({ line, field, code, detail }) => ({
        line,
        code,
        detail,
        ...(field === '' ? {} : { field }),
      })),
      issuesTotal: total,
    },
  );
}

const temporaryFolder = (ctx: Pick<Context, 'config'>): string => join(resolve(ctx.config.data), 'tmp');

const dateOf = (milliseconds: number | null): Date | null => (milliseconds === null ? null : new Date(milliseconds));
