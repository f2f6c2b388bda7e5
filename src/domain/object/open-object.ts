import type { Context } from '../../context.ts';
import { isDirectoryOid, type Oid } from '../../dvc/hash.ts';
import { isTidemarkError, TidemarkError } from '../../errors.ts';
import { findSickMember, type ObjectRow } from '../../store/inventory/objects.ts';
import { SUMMED_BYTES } from '../../store/objects/block-sums.ts';
import { verified } from '../../store/objects/object-verify.ts';
import { openCutRange, openProvedRange } from '../../store/objects/proved-range.ts';
import { byItself, type Doer } from '../access/audit.ts';
import { openWhole, readBlockSums } from './block-sums.ts';
import { quarantine } from './quarantine.ts';

/** What is known of an object that is to be read. */
export type Readable = {
  readonly oid: Oid;
  readonly sha256: string;
  readonly size: number;
  readonly verifiedAt: Date;
};

/** Bytes `[start, end)`; all of them when absent. */
export type ByteRange = { readonly start: number; readonly end: number };

type Reading = Pick<Context, 'db' | 'remote' | 'log'>;

/**
 * Opens an object of the project, for `reader` or the service itself. Each block of it comes only when it agrees with
 * its sum; the last bytes of what has no sums only when all agree with the digest. Bytes that are wrong or lost
 * quarantine it.
 * @throws TidemarkError `object-corrupt`, now or in place of bytes.
 */
export async function openObject(
  ctx: Reading,
  given: { projectId: number; object: Readable; range?: ByteRange | undefined; reader?: Doer | undefined },
): Promise<AsyncIterable<Uint8Array>> {
  const { projectId, object, reader = byItself(projectId) } = given;
  const range = given.range ?? { start: 0, end: object.size };
  const whole = range.start === 0 && range.end === object.size;
  try {
    const judged = await (whole ? openAll(ctx, projectId, object) : openPart(ctx, projectId, { object, range }));
    return watched(ctx, reader, object, judged);
  } catch (error) {
    const corruptNow = isTidemarkError(error, 'object-corrupt');
    if (!corruptNow && !isTidemarkError(error, 'not-found')) throw error;
    await quarantine(ctx, reader, object);
    if (corruptNow) throw error;
    throw corrupt(object.oid, 'its bytes are not in the store');
  }
}

async function* watched(
  ctx: Reading,
  reader: Doer,
  object: Readable,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* source;
  } catch (error) {
    if (isTidemarkError(error, 'object-corrupt')) await quarantine(ctx, reader, object);
    throw error;
  }
}

async function openAll(ctx: Reading, projectId: number, object: Readable): Promise<AsyncIterable<Uint8Array>> {
  if (object.size > SUMMED_BYTES) return openWhole(ctx, projectId, object);
  return verified(await ctx.remote.read(object.oid), object);
}

async function openPart(
  ctx: Reading,
  projectId: number,
  part: { readonly object: Readable; readonly range: ByteRange },
): Promise<AsyncIterable<Uint8Array>> {
  if (part.object.size <= SUMMED_BYTES) return openCutRange(ctx.remote, part);
  const sums = await readBlockSums(ctx, projectId, part);
  return openProvedRange(ctx.remote, { ...part, sums });
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
