import type { Oid } from '../../dvc/hash.ts';
import { findEntryWithObjects, findKeyWithObjects } from '../../store/inventory/entry-objects.ts';
import type { ObjectRow } from '../../store/inventory/objects.ts';
import type { Db } from '../../store/postgres/db.ts';
import type { Actor } from '../access/actor.ts';
import { parseKey } from '../access/api-key.ts';
import { type AuthenticateContext, actorOfEntry, actorOfKey, type Credentials } from '../access/authenticate.ts';
import { Gathering } from '../gathering.ts';

/** Who asks for an object, and what the project knows of it; null when it does not hold it. */
export type AskedFor = { readonly actor: Actor; readonly asked: ObjectRow | null };

/**
 * As `authenticate`, and looks for an object of the actor's project in the same statement. Requests of one key at once
 * ask together, after the last of them came. What the actor may do is the caller's to check.
 * @throws TidemarkError as `authenticate`.
 */
export function askObject(
  ctx: AuthenticateContext,
  given: Credentials & { readonly project: string; readonly oid: Oid },
): Promise<AskedFor> {
  const asking = pools.get(ctx.db) ?? new Gathering(askTogether, MOST_ASKING);
  pools.set(ctx.db, asking);
  return asking.add(JSON.stringify([given.key, given.project]), { ctx, given });
}

type Asking = {
  readonly ctx: AuthenticateContext;
  readonly given: Credentials & { readonly project: string; readonly oid: Oid };
};

const pools = new WeakMap<Db, Gathering<Asking, AskedFor>>();
const MOST_ASKING = 200;

async function askTogether(asking: readonly Asking[]): Promise<AskedFor[]> {
  const [first] = asking;
  if (first === undefined) return [];
  const oids = [...new Set(asking.map(({ given }) => given.oid))];
  const { actor, objects } = await look(first, oids);
  return asking.map(({ given }) => ({ actor, asked: objects.get(given.oid) ?? null }));
}

async function look({ ctx, given }: Asking, oids: readonly Oid[]) {
  if (given.key === null) {
    const { entry, objects } = await findEntryWithObjects(ctx.db, given.project, oids);
    return { actor: actorOfEntry(ctx, given.project, entry), objects };
  }
  const parsed = parseKey(given.key);
  const found = parsed === null ? null : await findKeyWithObjects(ctx.db, parsed.id, oids);
  const actor = await actorOfKey(ctx, { parsed, project: given.project }, found?.key ?? null);
  return { actor, objects: found?.objects ?? new Map<Oid, ObjectRow>() };
}
