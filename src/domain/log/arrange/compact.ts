import type { Context } from '../../../context.ts';
import { md5OfOid } from '../../../dvc/hash.ts';
import { isTidemarkError } from '../../../errors.ts';
import type { BatchKind } from '../../../store/log/batches.ts';
import {
  insertPackedObjects,
  listHeldTwice,
  listModelsHeldTwice,
  listModelsToCompact,
  listPackable,
  type PackableBatch,
} from '../../../store/log/packed-objects.ts';
import { findModelById, type ModelRow } from '../../../store/monitor/models.ts';
import { verified } from '../../../store/objects/object-verify.ts';
import { transact } from '../../../store/postgres/db.ts';
import { OUR_OWN, trashObjects } from '../../../store/storage/collection.ts';
import { bindObject } from '../../object/bind-object.ts';

/** What is packed, and into what. */
export type Compaction = {
  /** Objects up to this size. */
  readonly smallBytes: number;
  readonly packBytes: number;
  readonly packMembers: number;
  /** Fewer are left for the next time. */
  readonly leastMembers: number;
  /** Seconds since they came; what is younger may be joined by more. */
  readonly ageSeconds: number;
};

const COMPACTION: Compaction = {
  smallBytes: 256 * 1024,
  packBytes: 16 * 2 ** 20,
  packMembers: 2000,
  leastMembers: 20,
  ageSeconds: 600,
};

const TRASHED_AT_ONCE = 1000;

type Compacting = Pick<Context, 'db' | 'remote' | 'log'>;

/**
 * Job: puts the objects of small settled batches, one behind the other, into larger ones. Every byte stays as it is
 * under the name that reports know it by; only where it lies changes, so that whatever is computed from it is the same
 * to the last digit. The bytes of a pack are durable before a batch leads to it, and its own object is given up after
 * that: killed anywhere, a batch has its bytes in one place or in both.
 */
export async function compactLogs(ctx: Compacting, _: object, compaction: Compaction = COMPACTION): Promise<void> {
  const { smallBytes: bytes, ageSeconds, leastMembers: least } = compaction;
  for (const modelId of await listModelsToCompact(ctx.db, { bytes, ageSeconds, least })) {
    const model = await findModelById(ctx.db, modelId);
    if (model === null) continue;
    for (const kind of ['predictions', 'labels'] as const) await compactKind(ctx, { model, kind, compaction });
  }
  for (const modelId of await listModelsHeldTwice(ctx.db)) {
    const model = await findModelById(ctx.db, modelId);
    if (model !== null) await trashHeldTwice(ctx, model);
  }
}

type Subject = { readonly model: ModelRow; readonly kind: BatchKind; readonly compaction: Compaction };

async function compactKind(ctx: Compacting, { model, kind, compaction }: Subject): Promise<void> {
  const { smallBytes: bytes, ageSeconds, packMembers: limit, leastMembers } = compaction;
  for (let after = 0; ; ) {
    const page = await listPackable(ctx.db, model.id, { kind, bytes, ageSeconds, after, limit });
    const members = firstBytes(page, compaction.packBytes);
    const last = members.at(-1);
    if (last === undefined || members.length < leastMembers) return;
    await pack(ctx, model, members);
    after = last.sequence;
  }
}

function firstBytes(page: readonly PackableBatch[], most: number): readonly PackableBatch[] {
  let bytes = 0;
  const end = page.findIndex((batch, i) => {
    bytes += batch.bytes;
    return i > 0 && bytes > most;
  });
  return end < 0 ? page : page.slice(0, end);
}

async function pack(ctx: Compacting, model: ModelRow, batches: readonly PackableBatch[]): Promise<void> {
  // Batches with the same rows share an object.
  const members = [...new Map(batches.map((batch) => [batch.oid, batch])).values()];
  const sound: PackableBatch[] = [];
  const stored = await ctx.remote.put(bytesOf(ctx, members, sound), { maxBytes: Number.MAX_SAFE_INTEGER });
  let start = 0;
  const packed = sound.map(({ oid, bytes: size }) => {
    const place = { oid, packOid: stored.oid, start, size };
    start += size;
    return place;
  });
  // The pack of one would be that object itself.
  if (packed.length < 2) return;
  await transact(ctx.db, async (tx) => {
    await bindObject(tx, ctx, model.projectId, stored);
    await insertPackedObjects(tx, model.projectId, packed);
  });
  ctx.log.info({ model: model.id, pack: stored.oid, batches: packed.length }, 'small batches were packed');
}

/** The bytes of the members; one whose bytes are wrong or lost stays where it is, to be found by a scrub. */
async function* bytesOf(
  ctx: Pick<Context, 'remote' | 'log'>,
  members: readonly PackableBatch[],
  sound: PackableBatch[],
): AsyncGenerator<Uint8Array> {
  for (const member of members) {
    const chunks: Uint8Array[] = [];
    try {
      const known = { md5: md5OfOid(member.oid), size: member.bytes };
      for await (const chunk of verified(await ctx.remote.read(member.oid), known)) chunks.push(chunk);
    } catch (error) {
      if (!isTidemarkError(error, 'object-corrupt') && !isTidemarkError(error, 'not-found')) throw error;
      ctx.log.error({ oid: member.oid, err: error }, 'a batch cannot be packed');
      continue;
    }
    sound.push(member);
    yield* chunks;
  }
}

/** Gives up the objects whose bytes a pack holds as well: those of this run, and of one that was killed. */
async function trashHeldTwice(ctx: Pick<Context, 'db'>, model: ModelRow): Promise<void> {
  for (;;) {
    const oids = await listHeldTwice(ctx.db, model.id, TRASHED_AT_ONCE);
    if (oids.length === 0) return;
    const gone = await transact(ctx.db, (tx) =>
      trashObjects(tx, model.projectId, { ...OUR_OWN, graceSeconds: 0, oids }),
    );
    // Something else in the project may need them by themselves.
    if (gone.length === 0) return;
  }
}
