import type { Context } from '../../../context.ts';
import { TidemarkError } from '../../../errors.ts';
import { findAnswer } from '../../../store/access/access.ts';
import type { BatchKind } from '../../../store/log/batches.ts';
import type { LoggedModel, ModelRow } from '../../../store/monitor/models.ts';
import { type Db, isUniqueViolation, transact } from '../../../store/postgres/db.ts';
import type { StoredObject } from '../../../store/remotes/remote.ts';
import { bindStored } from '../../object/bind-stored.ts';
import { expectationOf } from '../prepare/expected-types.ts';
import { type Preparation, prepareBody } from '../prepare/prepare-body.ts';
import { LISTED, type Prepared, type PreparedPart, type PrepareOptions } from '../prepare/prepare-records.ts';
import { expectedLabels } from '../settle/typed-labels.ts';
import type { BatchRequest } from './batch-request.ts';
import { type IdempotencyKey, idempotencyKey } from './idempotency.ts';
import type { ReceivedBody } from './receive-body.ts';
import { type AcceptedBatch, answerOf, recordBatch, remembered } from './record-batch.ts';
import { recordFresh } from './record-fresh.ts';
import { keepRefusal, REFUSAL_BYTES } from './refusals.ts';

export type AcceptContext = Pick<Context, 'config' | 'db' | 'sql' | 'remote' | 'compute' | 'now'>;

/** A body that has arrived, and whose it is. */
export type Arrived = {
  readonly model: LoggedModel;
  readonly request: Omit<BatchRequest, 'source'>;
  readonly body: ReceivedBody;
};

/**
 * Makes an arrived body batches of its own.
 * @throws TidemarkError as `acceptBatch`.
 */
export async function acceptBody(ctx: AcceptContext, { model, request, body }: Arrived): Promise<AcceptedBatch> {
  const key = idempotencyKey(request, body.sha256);
  const before = key === null ? null : await replay(ctx.db, model.projectId, key);
  if (before !== null) return before;
  const prepared = await prepareBody(ctx, body, await preparing(ctx, model, request));
  try {
    return await keep(ctx, { model, kind: request.kind, key, prepared });
  } finally {
    await prepared.dispose();
  }
}

/** How bodies of this model are prepared. */
export async function preparing(
  ctx: AcceptContext,
  model: LoggedModel,
  request: Pick<BatchRequest, 'kind' | 'encoding' | 'epochUnit' | 'csv' | 'partial'>,
): Promise<Omit<PrepareOptions, 'maxCells'>> {
  const { limits } = ctx.config;
  const { kind, encoding, epochUnit, csv, partial } = request;
  const trained = await expectationOf(ctx.db, model.currentVersionId, limits.profileWaitMilliseconds);
  const versions = kind === 'predictions' && model.currentVersionId !== null ? model.versionNames : null;
  const expected = kind === 'predictions' ? (trained?.types ?? null) : null;
  const labels = expectedLabels(model.task, trained?.labels ?? null);
  const known = kind === 'predictions' ? (trained?.others ?? []) : [];
  const options = { kind, encoding, epochUnit, csv, partial, expected, known, labels, versions, strict: model.strict };
  return { ...options, now: ctx.now().getTime(), maxLineBytes: limits.lineBytes, maxRows: limits.batchRows };
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
  if (given.prepared.refused) throw await refusal(ctx, given);
  const prepared = await stored(ctx, given.prepared);
  const recording = { model, kind, at: ctx.now(), settleSeconds: ctx.config.limits.settleDelayMilliseconds / 1000 };
  const [part, ...others] = prepared.parts;
  const record = async (): Promise<AcceptedBatch> => {
    if (part !== undefined && others.length === 0 && prepared.rejectedTotal === 0) {
      const answers = key === null ? [] : [remembered(model, key, answerOf([], { kind, prepared }))];
      const id = await recordFresh(ctx, { ...recording, part, answers });
      if (id !== null) return answerOf([id], { kind, prepared });
    }
    return await transact(ctx.db, (tx) => recordBatch(tx, { ctx, ...recording, key, prepared }));
  };
  try {
    const objects = prepared.parts.map(({ stored: object }) => object);
    return await bindStored(ctx, { projectId: model.projectId, stored: objects }, record);
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
    const bytes = object();
    const stored =
      bytes instanceof Uint8Array
        ? await ctx.remote.putWhole(bytes)
        : await ctx.remote.put(bytes, { maxBytes: Number.MAX_SAFE_INTEGER });
    parts.push({ ...part, stored });
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

/** Keeps the bad rows, where they are more than the refusal lists, and says where they are found. */
async function refusal(ctx: Pick<Context, 'db' | 'now'>, { model, kind, prepared }: Accepting): Promise<TidemarkError> {
  const { rejected, rejectedTotal: total } = prepared;
  const first = rejected[0];
  const kept = total > LISTED ? await keepRefusal(ctx.db, { model, kind, rejected, total, at: ctx.now() }) : null;
  const path = `/v1/models/${model.name}/refusals/${kept?.id}/rejected`;
  return new TidemarkError(
    'invalid-rows',
    `${total} of the rows cannot be taken (line ${first?.line}: ${first?.detail}); nothing was stored. Mend them, or send with ?partial=true to keep the others.`,
    {
      ...(kept !== null && { details: { refused: { rejected: path, kept: kept.kept, most_bytes: REFUSAL_BYTES } } }),
      issues: rejected.slice(0, LISTED).map(({ line, field, code, detail }) => ({
        line,
        code,
        detail,
        ...(field === '' ? {} : { field }),
      })),
      issuesTotal: total,
    },
  );
}
