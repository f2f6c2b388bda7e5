import type { Context } from '../../context.ts';
import type { Oid } from '../../dvc/hash.ts';

/** Not longer than it takes to begin with it: an address is a key for whoever sees it. */
export const INVITED_SECONDS = 15 * 60;

/**
 * Where an object can be read past this service, until `INVITED_SECONDS` from now; null where that is not possible. What
 * is read there nobody has verified: whoever reads it compares it with its name, and comes here where it differs.
 */
export async function addressOf(ctx: Pick<Context, 'config' | 'remote'>, oid: Oid): Promise<string | null> {
  if (!ctx.config.directTransfers) return null;
  return (await ctx.remote.address?.(oid, INVITED_SECONDS)) ?? null;
}
