import type { Context } from '../../context.ts';
import { parseOid } from '../../dvc/hash.ts';
import { TidemarkError } from '../../errors.ts';
import { findHealthyObjects } from '../../store/objects.ts';
import { findPackedObjects } from '../../store/packed-objects.ts';
import { copyPacked } from '../log/packed-batch.ts';
import { type LocalCopy, materializeObject } from '../object/materialize.ts';

/** A batch whose object may hold rows of a window. */
export type WindowBatch = { readonly batchId: number; readonly oid: string; readonly repeats: Uint8Array | null };

/** Copies made at a time: a window may have come in thousands of small batches. */
const AT_ONCE = 8;

type Spooling = Pick<Context, 'config' | 'db' | 'remote' | 'log'>;

/**
 * Runs `use` with verified local copies of batch objects, in the order given, and deletes them.
 * @throws TidemarkError `object-corrupt`.
 */
export async function withBatchFiles<T>(
  ctx: Spooling,
  given: { readonly projectId: number; readonly oids: readonly string[] },
  use: (files: readonly string[]) => Promise<T>,
): Promise<T> {
  const oids = given.oids.map(parseOid);
  const wanted = [...new Set(oids)];
  const objects = await findHealthyObjects(ctx.db, given.projectId, wanted);
  const apart = wanted.filter((oid) => !objects.has(oid));
  const packed = await findPackedObjects(ctx.db, given.projectId, apart);
  const copies: (LocalCopy | undefined)[] = oids.map(() => undefined);
  let next = 0;
  const runner = async (): Promise<void> => {
    for (let i = next++; i < oids.length; i = next++) {
      const oid = oids[i] ?? '';
      const object = objects.get(oid);
      const place = packed.get(oid);
      if (object !== undefined) copies[i] = await materializeObject(ctx, given.projectId, object);
      else if (place !== undefined) copies[i] = await copyPacked(ctx, given.projectId, place);
      else throw sick(oid);
    }
  };
  try {
    const settled = await Promise.allSettled(Array.from({ length: AT_ONCE }, runner));
    const failed = settled.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return await use(copies.flatMap((copy) => (copy === undefined ? [] : [copy.file])));
  } finally {
    for (const copy of copies) await copy?.dispose();
  }
}

function sick(oid: string): TidemarkError {
  return new TidemarkError(
    'object-corrupt',
    `The stored bytes of ${oid}, a batch of predictions, are wrong or lost; send the batch again.`,
  );
}
