import type { Context } from '../../context.ts';
import { isDirectoryOid, type Oid } from '../../dvc/hash.ts';
import { isTidemarkError, TidemarkError } from '../../errors.ts';
import { verified } from '../../store/objects/object-verify.ts';
import { findSickMember, type ObjectRow } from '../../store/objects.ts';
import { quarantine } from './quarantine.ts';

/** What is known of an object that is to be read. */
export type Readable = { readonly oid: Oid; readonly sha256: string; readonly size: number };

/** Bytes `[start, end)`; all of them when absent. */
export type ByteRange = { readonly start: number; readonly end: number };

type Reading = Pick<Context, 'db' | 'remote' | 'log'>;

/**
 * Opens an object of the project. Read whole, its last bytes come only when all of them agree with the
 * digest; a part of it cannot be judged and comes as it lies. Bytes that are wrong or lost quarantine it.
 * @throws TidemarkError `object-corrupt`, now or in place of the last chunk.
 */
export async function openObject(
  ctx: Reading,
  given: { projectId: number; object: Readable; range?: ByteRange | undefined },
): Promise<AsyncIterable<Uint8Array>> {
  const { projectId, object } = given;
  const range = given.range ?? { start: 0, end: object.size };
  const whole = range.start === 0 && range.end === object.size;
  try {
    const source = await ctx.remote.read(object.oid, whole ? {} : range);
    const judged = whole ? verified(source, object) : measured(source, range.end - range.start, object.oid);
    return watched(ctx, projectId, object.oid, judged);
  } catch (error) {
    if (!isTidemarkError(error, 'not-found')) throw error;
    await quarantine(ctx, projectId, object.oid);
    throw corrupt(object.oid, 'its bytes are not in the store');
  }
}

async function* watched(
  ctx: Reading,
  projectId: number,
  oid: Oid,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* source;
  } catch (error) {
    if (isTidemarkError(error, 'object-corrupt')) await quarantine(ctx, projectId, oid);
    throw error;
  }
}

/** A part that ends too early is part of an object that lost bytes. */
async function* measured(source: AsyncIterable<Uint8Array>, length: number, oid: Oid): AsyncGenerator<Uint8Array> {
  let left = length;
  for await (const chunk of source) {
    left -= chunk.byteLength;
    if (left >= 0) yield chunk;
  }
  if (left !== 0) throw corrupt(oid, 'its stored size is not what it was');
}

/**
 * Refuses an object that is quarantined, and a folder with a member that is: for `dvc` a manifest that is
 * there means that all its files are.
 * @throws TidemarkError `object-corrupt`.
 */
export async function requireHealthy(ctx: Pick<Context, 'db'>, row: ObjectRow): Promise<void> {
  if (row.quarantinedAt !== null) throw corrupt(row.oid, 'its stored bytes are wrong or lost');
  if (!isDirectoryOid(row.oid)) return;
  const member = await findSickMember(ctx.db, row.projectId, row.oid);
  if (member !== null) throw corrupt(row.oid, `the stored bytes of its member ${member} are wrong or lost`);
}

function corrupt(oid: Oid, why: string): TidemarkError {
  return new TidemarkError('object-corrupt', `The object ${oid} is quarantined: ${why}. Push the good bytes again.`);
}
