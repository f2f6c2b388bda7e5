import type { Context } from '../../context.ts';
import { findBlockSums, keepBlockSums } from '../../store/inventory/block-sums.ts';
import type { ObjectRow } from '../../store/inventory/objects.ts';
import { type ByteSpan, createBlockSummer, summed, sumsWithin, touchedBlocks } from '../../store/objects/block-sums.ts';
import { createSlots, type Slots } from '../../store/objects/object-slots.ts';
import { verified } from '../../store/objects/object-verify.ts';
import { openProvedRange } from '../../store/objects/proved-range.ts';
import type { ObjectRemote } from '../../store/remotes/remote.ts';

/** More would only take the store from those who read what is proved already. */
const READINGS_AT_ONCE = 2;

type Summable = Pick<ObjectRow, 'oid' | 'sha256' | 'size'>;

type Readings = { readonly slots: Slots; readonly byObject: Map<string, Promise<Uint8Array>> };

const readings = new WeakMap<ObjectRemote, Readings>();

/**
 * The sums of the blocks that a part of an object touches. They are made as bytes are taken in; an object that was taken in before they were
 * is read through once, by the first who wants a part of it or by the scrub, whichever comes first. Whoever asks
 * meanwhile waits for the same reading, which goes on when they leave: a part is late once, and never unproved.
 * @throws TidemarkError `not-found`, `object-corrupt`.
 */
export async function readBlockSums(
  ctx: Pick<Context, 'db' | 'remote'>,
  projectId: number,
  { object, range }: { readonly object: Summable; readonly range: ByteSpan },
): Promise<Uint8Array> {
  const span = touchedBlocks(range, object.size).sums;
  const known = await findBlockSums(ctx.db, projectId, { oid: object.oid, span });
  return known ?? sumsWithin(await sumOnce(ctx, projectId, object), span);
}

/**
 * An object of more than one block, all of it: by its sums, so that nothing that is wrong is given, or where it has
 * none by its SHA-256, with its last bytes withheld until that agrees. Then it has sums for the next time.
 * @throws TidemarkError `not-found`; `object-corrupt` in place of bytes.
 */
export async function openWhole(
  ctx: Pick<Context, 'db' | 'remote'>,
  projectId: number,
  object: Summable,
): Promise<AsyncIterable<Uint8Array>> {
  const range = { start: 0, end: object.size };
  const span = touchedBlocks(range, object.size).sums;
  const sums = await findBlockSums(ctx.db, projectId, { oid: object.oid, span });
  if (sums !== null) return openProvedRange(ctx.remote, { object, range, sums });
  return summing(ctx, projectId, { object, source: await ctx.remote.read(object.oid) });
}

async function* summing(
  ctx: Pick<Context, 'db'>,
  projectId: number,
  { object, source }: { readonly object: Summable; readonly source: AsyncIterable<Uint8Array> },
): AsyncGenerator<Uint8Array> {
  const summer = createBlockSummer();
  yield* verified(summed(source, summer), object);
  const made = [{ oid: object.oid, blockSums: summer.sums() }];
  // The reader has all of it: whether it can be kept is nothing to them.
  await keepBlockSums(ctx.db, projectId, made).catch(() => {});
}

async function sumOnce(ctx: Pick<Context, 'db' | 'remote'>, projectId: number, object: Summable): Promise<Uint8Array> {
  const { slots, byObject } = readingsOf(ctx.remote);
  const key = `${projectId}/${object.oid}`;
  const under = byObject.get(key);
  if (under !== undefined) return under;
  const reading = slots(() => readThrough(ctx, projectId, object)).finally(() => byObject.delete(key));
  byObject.set(key, reading);
  return reading;
}

function readingsOf(remote: ObjectRemote): Readings {
  const made = readings.get(remote) ?? { slots: createSlots(READINGS_AT_ONCE), byObject: new Map() };
  readings.set(remote, made);
  return made;
}

async function readThrough(
  ctx: Pick<Context, 'db' | 'remote'>,
  projectId: number,
  object: Summable,
): Promise<Uint8Array> {
  const summer = createBlockSummer();
  const source = await ctx.remote.read(object.oid);
  for await (const _ of verified(summed(source, summer), object));
  const blockSums = summer.sums();
  if (blockSums === null) throw new Error(`object ${object.oid} has one block, which has no sum`);
  await keepBlockSums(ctx.db, projectId, [{ oid: object.oid, blockSums }]);
  return blockSums;
}
