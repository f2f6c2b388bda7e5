import type { Digests } from '../../dvc/hash.ts';
import type { BundleRange, Bundles } from './bundles.ts';
import { type S3Connection, s3Failure } from './remote-s3-client.ts';
import { deleteKey, listKeys } from './remote-s3-keys.ts';
import { openS3Object } from './remote-s3-read.ts';
import { uploadBytes } from './remote-s3-upload.ts';

export type S3BundlesOptions = {
  readonly connect: () => Promise<S3Connection>;
  /** What the keys of all bundles begin with, up to its slash. */
  readonly prefix: string;
};

/** Bundles under keys of their own, outside of where objects lie. */
export function createS3Bundles({ connect, prefix }: S3BundlesOptions): Bundles {
  return {
    put: (name, bytes, digests) =>
      told('storing a bundle', async () => put(await connect(), prefix + name, bytes, digests)),
    read: (name, range) => told('reading a bundle', async () => read(await connect(), prefix + name, range)),
    remove: (name) => told('removing a bundle', async () => deleteKey(await connect(), prefix + name)),
    list: async function* () {
      try {
        for await (const { key, modified } of listKeys(await connect(), prefix)) {
          yield { name: key.slice(prefix.length), modified };
        }
      } catch (error) {
        throw s3Failure(error, 'listing bundles');
      }
    },
  };
}

async function told<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw s3Failure(error, doing);
  }
}

async function put(s3: S3Connection, key: string, bytes: Uint8Array, digests: Digests): Promise<void> {
  await uploadBytes(s3, { key, digests, onlyNew: false }, bytes);
}

async function read(s3: S3Connection, key: string, { start, end }: BundleRange): Promise<Uint8Array | null> {
  const body = await openS3Object(s3, key, { start, end });
  if (body === null) return null;
  const bytes = Buffer.allocUnsafe(end - start);
  let filled = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    if (filled + chunk.byteLength > bytes.byteLength) return null;
    bytes.set(chunk, filled);
    filled += chunk.byteLength;
  }
  return filled === bytes.byteLength ? bytes : null;
}
