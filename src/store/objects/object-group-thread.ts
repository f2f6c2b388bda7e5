import { hash } from 'node:crypto';
import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { md5OfEach } from '../../compute/md5-each.ts';
import { answerRequests } from '../../compute/thread-pool.ts';
import { digestBytes } from '../../dvc/hash.ts';
import { objectPath } from '../../dvc/path.ts';
import type { GroupMember } from '../remotes/remote.ts';
import { NO_LINKS } from './durable-files.ts';
import {
  type GroupDigests,
  type GroupReply,
  type GroupRequest,
  MD5_DIGITS,
  type Packed,
  STATE,
  spoolOf,
  type Whole,
  type WholeStored,
  type Written,
} from './object-group-request.ts';

const READ_ONLY = 0o444;

/**
 * The disk's work for a group of small objects, in order and without a wait between two calls: the main thread
 * would spend more on the waiting than this takes for the whole.
 */
answerRequests<GroupRequest, GroupReply>((request) => {
  if (request.kind === 'write') return writeAll(request);
  if (request.kind === 'publish') return publishAll(request);
  if (request.kind === 'whole') return storeWhole(request);
  if (request.kind === 'digest') return digestAll(request);
  if (request.kind === 'sync') return request.paths.map(sync);
  if (request.kind === 'sync-folders') return request.folders.map((folder) => syncFolder(request.root, folder));
  return request.wanted.map((member) => read(request, member));
});

const countOf = ({ places }: Pick<Packed, 'places'>): number => places.length / 2;
const oidOf = ({ oids }: Packed, i: number): string => oids.slice(i * MD5_DIGITS, (i + 1) * MD5_DIGITS);
// Not `join`, which takes the whole path apart for each.
const pathOf = (root: string, oid: string): string => `${root}/${objectPath(oid)}`;

function bytesOf({ memory, places }: Pick<Packed, 'memory' | 'places'>, i: number): Uint8Array {
  const start = places[2 * i] ?? 0;
  return memory.subarray(start, start + (places[2 * i + 1] ?? 0));
}

function digestAll(group: GroupRequest & { kind: 'digest' }): GroupDigests {
  const members = Array.from({ length: countOf(group) }, (_, i) => bytesOf(group, i));
  const sha256s = members.map((bytes) => hash('sha256', bytes)).join('');
  return { md5s: md5OfEach(members).join(''), sha256s, whole: digestBytes(group.memory.subarray(0, group.size)) };
}

function writeAll(group: Packed): Written {
  const states = new Uint8Array(countOf(group));
  const members = Array.from(states, (_, i) => bytesOf(group, i));
  const md5s = md5OfEach(members);
  let sha256s = '';
  let i = 0;
  try {
    for (const bytes of members) {
      sha256s += hash('sha256', bytes);
      if (md5s[i] === oidOf(group, i)) write(spoolOf(group, i), bytes);
      else states[i] = STATE.wrong;
      i++;
    }
    return { states, md5s: md5s.join(''), sha256s };
  } catch (error) {
    for (; i >= 0; i--) fs.rmSync(spoolOf(group, i), { force: true });
    throw error;
  }
}

function write(spool: string, bytes: Uint8Array, durable = false): void {
  const file = openNew(spool);
  try {
    for (let at = 0; at < bytes.byteLength; ) at += fs.writeSync(file, bytes, at);
    if (durable) fs.fsyncSync(file);
  } finally {
    fs.closeSync(file);
  }
}

function openNew(path: string): number {
  try {
    return fs.openSync(path, 'wx', READ_ONLY);
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error;
    fs.mkdirSync(dirname(path), { recursive: true });
    return fs.openSync(path, 'wx', READ_ONLY);
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** Gives the spooled members their names. Their first names are gone afterwards. */
function publishAll(group: Packed & { readonly states: Uint8Array }): Uint8Array {
  return group.states.map((state, i) => (state === STATE.spooled ? publish(group, i) : state));
}

function publish(group: Packed, i: number): number {
  const path = pathOf(group.root, oidOf(group, i));
  const spool = spoolOf(group, i);
  try {
    linkNew(spool, path);
    return STATE.named;
  } catch (error) {
    // That it was not asked for before: hardly ever is something there.
    return isCode(error, 'EEXIST') && isSame(path, bytesOf(group, i)) ? STATE.same : STATE.other;
  } finally {
    fs.unlinkSync(spool);
  }
}

function isSame(path: string, bytes: Uint8Array): boolean {
  const found = fs.statSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true && found.size === bytes.byteLength && fs.readFileSync(path).equals(bytes);
}

function linkNew(spool: string, path: string): void {
  try {
    fs.linkSync(spool, path);
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error;
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

/** The names in a folder, and its own. */
function syncFolder(root: string, folder: string): boolean {
  if (!sync(folder)) return false;
  keepFolder(root, folder);
  return true;
}

/** Bytes before names, each on the disk before the next. */
function storeWhole({ root, spool, bytes }: Whole): WholeStored {
  const digests = digestBytes(bytes);
  const path = pathOf(root, digests.md5);
  try {
    write(spool, bytes, true);
    keepFolder(root, dirname(path));
    fs.linkSync(spool, path);
    sync(dirname(path));
    return { ...digests, named: true };
  } catch (error) {
    if (!isCode(error, 'EEXIST') && ![...NO_LINKS].some((code) => isCode(error, code))) throw error;
    return { ...digests, named: false };
  } finally {
    fs.rmSync(spool, { force: true });
  }
}

/** Folders whose names this thread has made durable. */
const durableFolders = new Set<string>();

function keepFolder(root: string, folder: string): void {
  if (durableFolders.has(folder)) return;
  const parent = dirname(folder);
  if (folder !== root) keepFolder(root, parent);
  fs.mkdirSync(folder, { recursive: true });
  if (folder !== root) sync(parent);
  durableFolders.add(folder);
}

/** Reads a member into its place and judges it. False when it is lost or wrong. */
function read(request: GroupRequest & { kind: 'read' }, member: GroupMember & { readonly sha256: string }): boolean {
  const path = pathOf(request.root, member.oid);
  let file: number;
  try {
    file = fs.openSync(path, 'r');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return false;
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
  return hash('sha256', bytes) === member.sha256;
}
