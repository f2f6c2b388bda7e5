import { type Oid, sha256Of } from '../../dvc/hash.ts';
import { isTidemarkError, type TidemarkError } from '../../errors.ts';
import type { GroupMember, ObjectGroup, ObjectRemote, StoredObject, WantedObject } from '../remotes/remote.ts';
import { verified } from './object-verify.ts';

/** How many objects of a group are on their way at once. */
const PARALLEL = 32;

/** Stores the bytes of one member of a group, which belong to whoever else is in its memory too. */
type PutBytes = (bytes: Uint8Array, member: GroupMember) => Promise<StoredObject>;

/**
 * A group stored one object after another, some at once: where no step covers many. In the place of one that was
 * refused stands its refusal; what has nothing to do with its bytes is thrown.
 */
export async function putEach(put: PutBytes, group: ObjectGroup): Promise<(StoredObject | TidemarkError)[]> {
  return inParallel(group.members, (member) => orRefusal(put(bytesOf(group, member), member)));
}

/**
 * Stores one member of a group.
 * @returns its refusal in place of what `put` would throw; what has nothing to do with its bytes is thrown.
 */
export async function putMember(
  remote: Pick<ObjectRemote, 'put'>,
  group: ObjectGroup,
  member: GroupMember,
): Promise<StoredObject | TidemarkError> {
  return await orRefusal(putStream(remote)(bytesOf(group, member), member));
}

/** The bytes of a member as a source for `put`, for a remote that has no shorter way. */
export function putStream(remote: Pick<ObjectRemote, 'put'>): PutBytes {
  return (bytes, { oid, size }) => remote.put(once(bytes), { expect: { md5: oid }, maxBytes: size });
}

const bytesOf = ({ memory }: ObjectGroup, { start, size }: GroupMember): Uint8Array =>
  memory.subarray(start, start + size);

async function orRefusal(stored: Promise<StoredObject>): Promise<StoredObject | TidemarkError> {
  try {
    return await stored;
  } catch (error) {
    if (isTidemarkError(error, 'digest-mismatch') || isTidemarkError(error, 'digest-conflict')) return error;
    throw error;
  }
}

/**
 * Objects read one by one, some at once; null in the place of one that is lost or wrong. `short` is tried before: it
 * gives the bytes unverified, or null.
 */
export async function readEach(
  remote: Pick<ObjectRemote, 'read'>,
  wanted: readonly WantedObject[],
  short: (object: WantedObject) => Promise<Uint8Array | null> = async () => null,
): Promise<(Uint8Array | null)[]> {
  return inParallel(wanted, async (object) => {
    const bytes = await short(object);
    const good = bytes !== null && sha256Of(bytes) === object.sha256;
    return good ? bytes : await readOne(remote, object.oid, object);
  });
}

async function readOne(remote: Pick<ObjectRemote, 'read'>, oid: Oid, object: WantedObject): Promise<Uint8Array | null> {
  try {
    const chunks: Uint8Array[] = [];
    for await (const chunk of verified(await remote.read(oid), object)) chunks.push(chunk);
    return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
  } catch (error) {
    if (isTidemarkError(error, 'not-found') || isTidemarkError(error, 'object-corrupt')) return null;
    throw error;
  }
}

/** What becomes of each item, in their order; some are worked on at once. */
export async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Map<number, R>();
  const queue = items.entries();
  const runner = async (): Promise<void> => {
    for (const [i, item] of queue) results.set(i, await work(item));
  };
  await Promise.all(Array.from({ length: PARALLEL }, runner));
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
}

export async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.byteLength > 0) yield bytes;
}
