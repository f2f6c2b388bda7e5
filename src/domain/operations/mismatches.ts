import type { Context } from '../../context.ts';
import { isTidemarkError } from '../../errors.ts';
import { someEndpoint, someObjects } from '../../store/health.ts';
import { keyOf } from '../webhook/keys.ts';

/** Objects that are looked for: one may have been lost, hardly all of several. */
const SAMPLE = 3;

/**
 * What of the ground does not belong to this database, in words for whoever started the service: after a restore, or with
 * a variable that was forgotten, all would seem well until a pull or a delivery fails, and a scrub would call everything
 * lost.
 */
export async function findMismatches(ctx: Pick<Context, 'db' | 'remote' | 'secrets'>): Promise<string[]> {
  const oids = await someObjects(ctx.db, SAMPLE);
  const found = await Promise.all(oids.map((oid) => ctx.remote.stat(oid)));
  const elsewhere = oids.length > 0 && found.every((object) => object === null);
  return [
    ...(elsewhere
      ? [
          `the remote ${ctx.remote.location} has none of the objects of this database that were looked for (${oids.join(', ')}): TIDEMARK_REMOTE has to name where they lie, or they are to be copied there. "npx tidemark remote scrub" then finds again what was missed meanwhile.`,
        ]
      : []),
    ...((await opensSecrets(ctx))
      ? []
      : [
          'what the database keeps sealed does not open with the secret key in use, so no webhook can be signed: bring back the secret.key of the former data directory, or its TIDEMARK_SECRET_KEY.',
        ]),
  ];
}

async function opensSecrets(ctx: Pick<Context, 'db' | 'secrets'>): Promise<boolean> {
  const endpoint = await someEndpoint(ctx.db);
  if (endpoint === null) return true;
  try {
    keyOf(ctx, endpoint);
    return true;
  } catch (error) {
    if (!isTidemarkError(error)) throw error;
    return false;
  }
}
