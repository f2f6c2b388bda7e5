import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import { Gathering } from '../gathering.ts';
import { type Alongside, bindObject, bindObjects, type HeldObject, type Storable } from './bind-object.ts';
import { bindStored } from './bind-stored.ts';

type Binding = {
  readonly stored: Storable;
  readonly alongside: Alongside | undefined;
};

type Waiting = Binding & { readonly ctx: Pick<Context, 'db' | 'remote'>; readonly projectId: number };

const pools = new WeakMap<Db, Gathering<Waiting, HeldObject | TidemarkError>>();
const MOST_TOGETHER = 100;

/**
 * Makes a stored object one of the project. Those that are stored while a transaction is under way share the next one:
 * a folder of small files costs the database a fraction of what its files would cost one by one.
 * @throws TidemarkError as `bindObject`; what is wrong with one object stops no other.
 */
export async function bindTogether(
  ctx: Pick<Context, 'db' | 'remote'>,
  projectId: number,
  binding: Binding,
): Promise<HeldObject> {
  const pool = pools.get(ctx.db) ?? new Gathering(bindGathered, MOST_TOGETHER);
  pools.set(ctx.db, pool);
  const key = JSON.stringify([projectId, binding.alongside?.key]);
  const bound = await pool.add(key, { ...binding, ctx, projectId });
  if (bound instanceof TidemarkError) throw bound;
  return bound;
}

async function bindGathered(waiting: readonly Waiting[]): Promise<(HeldObject | TidemarkError)[]> {
  const [first, ...others] = waiting;
  if (first === undefined) return [];
  if (others.length === 0) return [await bindOne(first)];
  const { ctx, projectId, alongside } = first;
  const stored = waiting.map((each) => each.stored);
  try {
    return await bindStored(ctx, { projectId, stored }, () =>
      transact(ctx.db, async (tx) => {
        const { held } = await bindObjects(tx, ctx, projectId, stored);
        await alongside?.write(tx, held);
        return held;
      }),
    );
  } catch (error) {
    if (!(error instanceof TidemarkError)) throw error;
  }
  const results: (HeldObject | TidemarkError)[] = [];
  for (const each of waiting) results.push(await bindOne(each));
  return results;
}

async function bindOne({ ctx, projectId, stored, alongside }: Waiting): Promise<HeldObject | TidemarkError> {
  try {
    return await bindStored(ctx, { projectId, stored: [stored] }, () =>
      transact(ctx.db, async (tx) => {
        const held = await bindObject(tx, ctx, projectId, stored);
        await alongside?.write(tx, [held]);
        return held;
      }),
    );
  } catch (error) {
    if (error instanceof TidemarkError) return error;
    throw error;
  }
}
