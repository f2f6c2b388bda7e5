import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import type { ObjectRow } from '../../store/objects.ts';
import { isVersionElsewhere } from '../../store/pushes.ts';

/**
 * Refuses, in the remote of one dataset, what is a version of others alone. `dvc` sends nothing that is there, so that
 * a push of the same content here would make no version; this way it is sent once more. The bytes are kept once.
 * @throws TidemarkError `not-found`.
 */
export async function requireHeldHere(
  ctx: Pick<Context, 'db'>,
  object: Pick<ObjectRow, 'projectId' | 'oid'>,
  dataset: string,
): Promise<void> {
  if (!(await isVersionElsewhere(ctx.db, object, dataset))) return;
  throw new TidemarkError(
    'not-found',
    `The object ${object.oid} is a version of another dataset, not of "${dataset}".`,
  );
}
