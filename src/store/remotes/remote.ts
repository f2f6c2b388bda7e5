/**
 * Where objects lie: `files/md5/ab/cdef…` under a base, as DVC lays it out, so that `dvc` can read a remote
 * without us. Objects are shared by content; who owns which of them is known to the database alone.
 *
 * A remote is one of three twins (directory, S3, memory) that pass one contract suite. Policies wrap this
 * interface; they are not options of it.
 */
import type { Oid } from '../../dvc/hash.ts';
import type { Layout } from '../../dvc/path.ts';
import type { TidemarkError } from '../../errors.ts';
import type { Bundles } from './bundles.ts';
import type { PutOptions } from './put-options.ts';
import type { UploadParts } from './upload-parts.ts';

export type StoredObject = {
  readonly oid: Oid;
  readonly md5: string;
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  /** What proves its parts, see `block-sums.ts`; null where it has one block, or where nobody made them. */
  readonly blockSums: Uint8Array | null;
  /** The same bytes were there before. False also where a corrupt copy was replaced. */
  readonly existed: boolean;
};

export type ReadOptions = {
  /** First byte, 0 when absent. */
  readonly start?: number | undefined;
  /** One past the last byte, the size when absent. Both ends are clamped to the object. */
  readonly end?: number | undefined;
  readonly signal?: AbortSignal | undefined;
};

/** Small objects side by side in one piece of memory, each by its bare MD5. */
export type ObjectGroup = {
  readonly memory: Uint8Array<SharedArrayBuffer>;
  readonly members: readonly GroupMember[];
};

/** Where a member lies in the memory of its group, in bytes. */
export type GroupMember = { readonly oid: Oid; readonly start: number; readonly size: number };

/** What has to be known of an object to read it in a group. */
export type WantedObject = { readonly oid: Oid; readonly size: number; readonly sha256: string };

export type ListedObject = { readonly oid: Oid; readonly size: number };

export type ListOptions = {
  /** Begin behind this oid, so that a listing that broke off goes on. */
  readonly after?: Oid | undefined;
  /** DVC 3's names (`files-md5`, when absent) or those that DVC 2 gave at the base. */
  readonly layout?: Layout | undefined;
};

/** What became of a bundle: how many members it had, and those that cannot be given a name: their bytes are gone. */
export type LaidOut = {
  readonly members: number;
  readonly lost: readonly Oid[];
  /** It was not where it should be, and is looked for again while any member has no other place. */
  readonly missed: boolean;
};

/**
 * Every method that takes an oid throws `bad-path` for a malformed one, and every method throws
 * `store-unavailable` where the ground is bad (`storage-full` where it is full).
 */
export type ObjectRemote = {
  /** Where this is, for people: no secret in it. */
  readonly location: string;

  /** Reading an object needs no network, and costs a small one no more than a question to the database. */
  readonly near: boolean;

  /**
   * Takes bytes in one pass and makes them an object, durable before this resolves. The bytes are judged
   * before they become visible; whatever fails leaves no trace. A stored copy of the same name is read
   * again: if it is intact it stays, if it is corrupt the new bytes replace it. A chunk belongs to the source
   * again when the next one is asked for.
   * @throws TidemarkError `digest-mismatch`, `upload-aborted` (the source broke off or the signal fired),
   * `too-large`, `storage-full`, and `digest-conflict` when other intact bytes bear the same MD5.
   */
  put(source: AsyncIterable<Uint8Array>, options: PutOptions): Promise<StoredObject>;

  /**
   * As `put`, of bytes that lie in memory: where a thread can do all of it, the caller waits once and not for each step.
   * The memory is the remote's until this resolves, and may have moved elsewhere then.
   */
  putWhole(bytes: Uint8Array): Promise<StoredObject>;

  /**
   * Stores the members of a group as `put` does, each judged by its own name; all that were stored are durable before
   * this resolves. In the place of one that was not stands its `digest-mismatch` or `digest-conflict`.
   */
  putGroup(group: ObjectGroup): Promise<(StoredObject | TidemarkError)[]>;

  /**
   * Reads small objects whole and verified, and gives them to `take`; null in the place of one that is lost or wrong.
   * Their memory is used again once it has returned.
   */
  readGroup<T>(wanted: readonly WantedObject[], take: (found: readonly (Uint8Array | null)[]) => T): Promise<T>;

  /** Size in bytes, or null when there is no such object. Says nothing of the bytes' health. */
  stat(oid: Oid): Promise<{ readonly size: number } | null>;

  /**
   * When the stored bytes were last touched by whomever, as the file system or the bucket says (epoch ms, by its own
   * clock); null where it cannot be known. Bytes that rot are not touched.
   */
  touchedAt(oid: Oid): Promise<number | null>;

  /**
   * Opens the object. Nothing is verified: see `object-verify.ts`. Iterate the result, call its iterator's
   * `return`, or abort the signal; until then a descriptor or a socket is held. Each chunk is memory of its own,
   * which the reader may do away with.
   * @throws TidemarkError `not-found`.
   */
  read(oid: Oid, options?: ReadOptions): Promise<AsyncIterable<Uint8Array>>;

  /**
   * Lets an object lie under DVC 2's name for it too, `ab/cdef…` at the base, durable before this resolves: as a
   * second name of the same bytes where that is possible, else as a copy. What bears that name rightly stays, though
   * its line ends may be others; what does not is replaced. Nothing here reads it: it is for `dvc` itself.
   * @throws TidemarkError `not-found` when there is no such object.
   */
  nameLegacy(oid: Oid, legacy: Oid): Promise<void>;

  /** Removes the object; removing what is not there is no error. */
  remove(oid: Oid): Promise<void>;

  /** Takes away a name of DVC 2, and a copy with it; no error where there is none. */
  removeLegacy(legacy: Oid): Promise<void>;

  /**
   * Objects in ascending order of oid, optionally those whose oid begins with `prefix` (hex digits). Memory holds a
   * page of them, however many there are. What comes or goes meanwhile may be among them or not.
   */
  list(prefix?: string, options?: ListOptions): AsyncIterable<ListedObject>;

  /** As `read`, for what lies under a name of DVC 2. @throws TidemarkError `not-found`. */
  readLegacy(legacy: Oid): Promise<AsyncIterable<Uint8Array>>;

  /**
   * Gives what lies under a name of DVC 2 the name that DVC 3 has for it, durable before this resolves. No byte
   * passes through this process: it is a second name of the same file, or a copy that the store makes itself. The
   * caller has read the bytes and knows their MD5. A name that is taken stays as it is.
   * @throws TidemarkError `not-found` when nothing lies there.
   */
  adoptLegacy(legacy: Oid, oid: Oid): Promise<void>;

  /** Parts of large objects on their way. */
  readonly parts: UploadParts;

  /**
   * Makes an object of the parts 1 to `count` of an upload where they lie: they are read once and judged as `put`
   * judges, and the store itself puts them together. The parts stay. Absent where `put` costs no more.
   * @throws TidemarkError as `put`; `not-found` for a part that is not there, `conflict` for one that was replaced
   * meanwhile.
   */
  readonly join?: (upload: string, count: number, options: PutOptions) => Promise<StoredObject>;

  /** Resolves when a tiny object can be written and deleted. */
  probe(): Promise<void>;

  /** Removes what uploads that began more than `olderThanMs` before `now` (epoch ms) left behind. Counts it. */
  sweep(olderThanMs: number, now: number): Promise<number>;

  /**
   * Where a client may read the object by itself, past this service, until `seconds` from now. Whether there is such an
   * object is not looked up. Absent where nobody but this service can read.
   */
  readonly address?: (oid: Oid, seconds: number) => Promise<string>;

  /**
   * The path under which the object lies on the local disk, where it does: there it may be read, and is verified by
   * whoever reads it. Whether there is such an object is not looked up.
   */
  readonly fileOf?: (oid: Oid) => string;

  /**
   * Gives the object a second name `path` on the local disk without copying, where that is possible.
   * The file is the stored one: it may be read and deleted, never written.
   * @returns false where it is not possible; the caller copies then.
   */
  readonly link?: (oid: Oid, path: string) => Promise<boolean>;

  /** Where many small objects can be stored in one request, which is as long under way as one for each. */
  readonly bundles?: Bundles;

  /**
   * Objects that are stored and have no name of their own yet: whoever reads past this service does not find them.
   * `next` names those of one bundle; null when nothing is left to do.
   */
  readonly layOuts?: {
    readonly next: () => Promise<LaidOut | null>;
    /** Bundles that wait for it, and besides those that were not where they should be and are looked for again. */
    readonly waiting: () => Promise<{ readonly waiting: number; readonly missed: number }>;
  };
};
