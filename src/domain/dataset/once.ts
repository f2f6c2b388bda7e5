import { findDatasetById, findVersionById } from '../../store/dataset/datasets.ts';
import type { Db } from '../../store/postgres/db.ts';
import { type Once, once } from '../access/once.ts';
import type { Recorded } from './record-version.ts';

/**
 * Records a version unless the key has been answered before; the first answer is given again. The versions
 * themselves never change, so which one and whether it was new is all that is kept.
 * @throws TidemarkError `idempotency-key-reused` when the key came with other content.
 */
export async function recordOnce(tx: Db, request: Once, record: () => Promise<Recorded>): Promise<Recorded> {
  return once<Recorded, Kept>(tx, request, {
    make: record,
    keep: ({ version, created }) => ({ status: created ? 201 : 200, answer: { versionId: version.id, created } }),
    recall: (kept) => recall(tx, kept),
  });
}

type Kept = { readonly versionId: number; readonly created: boolean };

async function recall(tx: Db, kept: Kept): Promise<Recorded> {
  const version = await findVersionById(tx, kept.versionId);
  const dataset = version === null ? null : await findDatasetById(tx, version.datasetId);
  if (version === null || dataset === null) throw new Error(`version ${kept.versionId} of a kept answer is gone`);
  return { dataset, version, created: kept.created };
}
