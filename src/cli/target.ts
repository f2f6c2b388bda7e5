import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';
import { isDirectoryOid } from '../dvc/hash.ts';
import { parsePointer } from '../dvc/pointer.ts';
import { TidemarkError } from '../errors.ts';
import type { Client } from './client.ts';
import { checkInside } from './safe-folder.ts';

/** A version, or what a `.dvc` file points at. */
export type Target = {
  /** For people: `census@v3`, `data.dvc`. */
  readonly name: string;
  readonly dataset?: string;
  readonly ref?: string;
  readonly oid: string;
  /** The file's or folder's own name. */
  readonly path: string;
  readonly isFolder: boolean;
  /** A file that its owner may execute. */
  readonly isExecutable?: boolean | undefined;
  /** What the version was proved by when it was made; a `.dvc` file does not say it. */
  readonly sha256Root?: string;
  /** In the order of the manifest, by their paths inside the folder. */
  readonly files: readonly TargetFile[];
};

export type TargetFile = {
  readonly path: string;
  readonly md5: string;
  readonly size: number;
  readonly sha256?: string | undefined;
};

const version = z.looseObject({
  ref: z.string(),
  oid: z.string(),
  path: z.string(),
  bytes: z.int(),
  executable: z.boolean().default(false),
  sha256_root: z.string(),
});
const listing = z.looseObject({
  items: z.array(z.looseObject({ path: z.string(), md5: z.string(), size: z.int(), sha256: z.string().optional() })),
  next: z.string().nullable(),
});

/** `census@v3`, `census@prod`, or `census` for its latest version. */
export function parseTarget(target: string): { dataset: string; ref: string } {
  const at = target.lastIndexOf('@');
  return at === -1 ? { dataset: target, ref: 'latest' } : { dataset: target.slice(0, at), ref: target.slice(at + 1) };
}

/**
 * What a target names, with all its files. `data.dvc` is the pointer in that file where there is one.
 * @throws TidemarkError `not-found`, `bad-path` when it names a file outside of its folder.
 */
export async function openTarget(client: Client, target: string): Promise<Target> {
  const found =
    target.endsWith('.dvc') && existsSync(target) ? await ofPointer(client, target) : await ofVersion(client, target);
  checkInside(found.path);
  for (const file of found.files) checkInside(file.path);
  return found;
}

async function ofVersion(client: Client, target: string): Promise<Target> {
  const { dataset, ref } = parseTarget(target);
  const base = `/v1/datasets/${encodeURIComponent(dataset)}/versions/${encodeURIComponent(ref)}`;
  const found = await client.call(version, 'GET', base);
  const { oid, path, bytes: size, executable: isExecutable, sha256_root: sha256Root } = found;
  const isFolder = isDirectoryOid(oid);
  // From here on by its content: the version may be deleted or its tag moved before the next question.
  const files = isFolder ? await listFiles(client, oid) : [{ path, md5: oid, size }];
  return {
    name: `${dataset}@${found.ref}`,
    dataset,
    ref: found.ref,
    oid,
    path,
    isFolder,
    isExecutable,
    sha256Root,
    files,
  };
}

async function ofPointer(client: Client, file: string): Promise<Target> {
  const [out, ...others] = parsePointer(readFileSync(file, 'utf8'));
  if (out === undefined || others.length > 0 || out.hash !== 'md5') {
    throw new TidemarkError('invalid-body', `${file} is no .dvc file of DVC 3 with one output.`);
  }
  const { oid, path, isexec: isExecutable } = out;
  const isFolder = isDirectoryOid(oid);
  const files = isFolder ? await listFiles(client, oid) : [{ path, md5: oid, size: out.size ?? 0 }];
  return { name: basename(file), oid, path, isFolder, isExecutable, files };
}

/** Most that the service lists at once. */
const PAGE = '20000';

async function listFiles(client: Client, manifest: string): Promise<TargetFile[]> {
  const files: TargetFile[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.call(listing, 'GET', `/v1/objects/${manifest}/files`, {
      query: { cursor, limit: PAGE },
    });
    for (const { path: name, md5, size, sha256 } of page.items) files.push({ path: name, md5, size, sha256 });
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return files;
}
