import type { Oid } from '../../dvc/hash.ts';
import { isTidemarkError, type TidemarkError } from '../../errors.ts';
import type { GroupMember, ObjectGroup, ObjectRemote, StoredObject, WantedObject } from '../remotes/remote.ts';
import { verified } from './object-verify.ts';

/** How many objects of a group are on their way at once. */
const PARALLEL = 16;

type Single = Pick<ObjectRemote, 'put' | 'read'>;

/** A group stored one object after another, some at once: where no step covers many. */
export async function putEach(remote: Single, group: ObjectGroup): Promise<(StoredObject | TidemarkError)[]> {
  return inParallel(group.members, (member) => putMember(remote, group, member));
}

/**
 * Stores one member of a group.
 * @returns its refusal in place of what `put` would throw; what has nothing to do with its bytes is thrown.
 */
export async function putMember(
  remote: Single,
  group: ObjectGroup,
  member: GroupMember,
): Promise<StoredObject | TidemarkError> {
  const bytes = group.memory.subarray(member.start, member.start + member.size);
  try {
    return await remote.put(once(bytes), { expect: { md5: member.oid }, maxBytes: member.size });
  } catch (error) {
    if (isTidemarkError(error, 'digest-mismatch') || isTidemarkError(error, 'digest-conflict')) return error;
    throw error;
  }
}

/** Objects read one by one, some at once; null in the place of one that is lost or wrong. */
export async function readEach(remote: Single, wanted: readonly WantedObject[]): Promise<(Uint8Array | null)[]> {
  return inParallel(wanted, (object) => readOne(remote, object.oid, object));
}

async function readOne(remote: Single, oid: Oid, object: WantedObject): Promise<Uint8Array | null> {
  try {
    const chunks: Uint8Array[] = [];
    for await (const chunk of verified(await remote.read(oid), object)) chunks.push(chunk);
    return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
  } catch (error) {
    if (isTidemarkError(error, 'not-found') || isTidemarkError(error, 'object-corrupt')) return null;
    throw error;
  }
}

async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
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
