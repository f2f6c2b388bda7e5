import { hash } from 'node:crypto';
import { join, resolve } from 'node:path';
import type { Context } from '../../../context.ts';
import { TidemarkError } from '../../../errors.ts';
import type { BatchKind } from '../../../store/log/batches.ts';
import { type Actor, requireScope } from '../../access/actor.ts';
import { resolveLoggedModel } from '../../model/resolve.ts';
import { BYTES_IN_MEMORY } from '../prepare/prepare-body.ts';
import { type AcceptContext, acceptBody } from './accept-body.ts';
import { acceptTogether, mayShareBatch } from './accept-together.ts';
import type { BatchRequest } from './batch-request.ts';
import { type Reservation, reserveBytes } from './bytes-in-flight.ts';
import { type ReceivedBody, receiveBody } from './receive-body.ts';
import type { AcceptedBatch } from './record-batch.ts';

/**
 * Takes a body of rows: they become an object, or several where they are many, and a batch for each says so. Resolves
 * when all of it is durable; until then nobody sees any of it. Without a key a batch that was sent before is taken as
 * a new one whose rows all turn out to be repeats.
 * @throws TidemarkError `invalid-rows` listing the bad ones (nothing is stored), `invalid-body` or `unreadable-data`
 * for a body that is broken as such, `too-large`, `too-many-requests`, `bad-request`, `idempotency-key-reused`,
 * `not-found`.
 */
export async function acceptBatch(ctx: AcceptContext, actor: Actor, request: BatchRequest): Promise<AcceptedBatch> {
  requireScope(actor, 'logs:write');
  const { projectId } = actor;
  const reservation = reserveBytes(ctx, request.announced ?? 0);
  try {
    // Small ones wait for their model together, the others before they send what may be in vain.
    const model = mayShareBatch(request) ? null : await resolveLoggedModel(ctx.db, projectId, request.model);
    const body = await received(ctx, request, reservation);
    try {
      if (body.size === 0) throw emptyBody();
      if (model === null) return await acceptTogether(ctx, { projectId, request, body });
      return await acceptBody(ctx, { model, request, body });
    } finally {
      await body.dispose();
    }
  } finally {
    reservation.release();
  }
}

/** A plain small body of JSON records that comes at once. */
export type SmallBatchRequest = {
  readonly model: string;
  readonly kind: BatchKind;
  readonly encoding: 'ndjson' | 'json';
  /** Bytes, as many as `mayShareBatch` takes. */
  readonly announced: number;
  readonly idempotencyKey: string | null;
  /** Reads it. */
  readonly body: () => Promise<Uint8Array>;
};

/**
 * As `acceptBatch`, for a small body: the way of thousands that come one by one, without what only others need.
 * @throws TidemarkError as `acceptBatch`.
 */
export async function acceptSmallBatch(
  ctx: AcceptContext,
  actor: Actor,
  { body: read, ...given }: SmallBatchRequest,
): Promise<AcceptedBatch> {
  requireScope(actor, 'logs:write');
  const reservation = reserveBytes(ctx, given.announced);
  try {
    const came = await read();
    const size = came.byteLength;
    reservation.arrived(size);
    if (size === 0) throw emptyBody();
    // With room for one more byte behind it.
    const bytes = Buffer.allocUnsafe(size + 1).subarray(0, size);
    bytes.set(came);
    const request = {
      ...given,
      contentEncoding: 'identity',
      epochUnit: null,
      csv: null,
      partial: false,
    } as const;
    const sha256 = given.idempotencyKey === null ? '' : hash('sha256', came);
    const body = { content: { bytes }, size, sha256, dispose: NOTHING };
    return await acceptTogether(ctx, { projectId: actor.projectId, request, body });
  } finally {
    reservation.release();
  }
}

const NOTHING = (): Promise<void> => Promise.resolve();

const emptyBody = (): TidemarkError =>
  new TidemarkError('invalid-rows', 'The body is empty; it holds no rows, such as one JSON object a line.');

function received(
  ctx: Pick<Context, 'config'>,
  request: BatchRequest,
  { arrived }: Reservation,
): Promise<ReceivedBody> {
  return receiveBody(request.source, {
    encoding: request.contentEncoding,
    announced: request.announced,
    maxBytes: ctx.config.limits.batchBytes,
    memoryBytes: BYTES_IN_MEMORY,
    folder: join(resolve(ctx.config.data), 'tmp'),
    arrived,
    digest: request.idempotencyKey !== null,
  });
}
