import { extname } from 'node:path';
import { createThreadPool } from '../../compute/thread-pool.ts';
import type { Digests } from '../../dvc/hash.ts';
import type { ObjectGroup } from '../remotes/remote.ts';
import {
  type GroupDigests,
  type GroupReply,
  type GroupRequest,
  MD5_DIGITS,
  placesOf,
  SHA256_DIGITS,
} from './object-group-request.ts';

/** Digests of a group's members in their order, and of the first `size` bytes of its memory. */
export type DigestedGroup = {
  readonly members: readonly { readonly md5: string; readonly sha256: string }[];
  readonly whole: Digests;
};

/** Digests groups of small objects in a thread of its own, which starts with the first of them. */
export function createGroupDigester(): (group: ObjectGroup, size: number) => Promise<DigestedGroup> {
  const entry = new URL(`./object-group-thread${extname(import.meta.url)}`, import.meta.url);
  const threads = createThreadPool<GroupRequest, GroupReply>(entry, 1);
  return async ({ memory, members }, size) => {
    const places = placesOf(members);
    // The thread answers each kind of request in kind.
    const reply = (await threads.ask({ kind: 'digest', memory, places, size })) as GroupDigests;
    const { md5s, sha256s, whole } = reply;
    const part = (digits: string, i: number, length: number) => digits.slice(i * length, (i + 1) * length);
    return {
      members: members.map((_, i) => ({
        md5: part(md5s, i, MD5_DIGITS),
        sha256: part(sha256s, i, SHA256_DIGITS),
      })),
      whole,
    };
  };
}
