import { createHash } from 'node:crypto';
import { computationErrorShape } from '../../../schemas/wire/computations.ts';
import type { JobName } from '../../../schemas/wire/jobs.ts';
import type { Context } from '../../context.ts';
import { ERROR_CODES, TidemarkError } from '../../errors.ts';
import {
  type ComputationKind,
  type ComputationRow,
  findKeyedComputation,
  insertComputation,
  reopenComputation,
} from '../../store/jobs/computations.ts';
import { enqueue } from '../../store/jobs/jobs.ts';
import { transact } from '../../store/postgres/db.ts';
import type { Actor } from '../access/actor.ts';
import { keyReused } from '../access/once.ts';

/** An answer, or who finds it out. */
export type Answered<T> = { readonly answer: T } | { readonly begun: ComputationRow };

export const JOB_OF = {
  compare: 'compare-versions',
  'diff-rows': 'diff-rows',
  'derive-rows': 'derive-rows',
} as const satisfies Record<ComputationKind, JobName>;

export const jobKey = (id: string): string => `computation:${id}`;

export type Asked = {
  readonly kind: ComputationKind;
  /** Plain JSON that the answer depends on and nothing else, with every name pinned. */
  readonly request: unknown;
  readonly idempotencyKey?: string | undefined;
  /** False for an answer that was found and does not hold any more. */
  readonly holds?: (result: unknown) => Promise<boolean>;
};

/**
 * Has a worker find an answer out. Whoever asks the same again meets the same computation, waiting or done.
 * @throws TidemarkError `idempotency-key-reused`, and for a while what it failed of; after that it is tried anew.
 */
export async function beginComputation(
  ctx: Pick<Context, 'db' | 'newId'>,
  actor: Actor,
  { kind, request, idempotencyKey, holds }: Asked,
): Promise<ComputationRow> {
  const { projectId, author } = actor;
  const digest = createHash('sha256')
    .update(JSON.stringify([kind, request, idempotencyKey ?? null]))
    .digest('hex');
  return transact(ctx.db, async (tx) => {
    const keyed = idempotencyKey === undefined ? null : await findKeyedComputation(tx, projectId, idempotencyKey);
    if (keyed !== null && keyed.digest !== digest) throw keyReused(keyed.idempotencyKey ?? '');
    const row = { id: ctx.newId('cmp'), projectId, kind, digest, idempotencyKey: idempotencyKey ?? null, author };
    const found = await insertComputation(tx, { ...row, request });
    if (found.state === 'failed') throw failureOf(found);
    const stale = found.state === 'done' && holds !== undefined && !(await holds(found.result));
    if (stale) await reopenComputation(tx, found.id);
    if (!stale && found.state !== 'waiting') return found;
    const { id } = found;
    // Enqueued each time: its job may have been set aside.
    await enqueue(tx, { name: JOB_OF[kind], key: jobKey(id), payload: { computationId: id, projectId } });
    return { ...found, state: 'waiting' };
  });
}

function failureOf({ error }: ComputationRow): TidemarkError {
  const { code, message } = computationErrorShape.parse(error);
  return new TidemarkError(ERROR_CODES.find((known) => known === code) ?? 'internal', message);
}
