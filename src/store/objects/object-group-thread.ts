import { createHash, randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import { answerRequests } from '../../compute/thread-pool.ts';
import { digestBytes } from '../../dvc/hash.ts';
import { objectPath } from '../../dvc/path.ts';
import type { GroupMember } from '../remotes/remote.ts';

/**
 * The disk's work for a group of small objects, in order and without a wait between two calls: the main thread
 * would spend more on the waiting than this takes for the whole.
 */
export type GroupRequest =
  | {
      readonly kind: 'write';
      readonly root: string;
      readonly temporary: string;
      readonly memory: Uint8Array<SharedArrayBuffer>;
      readonly members: readonly GroupMember[];
    }
  | { readonly kind: 'publish'; readonly moves: readonly Move[] }
  | { readonly kind: 'sync'; readonly paths: readonly string[] }
  | {
      readonly kind: 'read';
      readonly root: string;
      readonly memory: Uint8Array<SharedArrayBuffer>;
      readonly wanted: readonly (GroupMember & { readonly sha256: string })[];
    };

/** A spooled file and the name it is to get. */
export type Move = { readonly spool: string; readonly path: string };

/** What became of a member: `other` has to be judged by whoever asked. */
export type Written =
  | { readonly state: 'spooled'; readonly sha256: string; readonly move: Move }
  | { readonly state: 'same'; readonly sha256: string }
  | { readonly state: 'wrong'; readonly md5: string; readonly sha256: string }
  | { readonly state: 'other' };

/** `write` answers with what became of each, `publish` with which names were free, `read` with which are good. */
export type GroupReply = readonly Written[] | readonly boolean[];

const READ_ONLY = 0o444;

answerRequests<GroupRequest, GroupReply>((request) => {
  if (request.kind === 'write') return writeAll(request);
  if (request.kind === 'publish') return request.moves.map(publish);
  if (request.kind === 'sync') return request.paths.map(sync);
  return request.wanted.map((member) => read(request, member));
});

function writeAll(request: GroupRequest & { kind: 'write' }): Written[] {
  const done: Written[] = [];
  try {
    for (const member of request.members) done.push(write(request, member));
    return done;
  } catch (error) {
    for (const each of done) if (each.state === 'spooled') fs.rmSync(each.move.spool, { force: true });
    throw error;
  }
}

function write(request: GroupRequest & { kind: 'write' }, member: GroupMember): Written {
  const bytes = request.memory.subarray(member.start, member.start + member.size);
  const { md5, sha256 } = digestBytes(bytes);
  if (md5 !== member.oid) return { state: 'wrong', md5, sha256 };
  const path = join(request.root, objectPath(member.oid));
  const found = fs.statSync(path, { throwIfNoEntry: false });
  if (found !== undefined) {
    const same = found.isFile() && found.size === member.size && fs.readFileSync(path).equals(bytes);
    return same ? { state: 'same', sha256 } : { state: 'other' };
  }
  const spool = join(request.temporary, `spool-${randomUUID()}`);
  const file = openNew(spool, request.temporary);
  try {
    for (let at = 0; at < bytes.byteLength; ) at += fs.writeSync(file, bytes, at);
  } catch (error) {
    fs.rmSync(spool, { force: true });
    throw error;
  } finally {
    fs.closeSync(file);
  }
  return { state: 'spooled', sha256, move: { spool, path } };
}

function openNew(path: string, folder: string): number {
  try {
    return fs.openSync(path, 'wx', READ_ONLY);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    fs.mkdirSync(folder, { recursive: true });
    return fs.openSync(path, 'wx', READ_ONLY);
  }
}

/** False when the name is taken or the file system has no links; the spooled file is gone either way. */
function publish(move: Move): boolean {
  try {
    linkNew(move);
    return true;
  } catch {
    return false;
  } finally {
    fs.unlinkSync(move.spool);
  }
}

function linkNew({ spool, path }: Move): void {
  try {
    fs.linkSync(spool, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    fs.mkdirSync(dirname(path), { recursive: true });
    fs.linkSync(spool, path);
  }
}

function sync(path: string): boolean {
  // A folder that no member came into need not exist.
  if (!fs.existsSync(path)) return false;
  const file = fs.openSync(path, 'r');
  try {
    fs.fsyncSync(file);
  } finally {
    fs.closeSync(file);
  }
  return true;
}

/** Reads a member into its place and judges it. False when it is lost or wrong. */
function read(request: GroupRequest & { kind: 'read' }, member: GroupMember & { readonly sha256: string }): boolean {
  const path = join(request.root, objectPath(member.oid));
  let file: number;
  try {
    file = fs.openSync(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
  try {
    let at = member.start;
    const end = member.start + member.size;
    while (at < end) {
      const count = fs.readSync(file, request.memory, at, end - at, null);
      if (count === 0) return false;
      at += count;
    }
    if (fs.fstatSync(file).size !== member.size) return false;
  } finally {
    fs.closeSync(file);
  }
  const bytes = request.memory.subarray(member.start, member.start + member.size);
  return createHash('sha256').update(bytes).digest('hex') === member.sha256;
}
