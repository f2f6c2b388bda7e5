import { createHash } from 'node:crypto';
import { TidemarkError } from '../../errors.ts';
import { findAnswer, lockAnswer, rememberAnswer } from '../../store/access/access.ts';
import type { Db } from '../../store/postgres/db.ts';

/** A mutation that may be a repetition. */
export type Once = {
  readonly projectId: number;
  readonly key: string | undefined;
  readonly route: string;
  /** Everything that makes it the same request. */
  readonly content: readonly string[];
};

/** How a mutation is made, what of its outcome is kept, and how the outcome is had again from that. */
export type Repeatable<T, K> = {
  readonly make: () => Promise<T>;
  /** Never a secret: what is kept stands in the database as it is. */
  readonly keep: (outcome: T) => { readonly status: number; readonly answer: K };
  readonly recall: (kept: K) => Promise<T>;
};

/**
 * Makes a change unless its key has been answered before; the first outcome is given again. Runs in the
 * transaction of the change, so that both are there or neither is.
 * @throws TidemarkError `idempotency-key-reused` when the key came with another request.
 */
export async function once<T, K>(tx: Db, request: Once, change: Repeatable<T, K>): Promise<T> {
  const { projectId, key, route } = request;
  if (key === undefined) return change.make();
  const bodySha256 = createHash('sha256')
    .update(JSON.stringify([route, ...request.content]))
    .digest('hex');
  await lockAnswer(tx, projectId, key);
  const first = await findAnswer(tx, projectId, key);
  if (first !== null) {
    if (first.bodySha256 !== bodySha256) throw keyReused(key);
    // The digest names the route, and what a route keeps is written below and nowhere else.
    return change.recall(first.answer as K);
  }
  const outcome = await change.make();
  const { status, answer } = change.keep(outcome);
  await rememberAnswer(tx, { projectId, key, route, bodySha256, status, answer });
  return outcome;
}

/** What is said to who sends one key with two requests. */
export function keyReused(key: string): TidemarkError {
  return new TidemarkError(
    'idempotency-key-reused',
    `The idempotency key "${key.slice(0, 60)}" came before with another request; take a new one.`,
  );
}
