import { digestBytes, isDirectoryOid, md5OfOid } from '../../dvc/hash.ts';
import { serialiseTree } from '../../dvc/tree.ts';
import { isTidemarkError } from '../../errors.ts';
import type { Client } from '../client/client.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { WantedFile } from '../transfer/fetching.ts';
import { digestFiles, type Hashing } from '../transfer/hash-files.ts';
import type { LocalFile } from '../transfer/local-files.ts';
import type { Target } from '../versions/target.ts';
import { DvcCache } from './dvc-cache.ts';
import { findRepository } from './dvc-repository.ts';

/** The cache of the repository around a path, if there is one on this machine. */
export function openDvcCache(path: string): DvcCache | null {
  const repository = findRepository(path);
  return repository === null || repository.cache === null ? null : new DvcCache(repository, repository.cache);
}

/**
 * Brings what the cache has into the workspace, once its bytes are found to be what it is named for.
 * @returns the files that stand there now.
 */
export async function takeCached(
  cache: DvcCache,
  files: readonly WantedFile[],
  given: { hashing: Hashing; base: string; prefix: string; onFile: (file: WantedFile, stamp: string) => void },
): Promise<Set<WantedFile>> {
  const now = Date.now();
  const wanted = new Map<LocalFile, WantedFile[]>();
  const byOid = new Map<string, WantedFile[]>();
  for (const file of files) byOid.set(file.md5, [...(byOid.get(file.md5) ?? []), file]);
  for (const [oid, twins] of byOid) {
    const object = cache.find(oid, now);
    if (object !== null && object.size === twins[0]?.size) wanted.set(object, twins);
  }
  const taken = new Set<WantedFile>();
  await digestFiles(given.hashing, [...wanted.keys()], (object, md5) => {
    for (const file of wanted.get(object) ?? []) {
      if (file.md5 !== md5) continue;
      const stamp = cache.place(object, given.base, { ...file, path: given.prefix + file.path });
      given.onFile(file, stamp);
      taken.add(file);
    }
  });
  return taken;
}

/**
 * Keeps what stands in the workspace in the cache, a folder's manifest last, as whoever finds it relies on the rest.
 * A cache that cannot be written to is told of and no failure: the data are safe elsewhere.
 */
export async function keepTarget(
  { client, terminal }: { client: Client; terminal: Terminal },
  cache: DvcCache,
  given: {
    target: Pick<Target, 'oid' | 'files'>;
    standing: readonly (Pick<LocalFile, 'file' | 'stamp'> & { md5: string })[];
  },
): Promise<void> {
  const { target, standing } = given;
  try {
    const kept = standing.filter((file) => cache.keep(file, file.md5));
    if (!isDirectoryOid(target.oid) || kept.length < target.files.length) return;
    if (cache.find(target.oid, Date.now()) === null) cache.keepBytes(await manifestOf(client, target), target.oid);
  } catch (error) {
    if (!isTidemarkError(error)) throw error;
    terminal.say(`tidemark: ${error.message}`);
  }
}

async function manifestOf(client: Client, { oid, files }: Pick<Target, 'oid' | 'files'>): Promise<Uint8Array> {
  const manifest = serialiseTree(files.map(({ path, md5 }) => ({ relpath: path, md5 })));
  if (digestBytes(manifest).md5 === md5OfOid(oid)) return manifest;
  // Written by an old client, in a form of its own.
  const reply = await client.open('GET', `/v1/objects/${oid}`);
  return reply.bytes();
}
