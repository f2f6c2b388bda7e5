import { join, resolve } from 'node:path';
import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import type { RecordEncoding } from '../../formats/record-types.ts';
import { findAnswer } from '../../store/access.ts';
import type { BatchKind } from '../../store/batches.ts';
import { type Db, isUniqueViolation, transact } from '../../store/db.ts';
import type { ModelRow } from '../../store/models.ts';
import type { StoredObject } from '../../store/remote.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { resolveModel } from '../model/resolve.ts';
import { expectedTypesOf } from './expected-types.ts';
import { type IdempotencyKey, idempotencyKey } from './idempotency.ts';
import { bytesInMemory, type Preparation, prepareBody } from './prepare-body.ts';
import type { Prepared, PreparedPart } from './prepare-records.ts';
import { type ContentEncoding, receiveBody } from './receive-body.ts';
import { type AcceptedBatch, recordBatch } from './record-batch.ts';

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

type AcceptContext = Pick<Context, 'config' | 'db' | 'remote' | 'compute' | 'now'>;

/**
 * Takes a body of rows: they become an object, or several where they are many, and a batch for each says so. Resolves
 * when all of it is durable; until then nobody sees any of it. Without a key a batch that was sent before is taken as a new one whose rows all turn out to be repeats.
 * @throws TidemarkError `invalid-rows` listing the bad ones (nothing is stored), `invalid-body` or `unreadable-data`
 * for a body that is broken as such, `too-large`, `bad-request`, `idempotency-key-reused`, `not-found`.
 */
export async function acceptBatch(ctx: AcceptContext, actor: Actor, request: BatchRequest): Promise<AcceptedBatch> {
  requireScope(actor, 'logs:write');
  const model = await resolveModel(ctx.db, actor.projectId, request.model);
  const { limits } = ctx.config;
  const body = await receiveBody(request.source, {
    encoding: request.contentEncoding,
    maxBytes: limits.batchBytes,
    memoryBytes: bytesInMemory(request.encoding),
    folder: temporaryFolder(ctx),
    digest: request.idempotencyKey !== null,
  });
  try {
    if (body.size === 0)
      throw new TidemarkError('invalid-rows', 'The body is empty; it holds no rows, such as one JSON object a line.');
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
  const { model, kind, key } = given;
  if (given.prepared.refused) throw refusal(given.prepared);
  const prepared = await stored(ctx, given.prepared);
  const settleSeconds = ctx.config.limits.settleDelayMilliseconds / 1000;
  try {
    return await transact(ctx.db, (tx) =>
      recordBatch(tx, { model, kind, key, prepared, at: ctx.now(), settleSeconds }),
    );
  } catch (error) {
    if (key === null || !isUniqueViolation(error, 'idempotency_keys_project_id_key_pk')) throw error;
    // The same request ran beside this one and was first: its answer is the answer.
    const first = await replay(ctx.db, model.projectId, key);
    if (first === null) throw error;
    return first;
  }
}

/** Makes the objects durable, one at a time: a large body's would otherwise be read all at once. */
async function stored(
  ctx: Pick<Context, 'remote'>,
  prepared: Preparation,
): Promise<Prepared<{ readonly stored: StoredObject }>> {
  const parts: (PreparedPart & { readonly stored: StoredObject })[] = [];
  for (const { object, ...part } of prepared.parts) {
    parts.push({ ...part, stored: await ctx.remote.put(object(), { maxBytes: Number.MAX_SAFE_INTEGER }) });
  }
  return { ...prepared, parts };
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
