import type { Context } from '../../context.ts';
import { isTidemarkError } from '../../errors.ts';
import type { ObjectRow } from '../../store/inventory/objects.ts';
import { type BlockSummer, summed } from '../../store/objects/block-sums.ts';
import { verified } from '../../store/objects/object-verify.ts';

/** What a reading of an object's bytes said of them. */
export type Health = 'good' | 'corrupt' | 'missing' | 'unreadable';

/**
 * Reads an object whole. What cannot be read for a reason of the store's own is neither good nor bad: it is said, and
 * nothing is concluded from it.
 * @param summer takes the sums of its blocks on the way; they are those of the object when it is good.
 */
export async function judgeObject(
  ctx: Pick<Context, 'remote' | 'log'>,
  object: Pick<ObjectRow, 'oid' | 'sha256' | 'size'>,
  summer?: BlockSummer,
): Promise<Health> {
  try {
    const source = await ctx.remote.read(object.oid);
    for await (const _ of verified(summer === undefined ? source : summed(source, summer), object));
    return 'good';
  } catch (error) {
    if (isTidemarkError(error, 'object-corrupt')) return 'corrupt';
    if (isTidemarkError(error, 'not-found')) return 'missing';
    if (!isTidemarkError(error, 'store-unavailable')) throw error;
    // When the store as a whole is away the run waits; one object that cannot be read does not hold up the others.
    await ctx.remote.probe();
    ctx.log.warn({ oid: object.oid, err: error }, 'an object cannot be read');
    return 'unreadable';
  }
}
