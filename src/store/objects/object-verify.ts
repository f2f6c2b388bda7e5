import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { md5OfOid, type Oid } from '../../dvc/hash.ts';
import { TidemarkError } from '../../errors.ts';
import type { ObjectRemote } from '../remotes/remote.ts';
import { storeFailure } from './object-failure.ts';
import { newSpoolPath, openSpool } from './object-spool.ts';

/** What is known of an object's bytes. With both digests SHA-256 is computed: it is stronger and faster. */
export type Known = { readonly size?: number | undefined } & (
  | { readonly sha256: string; readonly md5?: string | undefined }
  | { readonly md5: string; readonly sha256?: undefined }
);

/**
 * The source's bytes, with the last of them withheld until the digest of all agrees: a receiver that counts
 * bytes can never take a corrupt object for a complete one. Memory is one chunk.
 * @throws TidemarkError `object-corrupt` in place of the last chunk.
 */
export async function* verified(source: AsyncIterable<Uint8Array>, known: Known): AsyncGenerator<Uint8Array> {
  const hash = createHash(known.sha256 === undefined ? 'md5' : 'sha256');
  let size = 0;
  let held: Uint8Array | null = null;
  for await (const chunk of source) {
    // An empty chunk must not push out the real last one.
    if (chunk.byteLength === 0) continue;
    size += chunk.byteLength;
    if (known.size !== undefined && size > known.size) throw corrupt(known);
    hash.update(chunk);
    if (held !== null) yield held;
    held = chunk;
  }
  const complete = known.size === undefined || size === known.size;
  if (!complete || hash.digest('hex') !== (known.sha256 ?? known.md5)) throw corrupt(known);
  if (held !== null) yield held;
}

/**
 * A local file in `folder` with the object's bytes, verified: a second name of the stored file where the
 * remote is on the same file system, else a copy. Read it and delete it; never write to it.
 * @returns the file's path.
 * @throws TidemarkError `not-found`, `object-corrupt`, `storage-full`; nothing is left behind then.
 */
export async function spoolVerified(
  remote: ObjectRemote,
  oid: Oid,
  options: { readonly folder: string; readonly sha256?: string | undefined; readonly size?: number | undefined },
): Promise<string> {
  const known = { md5: md5OfOid(oid), size: options.size };
  const digests: Known = options.sha256 === undefined ? known : { ...known, sha256: options.sha256 };
  try {
    await mkdir(options.folder, { recursive: true });
    return (
      (await linkVerified(remote, oid, { ...options, digests })) ??
      (await copyVerified(remote, oid, { ...options, digests }))
    );
  } catch (error) {
    throw storeFailure(error, 'copying an object to the local disk');
  }
}

type SpoolOptions = { readonly folder: string; readonly digests: Known };

async function linkVerified(remote: ObjectRemote, oid: Oid, options: SpoolOptions): Promise<string | null> {
  const path = newSpoolPath(options.folder);
  if ((await remote.link?.(oid, path)) !== true) return null;
  try {
    const chunks = createReadStream(path, { highWaterMark: 256 * 1024 });
    for await (const _ of verified(chunks, options.digests));
    return path;
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

async function copyVerified(remote: ObjectRemote, oid: Oid, options: SpoolOptions): Promise<string> {
  const source = await remote.read(oid);
  const spool = await openSpool(options.folder, { durable: false });
  try {
    for await (const chunk of verified(source, options.digests)) await spool.write(chunk);
    await spool.finish();
    return spool.path;
  } catch (error) {
    await spool.discard();
    throw error;
  }
}

/** That the stored bytes are not those that are known. */
export function corrupt(known: Known): TidemarkError {
  const name = known.sha256 === undefined ? `MD5 ${known.md5}` : `SHA-256 ${known.sha256}`;
  return new TidemarkError(
    'object-corrupt',
    `The stored bytes are not those of ${name}: the object is corrupt in the store. Push the good bytes again to heal it.`,
  );
}
