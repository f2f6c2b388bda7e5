import { randomUUID } from 'node:crypto';
import type { Oid } from '../../dvc/hash.ts';
import { isTidemarkError, type TidemarkError } from '../../errors.ts';
import { countWaitingBundles, findBundled, insertBundle, listUnknownBundles } from '../inventory/bundles.ts';
import { digestConflict, memberMismatch } from '../objects/object-failure.ts';
import { createGroupDigester, type DigestedGroup } from '../objects/object-group-digests.ts';
import { type Db, transact } from '../postgres/db.ts';
import { BundleLayouts } from './bundle-layouts.ts';
import { readBundled } from './bundle-reads.ts';
import type { Bundles } from './bundles.ts';
import type { PutOptions } from './put-options.ts';
import type {
  GroupMember,
  ListedObject,
  ListOptions,
  ObjectGroup,
  ObjectRemote,
  ReadOptions,
  StoredObject,
  WantedObject,
} from './remote.ts';

/** So few are stored one by one: it takes no longer, and whoever looks into the bucket finds them at once. */
const FEWEST = 16;

/**
 * A bundle that is not known here may be that of another service which uses the same bucket, and has not laid it out
 * yet; so it is left alone for longer than any stands still.
 */
const UNKNOWN_MILLISECONDS = 30 * 24 * 3600 * 1000;

/** Names of bundles that are looked for in the database together. */
const NAMES_AT_ONCE = 1000;

export type BundlingOptions = {
  readonly inner: ObjectRemote;
  readonly bundles: Bundles;
  readonly db: Db;
  /** Those of the objects of which somebody may have stored bytes already. */
  readonly known: (oids: readonly Oid[]) => Promise<ReadonlySet<Oid>>;
  /** Whether groups are stored in bundles; those that were are read and laid out either way. */
  readonly making: boolean;
  /** The smallest group that becomes a bundle. */
  readonly fewest?: number;
};

/**
 * A remote in which a request takes as long for 4 KiB as for 4 MiB, with groups of small objects stored in one request
 * each. An object of a bundle gets its own name afterwards (`layOuts`), or at once when anybody asks for it by that
 * name, so that nobody notices but whoever looks into the bucket meanwhile. Groups are read from bundles as long as
 * these last: until the first of its members is removed, whose bytes must lie nowhere then.
 */
export function createBundlingRemote(options: BundlingOptions): ObjectRemote {
  return new BundlingRemote(options);
}

type Outcome = StoredObject | TidemarkError;

class BundlingRemote implements ObjectRemote {
  readonly location: string;
  readonly near: boolean;
  readonly parts: ObjectRemote['parts'];
  readonly join?: NonNullable<ObjectRemote['join']>;
  readonly address?: NonNullable<ObjectRemote['address']>;
  readonly layOuts: NonNullable<ObjectRemote['layOuts']>;
  readonly #options: BundlingOptions;
  readonly #inner: ObjectRemote;
  readonly #layouts: BundleLayouts;
  readonly #digest = createGroupDigester();

  constructor(options: BundlingOptions) {
    const { inner, db } = options;
    const { join, address } = inner;
    this.#options = options;
    this.#inner = inner;
    this.#layouts = new BundleLayouts(options);
    this.location = inner.location;
    this.near = inner.near;
    this.parts = inner.parts;
    this.layOuts = { next: () => this.#layouts.next(), waiting: () => countWaitingBundles(db) };
    if (join !== undefined) this.join = join.bind(inner);
    if (address !== undefined) {
      this.address = async (oid, seconds) => {
        await this.#layouts.of([oid]);
        return await address.call(inner, oid, seconds);
      };
    }
  }

  put(source: AsyncIterable<Uint8Array>, options: PutOptions): Promise<StoredObject> {
    return this.#inner.put(source, options);
  }

  putWhole(bytes: Uint8Array): Promise<StoredObject> {
    return this.#inner.putWhole(bytes);
  }

  async putGroup(group: ObjectGroup): Promise<Outcome[]> {
    const { making, fewest = FEWEST } = this.#options;
    if (!making || group.members.length < fewest) return await this.#putDirectly(group);
    const seen = new Set(await this.#options.known(group.members.map(({ oid }) => oid)));
    const fresh = group.members.filter(({ oid }) => !seen.has(oid) && seen.add(oid));
    if (fresh.length < fewest) return await this.#putDirectly(group);
    const isFresh = new Set(fresh);
    const bundled = await this.#bundle({ ...group, members: fresh });
    const direct = await this.#putDirectly({ ...group, members: group.members.filter((one) => !isFresh.has(one)) });
    const [bundles, directs] = [bundled.values(), direct.values()];
    return group.members.flatMap((one) => (isFresh.has(one) ? bundles : directs).next().value ?? []);
  }

  async #putDirectly(group: ObjectGroup): Promise<Outcome[]> {
    if (group.members.length === 0) return [];
    await this.#layouts.of(group.members.map(({ oid }) => oid));
    return await this.#inner.putGroup(group);
  }

  async #bundle(given: ObjectGroup): Promise<Outcome[]> {
    const { group, size } = sideBySide(given);
    const digested = await this.#digest(group, size);
    // Bytes that are refused must not lie in a bundle.
    if (group.members.some(({ oid }, i) => digested.members[i]?.md5 !== oid)) {
      return await this.#withoutWrong(given, digested);
    }
    const name = randomUUID();
    // What is sent must not be shared with other threads.
    await this.#options.bundles.put(name, Buffer.from(group.memory.subarray(0, size)), digested.whole);
    const members = group.members.map((member, i) => ({ ...member, sha256: digested.members[i]?.sha256 ?? '' }));
    const others = await transact(this.#options.db, (tx) => insertBundle(tx, { name, bytes: size, members }));
    return members.map(({ oid, size, sha256 }) => {
      const other = others.get(oid);
      if (other !== undefined && other !== sha256) return digestConflict(oid);
      return { oid, md5: oid, sha256, size, blockSums: null, existed: other !== undefined };
    });
  }

  async #withoutWrong(group: ObjectGroup, digested: DigestedGroup): Promise<Outcome[]> {
    const md5s = group.members.map((_, i) => digested.members[i]?.md5 ?? '');
    const right = await this.#putDirectly({ ...group, members: group.members.filter(({ oid }, i) => md5s[i] === oid) });
    const rights = right.values();
    return group.members.flatMap(({ oid }, i) => {
      const md5 = md5s[i] ?? '';
      return md5 === oid ? (rights.next().value ?? []) : memberMismatch(oid, md5);
    });
  }

  async readGroup<T>(wanted: readonly WantedObject[], take: (found: readonly (Uint8Array | null)[]) => T): Promise<T> {
    const { db, bundles } = this.#options;
    const places = await findBundled(
      db,
      wanted.map(({ oid }) => oid),
    );
    if (places.size === 0) return await this.#inner.readGroup(wanted, take);
    const found = await readBundled(bundles, wanted, places);
    const others = wanted.filter(({ oid }) => !found.has(oid));
    if (others.length === 0) return take(wanted.map(({ oid }) => found.get(oid) ?? null));
    await this.#layouts.of(others.map(({ oid }) => oid));
    return await this.#inner.readGroup(others, (rest) => {
      const byOid = new Map(others.map(({ oid }, i) => [oid, rest[i] ?? null]));
      return take(wanted.map(({ oid }) => found.get(oid) ?? byOid.get(oid) ?? null));
    });
  }

  async stat(oid: Oid): Promise<{ readonly size: number } | null> {
    return await this.#orLaidOut(oid, () => this.#inner.stat(oid));
  }

  async touchedAt(oid: Oid): Promise<number | null> {
    return await this.#orLaidOut(oid, () => this.#inner.touchedAt(oid));
  }

  async read(oid: Oid, options?: ReadOptions): Promise<AsyncIterable<Uint8Array>> {
    return await this.#named(oid, () => this.#inner.read(oid, options));
  }

  async nameLegacy(oid: Oid, legacy: Oid): Promise<void> {
    await this.#named(oid, () => this.#inner.nameLegacy(oid, legacy));
  }

  readLegacy(legacy: Oid): Promise<AsyncIterable<Uint8Array>> {
    return this.#inner.readLegacy(legacy);
  }

  async adoptLegacy(legacy: Oid, oid: Oid): Promise<void> {
    await this.#layouts.of([oid]);
    await this.#inner.adoptLegacy(legacy, oid);
  }

  async remove(oid: Oid): Promise<void> {
    await this.#layouts.dissolveOf(oid);
    await this.#inner.remove(oid);
  }

  removeLegacy(legacy: Oid): Promise<void> {
    return this.#inner.removeLegacy(legacy);
  }

  async *list(prefix?: string, options?: ListOptions): AsyncGenerator<ListedObject> {
    await this.#layouts.all();
    yield* this.#inner.list(prefix, options);
  }

  probe(): Promise<void> {
    return this.#inner.probe();
  }

  async sweep(olderThanMs: number, now: number): Promise<number> {
    const others = await this.#inner.sweep(olderThanMs, now);
    return others + (await this.#sweepBundles(now - Math.max(olderThanMs, UNKNOWN_MILLISECONDS)));
  }

  /** Those that were stored and never became known, or were forgotten before they were removed. */
  async #sweepBundles(before: number): Promise<number> {
    const { bundles, db } = this.#options;
    let removed = 0;
    let names: string[] = [];
    const removeUnknown = async () => {
      const unknown = names.length === 0 ? [] : await listUnknownBundles(db, names);
      for (const name of unknown) await bundles.remove(name);
      removed += unknown.length;
      names = [];
    };
    for await (const { name, modified } of bundles.list()) {
      if (modified < before) names.push(name);
      if (names.length === NAMES_AT_ONCE) await removeUnknown();
    }
    await removeUnknown();
    return removed;
  }

  /** What is asked of an object by its name, once more where it got it just now. */
  async #named<T>(oid: Oid, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (!isTidemarkError(error, 'not-found') || !(await this.#layouts.of([oid]))) throw error;
      return await ask();
    }
  }

  async #orLaidOut<T>(oid: Oid, ask: () => Promise<T | null>): Promise<T | null> {
    const answer = await ask();
    return answer === null && (await this.#layouts.of([oid])) ? await ask() : answer;
  }
}

/**
 * The members side by side from the beginning of their memory, and with nothing else between them: what a bundle has
 * beside its members would outlive them. Often they are so already.
 */
function sideBySide({ memory, members }: ObjectGroup): { readonly group: ObjectGroup; readonly size: number } {
  let size = 0;
  const placed = members.map((member): GroupMember => {
    const start = size;
    size += member.size;
    return { ...member, start };
  });
  if (members.every(({ start }, i) => start === placed[i]?.start)) return { group: { memory, members }, size };
  const packed = new Uint8Array(new SharedArrayBuffer(size));
  for (const [i, { start, size }] of members.entries()) {
    packed.set(memory.subarray(start, start + size), placed[i]?.start);
  }
  return { group: { memory: packed, members: placed }, size };
}
