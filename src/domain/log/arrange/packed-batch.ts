import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Context } from '../../../context.ts';
import { md5OfOid } from '../../../dvc/hash.ts';
import { isTidemarkError } from '../../../errors.ts';
import type { PackedObject } from '../../../store/log/packed-objects.ts';
import { openSpool } from '../../../store/objects/object-spool.ts';
import { verified } from '../../../store/objects/object-verify.ts';
import { byItself } from '../../access/audit.ts';
import type { LocalCopy } from '../../object/materialize.ts';
import { quarantine } from '../../object/quarantine.ts';

/**
 * Copies an object that lies in a pack to the local disk, verified under its own name.
 * @throws TidemarkError `object-corrupt`; the pack is quarantined then.
 */
export async function copyPacked(
  ctx: Pick<Context, 'config' | 'db' | 'remote' | 'log'>,
  projectId: number,
  { oid, packOid, start, size }: PackedObject,
): Promise<LocalCopy> {
  const spool = await openSpool(join(resolve(ctx.config.data), 'tmp'), { durable: false });
  try {
    const source = await ctx.remote.read(packOid, { start, end: start + size });
    for await (const chunk of verified(source, { md5: md5OfOid(oid), size })) await spool.write(chunk);
    await spool.finish();
    return { file: spool.path, dispose: () => rm(spool.path, { force: true }) };
  } catch (error) {
    await spool.discard();
    if (isTidemarkError(error, 'not-found') || isTidemarkError(error, 'object-corrupt')) {
      await quarantine(ctx, byItself(projectId), { oid: packOid });
    }
    throw error;
  }
}
