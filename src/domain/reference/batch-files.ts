import type { Context } from '../../context.ts';
import { md5OfOid, type Oid, parseOid } from '../../dvc/hash.ts';
import { isTidemarkError } from '../../errors.ts';
import { findHealthyObjects, type HealthyObject } from '../../store/inventory/objects.ts';
import { findPackedObjects, type PackedObject } from '../../store/log/packed-objects.ts';
import { byItself } from '../access/audit.ts';
import { type LocalBatch, wrongOrLost } from '../log/arrange/local-batch.ts';
import { copyPacked } from '../log/arrange/packed-batch.ts';
import { materializeObject } from '../object/materialize.ts';
import { quarantine } from '../object/quarantine.ts';

/** A batch whose object may hold rows of a window. */
export type WindowBatch = { readonly batchId: number; readonly oid: string; readonly repeats: Uint8Array | null };

/** Copies made at a time: a window may have come in thousands of small batches. */
const AT_ONCE = 8;

type Spooling = Pick<Context, 'config' | 'db' | 'remote' | 'log'>;

/** What is known of a batch's bytes: an object of their own, or a part of a pack. */
type Stored = HealthyObject | PackedObject;

const isPacked = (stored: Stored): stored is PackedObject => 'packOid' in stored;

/** Where a batch can be read, and what does away with it afterwards. */
type Place = { readonly batch: LocalBatch; readonly dispose: () => Promise<void> };

/**
 * Runs `use` with places on the local disk where batches can be read, in the order given: where they are stored, if that
 * is there, else copies that are deleted afterwards. `localBatchBytes` verifies them; a batch that it finds wrong or lost
 * is quarantined here, unless it was packed meanwhile: then `use` runs once more, with the places of now.
 * @throws TidemarkError `object-corrupt`.
 */
export async function withBatchFiles<T>(
  ctx: Spooling,
  given: { readonly projectId: number; readonly oids: readonly string[] },
  use: (files: readonly LocalBatch[]) => Promise<T>,
): Promise<T> {
  const { projectId } = given;
  const oids = given.oids.map(parseOid);
  for (let stored = await findStored(ctx, projectId, oids); ; ) {
    try {
      return await usePlaces(ctx, { projectId, stored }, use);
    } catch (error) {
      // Found by the reader, who has no database.
      const bad = stored.find(({ oid }) => isTidemarkError(error, 'object-corrupt') && error.details.oid === oid);
      if (bad === undefined) throw error;
      const present = await findStored(ctx, projectId, oids);
      if (!present.some((one) => one.oid === bad.oid && holderOf(one) !== holderOf(bad))) {
        await quarantine(ctx, byItself(projectId), isPacked(bad) ? { oid: bad.packOid } : bad);
        throw error;
      }
      stored = present;
    }
  }
}

/** The object that has the bytes. */
const holderOf = (stored: Stored): Oid => (isPacked(stored) ? stored.packOid : stored.oid);

async function usePlaces<T>(
  ctx: Spooling,
  { projectId, stored }: { readonly projectId: number; readonly stored: readonly Stored[] },
  use: (files: readonly LocalBatch[]) => Promise<T>,
): Promise<T> {
  const { fileOf } = ctx.remote;
  const places =
    fileOf === undefined ? await copyAll(ctx, projectId, stored) : stored.map((one) => inPlace(one, fileOf));
  try {
    return await use(places.map(({ batch }) => batch));
  } finally {
    await disposeAll(places);
  }
}

/** What is known of each. @throws TidemarkError `object-corrupt` where one is known to be wrong or lost. */
async function findStored(ctx: Spooling, projectId: number, oids: readonly Oid[]): Promise<Stored[]> {
  const wanted = [...new Set(oids)];
  const objects = await findHealthyObjects(ctx.db, projectId, wanted);
  const apart = wanted.filter((oid) => !objects.has(oid));
  const packed = await findPackedObjects(ctx.db, projectId, apart);
  return oids.map((oid) => {
    const found = objects.get(oid) ?? packed.get(oid);
    if (found === undefined) throw wrongOrLost(oid);
    return found;
  });
}

function inPlace(stored: Stored, fileOf: (oid: Oid) => string): Place {
  const { oid, size } = stored;
  const batch: LocalBatch = isPacked(stored)
    ? { oid, size, path: fileOf(stored.packOid), start: stored.start, digest: { algorithm: 'md5', hex: md5OfOid(oid) } }
    : { oid, size, path: fileOf(oid), start: 0, digest: { algorithm: 'sha256', hex: stored.sha256 } };
  return { batch, dispose: () => Promise.resolve() };
}

/** Verified copies, of which none is left where one fails. */
async function copyAll(ctx: Spooling, projectId: number, stored: readonly Stored[]): Promise<readonly Place[]> {
  const places: (Place | undefined)[] = stored.map(() => undefined);
  let next = 0;
  const runner = async (): Promise<void> => {
    for (let i = next++; i < stored.length; i = next++) {
      const one = stored[i];
      if (one !== undefined) places[i] = await copyOne(ctx, projectId, one);
    }
  };
  const settled = await Promise.allSettled(Array.from({ length: AT_ONCE }, runner));
  const made = places.filter((place) => place !== undefined);
  const failed = settled.find((outcome) => outcome.status === 'rejected');
  if (failed === undefined) return made;
  await disposeAll(made);
  throw failed.reason;
}

async function copyOne(ctx: Spooling, projectId: number, stored: Stored): Promise<Place> {
  const { oid, size } = stored;
  const { file, dispose } = isPacked(stored)
    ? await copyPacked(ctx, projectId, stored)
    : await materializeObject(ctx, projectId, stored);
  return { batch: { oid, size, path: file, start: 0, digest: null }, dispose };
}

async function disposeAll(places: readonly Place[]): Promise<void> {
  for (const { dispose } of places) await dispose();
}
