import { createHash } from 'node:crypto';
import { TidemarkError } from '../../errors.ts';
import { findAnswer, lockAnswer, rememberAnswer } from '../../store/access.ts';
import { findDatasetById, findVersionById } from '../../store/datasets.ts';
import type { Db } from '../../store/db.ts';
import type { Recorded } from './record-version.ts';

/** A commit that may be a repetition. */
export type Once = {
  readonly projectId: number;
  readonly key: string | undefined;
  readonly route: string;
  /** Everything that makes it the same request. */
  readonly content: readonly string[];
};

/**
 * Records a version unless the key has been answered before; the first answer is given again. The versions
 * themselves never change, so which one and whether it was new is all that is kept.
 * @throws TidemarkError `idempotency-key-reused` when the key came with other content.
 */
export async function once(tx: Db, request: Once, record: () => Promise<Recorded>): Promise<Recorded> {
  const { projectId, key, route } = request;
  if (key === undefined) return record();
  const bodySha256 = createHash('sha256')
    .update(JSON.stringify([route, ...request.content]))
    .digest('hex');
  await lockAnswer(tx, projectId, key);
  const first = await findAnswer(tx, projectId, key);
  if (first !== null) {
    if (first.bodySha256 !== bodySha256) throw reused(key);
    return recall(tx, first.answer as Kept);
  }
  const recorded = await record();
  const { version, created } = recorded;
  const answer: Kept = { versionId: version.id, created };
  await rememberAnswer(tx, { projectId, key, route, bodySha256, status: created ? 201 : 200, answer });
  return recorded;
}

/** What is stored under the key; written above and nowhere else under these routes. */
type Kept = { readonly versionId: number; readonly created: boolean };

async function recall(tx: Db, kept: Kept): Promise<Recorded> {
  const version = await findVersionById(tx, kept.versionId);
  const dataset = version === null ? null : await findDatasetById(tx, version.datasetId);
  if (version === null || dataset === null) throw new Error(`version ${kept.versionId} of a kept answer is gone`);
  return { dataset, version, created: kept.created };
}

function reused(key: string): TidemarkError {
  return new TidemarkError(
    'idempotency-key-reused',
    `The idempotency key "${key.slice(0, 60)}" came before with another request; take a new one.`,
  );
}
