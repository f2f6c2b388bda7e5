import type { Oid } from '../../dvc/hash.ts';
import { isTidemarkError, TidemarkError } from '../../errors.ts';
import {
  type BundleMember,
  type BundleRow,
  findBundleOf,
  forgetBundle,
  forgetMembers,
  isHeldOtherwise,
  listBundleMembers,
  listBundlesOf,
  listWaitingBundles,
  lockBundle,
  markLaidOut,
  markMissed,
} from '../inventory/bundles.ts';
import { inParallel } from '../objects/object-each.ts';
import { type Db, transact } from '../postgres/db.ts';
import type { Bundles } from './bundles.ts';
import type { LaidOut, ObjectGroup, ObjectRemote } from './remote.ts';

export type LayoutOptions = { readonly inner: ObjectRemote; readonly bundles: Bundles; readonly db: Db };

/**
 * Gives members of bundles names of their own. Whoever lays a bundle out has its row locked until it is done, so that
 * nobody removes one of its members meanwhile; killed anywhere, it is laid out once more, which changes nothing.
 */
export class BundleLayouts {
  readonly #options: LayoutOptions;
  /** By bundle: many who ask for members of one wait for the same. */
  readonly #running = new Map<number, Promise<void>>();

  constructor(options: LayoutOptions) {
    this.#options = options;
  }

  /** Lays the oldest one out that nobody else is at; null where there is none. */
  async next(): Promise<LaidOut | null> {
    return await transact(this.#options.db, async (tx) => {
      const bundle = await lockBundle(tx);
      return bundle === null ? null : await this.#layOut(tx, bundle);
    });
  }

  /**
   * Lays out what any of these lie in, unless that is done. Whether there is any: whoever did not find an object a moment
   * ago finds it now, also where somebody else was at it meanwhile.
   */
  async of(oids: readonly Oid[]): Promise<boolean> {
    const bundles = await listBundlesOf(this.#options.db, oids);
    for (const { id, state } of bundles) if (state === 'waiting') await this.#now(id);
    return bundles.length > 0;
  }

  async all(): Promise<void> {
    for (const id of await listWaitingBundles(this.#options.db)) await this.#now(id);
  }

  /** Lays out what the object lies in and removes that: its bytes are under its own name alone then. */
  async dissolveOf(oid: Oid): Promise<void> {
    const found = await findBundleOf(this.#options.db, oid);
    if (found === null) return;
    await this.#once(found.id, async (tx, bundle) => {
      const missed =
        bundle.state === 'missed' || (bundle.state === 'waiting' && (await this.#layOut(tx, bundle)).missed);
      // Of one that is found later the other members are still wanted, and then it is dissolved.
      await (missed ? forgetMembers(tx, [oid]) : this.#dissolve(tx, bundle));
    });
  }

  async #dissolve(tx: Db, bundle: BundleRow): Promise<void> {
    await forgetBundle(tx, bundle.id);
    // Before it is forgotten for good: whoever is stopped here comes again.
    await this.#options.bundles.remove(bundle.name);
  }

  async #now(id: number): Promise<void> {
    await this.#once(id, async (tx, bundle) => {
      if (bundle.state === 'waiting') await this.#layOut(tx, bundle);
    });
  }

  async #once(id: number, work: (tx: Db, bundle: BundleRow) => Promise<void>): Promise<void> {
    const before = this.#running.get(id);
    const run = (async () => {
      await before?.catch(() => {});
      await transact(this.#options.db, async (tx) => {
        const bundle = await lockBundle(tx, id);
        if (bundle !== null) await work(tx, bundle);
      });
    })();
    this.#running.set(id, run);
    try {
      await run;
    } finally {
      if (this.#running.get(id) === run) this.#running.delete(id);
    }
  }

  async #layOut(tx: Db, bundle: BundleRow): Promise<LaidOut> {
    const members = await listBundleMembers(tx, bundle.id);
    const bytes = await this.#options.bundles.read(bundle.name, { start: 0, end: bundle.bytes });
    if (bytes === null) return await this.#miss(tx, bundle, members);
    const lost = await this.#store(tx, inMemory(bytes, members));
    await forgetMembers(tx, lost);
    const known = members.reduce((sum, { oid, size }) => sum + (lost.includes(oid) ? 0 : size), 0);
    // What it has beside its members (another bundle came first with it, or it is removed or rotten) must not outlive them.
    await (known < bundle.bytes ? this.#dissolve(tx, bundle) : markLaidOut(tx, bundle.id));
    return { members: members.length, lost, missed: false };
  }

  /** A bundle that is not there is forgotten once nobody needs it: another bucket may be the one that has it. */
  async #miss(tx: Db, bundle: BundleRow, members: readonly BundleMember[]): Promise<LaidOut> {
    const lost = await this.#unnamed(members);
    await (lost.length === 0 ? forgetBundle(tx, bundle.id) : markMissed(tx, bundle.id));
    return { members: members.length, lost, missed: true };
  }

  /** Of members whose bundle is gone, those that have no name of their own either. */
  async #unnamed(members: readonly BundleMember[]): Promise<Oid[]> {
    const sizes = await inParallel(members, ({ oid }) => this.#options.inner.stat(oid));
    return members.flatMap(({ oid }, i) => (sizes[i] === null ? [oid] : []));
  }

  /** Stores the members under their names. Returns those that cannot be: their bytes rotted, or others bear the name. */
  async #store(tx: Db, group: MemberGroup): Promise<Oid[]> {
    const { inner } = this.#options;
    const results = await inner.putGroup(group);
    const lost: Oid[] = [];
    for (const [i, member] of group.members.entries()) {
      const result = results[i];
      const stands = isTidemarkError(result, 'digest-conflict') ? await this.#replace(tx, group, member) : result;
      if (stands === undefined || stands instanceof TidemarkError || stands.sha256 !== member.sha256) {
        lost.push(member.oid);
      }
    }
    return lost;
  }

  /**
   * Other bytes of the same MD5 were stored under the name after these had come, and were refused then if the project
   * that sent them holds these.
   */
  async #replace(tx: Db, group: MemberGroup, member: BundleMember) {
    if (await isHeldOtherwise(tx, member)) return undefined;
    await this.#options.inner.remove(member.oid);
    const [again] = await this.#options.inner.putGroup({ ...group, members: [member] });
    return again;
  }
}

type MemberGroup = Pick<ObjectGroup, 'memory'> & { readonly members: readonly BundleMember[] };

function inMemory(bytes: Uint8Array, members: readonly BundleMember[]): MemberGroup {
  const memory = new Uint8Array(new SharedArrayBuffer(bytes.byteLength));
  memory.set(bytes);
  return { memory, members };
}
