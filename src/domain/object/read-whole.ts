import type { Context } from '../../context.ts';
import type { ObjectRow } from '../../store/inventory/objects.ts';
import type { ObjectRemote } from '../../store/remotes/remote.ts';
import type { Doer } from '../access/audit.ts';
import { Gathering } from '../gathering.ts';
import { openObject } from './open-object.ts';

/** The largest object that is read whole: what a thread reads and hashes in less time than it takes to be asked. */
export const WHOLE_BYTES = 64 * 1024;
const MOST_TOGETHER = 16;

type Bytes = Uint8Array<ArrayBuffer>;

const readers = new WeakMap<ObjectRemote, Gathering<ObjectRow, Bytes | null>>();

/**
 * The bytes of a small object, verified. Objects that are asked for at once are read in one go.
 * @throws TidemarkError `object-corrupt`, and quarantines it; `store-unavailable`.
 */
export async function readWhole(
  ctx: Pick<Context, 'db' | 'remote' | 'log'>,
  object: ObjectRow,
  reader?: Doer,
): Promise<Bytes> {
  const together = readers.get(ctx.remote) ?? new Gathering((rows) => readTogether(ctx.remote, rows), MOST_TOGETHER);
  readers.set(ctx.remote, together);
  const bytes = await together.add('', object);
  if (bytes !== null) return bytes;
  // By itself it says what is wrong with it, and is quarantined for that.
  const chunks: Uint8Array[] = [];
  const { projectId } = object;
  for await (const chunk of await openObject(ctx, { projectId, object, reader })) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Copies: the memory is the remote's again once they are taken. */
async function readTogether(remote: ObjectRemote, rows: readonly ObjectRow[]): Promise<(Bytes | null)[]> {
  return remote.readGroup(rows, (found) => found.map((bytes) => (bytes === null ? null : new Uint8Array(bytes))));
}
