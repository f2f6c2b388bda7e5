import type { Context } from '../../context.ts';
import type { ObjectRow } from '../../store/inventory/objects.ts';
import type { ObjectRemote } from '../../store/remotes/remote.ts';
import type { Doer } from '../access/audit.ts';
import { openObject } from './open-object.ts';

/** So long a reading stands for bytes that nobody has touched. */
const STANDS_MILLISECONDS = 86_400_000;
const MOST_REMEMBERED = 100_000;
/** A store that is far has a clock of its own, and says whole seconds. */
const CLOCKS_DIFFER_MILLISECONDS = 5000;

/** When objects were read through here, by their SHA-256 (epoch ms), the latest last. */
const provings = new WeakMap<ObjectRemote, Map<string, number>>();

/**
 * Reads an object through for a client that will take its beginning for all of it when it breaks off, so that what is
 * wrong is known before the first byte is sent. What was read within a day and nobody has touched since is not read
 * again. What is far would have to come over the network twice, so that it is read only when somebody has touched it:
 * against rot a bucket has checksums of its own.
 * @throws TidemarkError `object-corrupt`, and quarantines it; `store-unavailable`.
 */
export async function proveObject(
  ctx: Pick<Context, 'db' | 'remote' | 'log'>,
  reader: Doer,
  given: { readonly object: ObjectRow; readonly now: Date },
): Promise<void> {
  const { object } = given;
  const remembered = provings.get(ctx.remote) ?? new Map<string, number>();
  provings.set(ctx.remote, remembered);
  const now = given.now.getTime();
  const readAt = Math.max(remembered.get(object.sha256) ?? 0, object.verifiedAt.getTime());
  const touchedAt = await ctx.remote.touchedAt(object.oid);
  if (ctx.remote.near) {
    if (touchedAt !== null && touchedAt < readAt && now - readAt < STANDS_MILLISECONDS) return;
  } else if (touchedAt === null || touchedAt < readAt + CLOCKS_DIFFER_MILLISECONDS) return;
  for await (const _ of await openObject(ctx, { projectId: object.projectId, object, reader }));
  remembered.delete(object.sha256);
  remembered.set(object.sha256, now);
  const [oldest] = remembered.keys();
  if (remembered.size > MOST_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
}
