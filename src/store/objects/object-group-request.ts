import type { Digests } from '../../dvc/hash.ts';
import type { GroupMember } from '../remotes/remote.ts';

/**
 * What crosses to the thread that does the disk's work for a group of small objects: strings and numbers in one piece,
 * since a thousand objects take longer to be copied than to be written.
 */
export type GroupRequest =
  | (Packed & { readonly kind: 'write' })
  | (Packed & { readonly kind: 'publish'; readonly states: Uint8Array })
  | { readonly kind: 'sync'; readonly paths: readonly string[] }
  | { readonly kind: 'sync-folders'; readonly root: string; readonly folders: readonly string[] }
  | Whole
  | {
      readonly kind: 'digest';
      readonly memory: Uint8Array<SharedArrayBuffer>;
      /** As those of `Packed`. */
      readonly places: Uint32Array;
      /** Bytes of the memory that the whole consists of. */
      readonly size: number;
    }
  | {
      readonly kind: 'read';
      readonly root: string;
      readonly memory: Uint8Array<SharedArrayBuffer>;
      readonly wanted: readonly (GroupMember & { readonly sha256: string })[];
    };

/** One object, from its bytes to its name. */
export type Whole = {
  readonly kind: 'whole';
  readonly root: string;
  readonly spool: string;
  readonly bytes: Uint8Array;
};

/** Not `named`: something lies under its name, or it cannot be given one. Nothing is left of it then. */
export type WholeStored = Digests & { readonly named: boolean };

/** A group as it crosses to the thread. */
export type Packed = {
  readonly root: string;
  /** What the names of its spooled files begin with. */
  readonly spool: string;
  readonly memory: Uint8Array<SharedArrayBuffer>;
  /** The MD5 of each, one after the other. */
  readonly oids: string;
  /** Where each begins and how long it is, by turns. */
  readonly places: Uint32Array;
};

/** What became of the members: a state for each, and digests one after the other. */
export type Written = { readonly states: Uint8Array; readonly md5s: string; readonly sha256s: string };

/** Digests of a group: of its members one after the other, and of the whole. */
export type GroupDigests = { readonly md5s: string; readonly sha256s: string; readonly whole: Digests };

/** `write` answers what it wrote, `publish` with a state for each, `read` with which are good, `whole` what became of it. */
export type GroupReply = Written | Uint8Array | readonly boolean[] | WholeStored | GroupDigests;

export const STATE = {
  /** Its bytes are in a file of their own, which has no name yet. */
  spooled: 0,
  /** Its bytes do not bear out its name. */
  wrong: 1,
  named: 2,
  /** The very bytes lay under its name. */
  same: 3,
  /** Whoever asked has to judge: something else has its name, or it cannot be given one. */
  other: 4,
} as const;

export const MD5_DIGITS = 32;
export const SHA256_DIGITS = 64;

/** The file that a member waits in. */
export function spoolOf({ spool }: Pick<Packed, 'spool'>, i: number): string {
  return `${spool}-${i}`;
}

/** Where each member begins and how long it is, by turns. */
export function placesOf(members: readonly GroupMember[]): Uint32Array {
  const places = new Uint32Array(2 * members.length);
  for (const [i, { start, size }] of members.entries()) places.set([start, size], 2 * i);
  return places;
}
