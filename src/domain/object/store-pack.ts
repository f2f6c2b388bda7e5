import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { type PackPiece, readPack } from '../../formats/object-pack.ts';
import { giveBackSlab, SLAB_BYTES, takeSlab } from '../../store/objects/object-blocks.ts';
import { transact } from '../../store/postgres/db.ts';
import type { GroupMember } from '../../store/remotes/remote.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import type { Doer } from '../access/audit.ts';
import { bindObjects } from './bind-object.ts';
import { bindStored } from './bind-stored.ts';
import { countTaken, requireRoom } from './quota.ts';

/** The largest member of a pack; what is larger gains nothing by being packed. */
const MEMBER_BYTES = 1024 ** 2;
/** What is stored in one go: as much as is held in memory for one request. */
const GROUP_BYTES = SLAB_BYTES;
const GROUP_MEMBERS = 2000;

export type StoredPack = { readonly members: number; readonly created: number };

type Storing = Pick<Context, 'config' | 'db' | 'remote'>;

/**
 * Takes many small objects in one body, each of which has to bear out its name. They are stored and bound group by
 * group, so that what came before a failure is held, and sending the same again costs nothing but the way.
 * @throws TidemarkError `bad-request` for what is no pack, `too-large` for a member that is no small object,
 * `quota-exceeded`; `digest-mismatch` and `digest-conflict` with the members that were refused; the others of their group are held.
 */
export async function storePack(ctx: Storing, actor: Actor, source: AsyncIterable<Uint8Array>): Promise<StoredPack> {
  requireScope(actor, 'data:write');
  const group = new Group(async (members, memory) => storeGroup(ctx, actor, { members, memory }));
  try {
    for await (const piece of readPack(source)) {
      const flushed = group.add(piece);
      if (flushed !== null) await flushed;
    }
    await group.flush();
  } finally {
    group.release();
  }
  return { members: group.members, created: group.created };
}

type Store = (members: readonly GroupMember[], memory: Uint8Array<SharedArrayBuffer>) => Promise<number>;

/** Collects members in one piece of memory, which is filled anew for each group. */
class Group {
  members = 0;
  created = 0;
  readonly #store: Store;
  readonly #memory = takeSlab();
  #filled = 0;
  #open: GroupMember[] = [];

  constructor(store: Store) {
    this.#store = store;
  }

  /** Null, or what has to be awaited before more is added; it has taken the piece then, too. */
  add(piece: PackPiece): Promise<void> | null {
    if (piece.start > 0) return this.#copy(piece);
    if (piece.size > MEMBER_BYTES) {
      throw new TidemarkError(
        'too-large',
        `The member ${piece.md5} has ${piece.size} bytes; in a pack it may have ${MEMBER_BYTES}. Send it with PUT /v1/objects/${piece.md5}.`,
      );
    }
    const full = this.#filled + piece.size > GROUP_BYTES || this.#open.length === GROUP_MEMBERS;
    return full ? this.#beginAnew(piece) : this.#begin(piece);
  }

  /** Gives the memory back, once nobody fills or reads it. */
  release(): void {
    giveBackSlab(this.#memory);
  }

  async flush(): Promise<void> {
    const members = this.#open;
    if (members.length === 0) return;
    this.created += await this.#store(members, this.#memory);
    this.members += members.length;
    this.#open = [];
    this.#filled = 0;
  }

  async #beginAnew(piece: PackPiece): Promise<void> {
    await this.flush();
    this.#begin(piece);
  }

  #begin(piece: PackPiece): null {
    this.#open.push({ oid: piece.md5, start: this.#filled, size: piece.size });
    return this.#copy(piece);
  }

  #copy(piece: PackPiece): null {
    this.#memory.set(piece.bytes, this.#filled);
    this.#filled += piece.bytes.byteLength;
    return null;
  }
}

const sum = (stored: readonly { readonly size: number }[]): number => stored.reduce((all, { size }) => all + size, 0);

async function storeGroup(
  ctx: Storing,
  sender: Doer,
  group: { members: readonly GroupMember[]; memory: Uint8Array<SharedArrayBuffer> },
): Promise<number> {
  const { projectId } = sender;
  await requireRoom(ctx, projectId, group.members);
  const results = await ctx.remote.putGroup(group);
  const stored = results.flatMap((result) => (result instanceof TidemarkError ? [] : [{ ...result, by: sender }]));
  const { created } = await bindStored(ctx, { projectId, stored }, () =>
    transact(ctx.db, (tx) => bindObjects(tx, ctx, projectId, stored)),
  );
  countTaken(ctx, projectId, sum(stored));
  const refused = results.filter((result) => result instanceof TidemarkError);
  const [first] = refused;
  if (first === undefined) return created;
  throw new TidemarkError(first.code, `${first.message} ${refused.length} of the pack's members were refused.`, {
    issues: refused.slice(0, 100).map((error) => ({ code: error.code, detail: error.message })),
    issuesTotal: refused.length,
  });
}
