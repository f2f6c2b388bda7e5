import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { readingView } from '../../../schemas/wire/reading.ts';
import { isDirectoryOid } from '../../dvc/hash.ts';
import type { Pointer } from '../../dvc/pointer.ts';
import { TidemarkError } from '../../errors.ts';
import type { Client } from '../client/client.ts';
import { isFile, readOutputs } from '../dvc/pointer-outputs.ts';
import { checkInside } from '../transfer/safe-folder.ts';

/** A version, or what a `.dvc` file points at. */
export type Target = {
  /** For people: `census@v3`, `data.dvc`. */
  readonly name: string;
  readonly dataset?: string;
  /** The `.dvc` file or `dvc.lock` that names it. */
  readonly pointer?: string;
  /** That file names it as DVC 2 did. */
  readonly isLegacy?: boolean;
  readonly ref?: string;
  readonly oid: string;
  /** The file's or folder's own name. */
  readonly path: string;
  readonly isFolder: boolean;
  /** A file that its owner may execute. */
  readonly isExecutable?: boolean | undefined;
  /** What the version was proved by when it was made; a `.dvc` file does not say it. */
  readonly sha256Root?: string;
  /** How the tables of the version are read. */
  readonly reading?: z.infer<typeof readingView> | undefined;
  /** In the order of the manifest, by their paths inside the folder. */
  readonly files: readonly TargetFile[];
};

export type TargetFile = {
  readonly path: string;
  readonly md5: string;
  readonly size: number;
  readonly sha256?: string | undefined;
  /** Its bytes are corrupt or lost in the remote; what is not listed with its folder does not say it. */
  readonly quarantined?: boolean | undefined;
  /** What befalls its name on other machines. */
  readonly warning?: string | undefined;
};

const version = z.looseObject({
  ref: z.string(),
  oid: z.string(),
  path: z.string(),
  bytes: z.int(),
  executable: z.boolean().default(false),
  sha256_root: z.string(),
  quarantined: z.int().default(0),
  reading: readingView.optional(),
});
const listing = z.looseObject({
  // Looked through here: by shapes that takes as long as to read them, and there may be very many.
  items: z.custom<TargetFile[]>((value) => Array.isArray(value) && value.every(isListed)),
  next: z.string().nullable(),
});

function isListed(value: unknown): value is TargetFile {
  if (typeof value !== 'object' || value === null) return false;
  const { path, md5, size, sha256, quarantined, warning }: { readonly [K in keyof TargetFile]?: unknown } = value;
  return (
    typeof path === 'string' &&
    typeof md5 === 'string' &&
    Number.isSafeInteger(size) &&
    isOptional(sha256, 'string') &&
    isOptional(quarantined, 'boolean') &&
    isOptional(warning, 'string')
  );
}

const isOptional = (value: unknown, type: 'string' | 'boolean'): boolean =>
  value === undefined || typeof value === type;

/**
 * `census@v3`, `census@prod`, or `census` for its latest version.
 * @throws TidemarkError `bad-request` where one of both is missing.
 */
export function parseTarget(target: string): { dataset: string; ref: string } {
  const at = target.lastIndexOf('@');
  const [dataset, ref] = at === -1 ? [target, 'latest'] : [target.slice(0, at), target.slice(at + 1)];
  if (dataset !== '' && ref !== '') return { dataset, ref };
  throw new TidemarkError('bad-request', `"${target}" names no version; write DATASET, DATASET@v3 or DATASET@TAG.`);
}

/**
 * What a target names, with all its files. `data.dvc` or `dvc.lock` is the pointer in that file where there is one.
 * @param local what it is compared with: of several outputs of a pointer, the one that lies there is meant.
 * @throws TidemarkError `not-found`, `bad-path` when it names a file outside of its folder, `bad-request` for several.
 */
export async function openTarget(client: Client, target: string, local?: string): Promise<Target> {
  if (!isPointerFile(target)) return checked(await ofVersion(client, target));
  const outputs = readOutputs(target);
  const wanted = outputs.filter(
    ({ path }) => outputs.length === 1 || (local !== undefined && resolve(dirname(target), path) === resolve(local)),
  );
  const [output] = wanted;
  if (output !== undefined) return checked(await ofOutput(client, target, { output, alone: outputs.length === 1 }));
  const names = outputs.map(({ path }) => path).join(', ');
  throw new TidemarkError('bad-request', `${target} has ${outputs.length} outputs (${names}), and one is needed here.`);
}

/** All that a target names: the outputs of a `.dvc` file or `dvc.lock`, else one version. */
export async function openTargets(client: Client, target: string): Promise<Target[]> {
  if (!isPointerFile(target)) return [checked(await ofVersion(client, target))];
  const outputs = readOutputs(target);
  const found: Target[] = [];
  for (const output of outputs) {
    found.push(checked(await ofOutput(client, target, { output, alone: outputs.length === 1 })));
  }
  return found;
}

/** Where what a `.dvc` file or `dvc.lock` names lies on this machine, or would. */
export function placesOf(pointer: string): string[] {
  return readOutputs(pointer).map(({ path }) => {
    checkInside(path);
    return join(dirname(pointer), path);
  });
}

/** True for a `.dvc` file or a `dvc.lock` that is there. */
export function isPointerFile(target: string): boolean {
  return (target.endsWith('.dvc') || basename(target) === 'dvc.lock') && isFile(target);
}

function checked(found: Target): Target {
  checkInside(found.path);
  for (const file of found.files) checkInside(file.path);
  return found;
}

async function ofVersion(client: Client, target: string): Promise<Target> {
  const { dataset, ref } = parseTarget(target);
  const base = `/v1/datasets/${encodeURIComponent(dataset)}/versions/${encodeURIComponent(ref)}`;
  const found = await client.call(version, 'GET', base);
  const { oid, path, bytes: size, executable: isExecutable, sha256_root: sha256Root, reading } = found;
  const isFolder = isDirectoryOid(oid);
  // From here on by its content: the version may be deleted or its tag moved before the next question.
  const quarantined = found.quarantined > 0;
  const files = isFolder ? await listFiles(client, oid) : [{ path, md5: oid, size, quarantined }];
  return {
    name: `${dataset}@${found.ref}`,
    dataset,
    ref: found.ref,
    oid,
    path,
    isFolder,
    isExecutable,
    sha256Root,
    reading,
    files,
  };
}

async function ofOutput(
  client: Client,
  file: string,
  { output, alone }: { output: Pointer; alone: boolean },
): Promise<Target> {
  const { oid, path, isexec: isExecutable } = output;
  const isFolder = isDirectoryOid(oid);
  const files = await filesOf(client, output);
  const name = alone ? basename(file) : `${basename(file)}:${path}`;
  return { name, pointer: file, isLegacy: output.hash !== 'md5', oid, path, isFolder, isExecutable, files };
}

/** DVC 2 named files by another digest, under which nothing is held: the service says their own. */
async function filesOf(client: Client, { oid, path, size, hash }: Pointer): Promise<TargetFile[]> {
  if (hash !== 'md5') {
    const files = await listFiles(client, oid, 'legacy');
    return isDirectoryOid(oid) ? files : files.map((file) => ({ ...file, path }));
  }
  return isDirectoryOid(oid) ? listFiles(client, oid) : [{ path, md5: oid, size: size ?? (await sizeOf(client, oid)) }];
}

/** Of an object whose pointer does not say it, as in files of old versions. */
async function sizeOf(client: Client, oid: string): Promise<number> {
  const reply = await client.open('HEAD', `/v1/objects/${oid}`);
  await reply.bytes();
  return Number(reply.header('content-length') ?? 0);
}

/** Most that the service lists at once. */
const PAGE = '20000';

async function listFiles(client: Client, manifest: string, layout?: 'legacy'): Promise<TargetFile[]> {
  const files: TargetFile[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.call(listing, 'GET', `/v1/objects/${manifest}/files`, {
      query: { cursor, limit: PAGE, layout },
    });
    for (const file of page.items) files.push(file);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return files;
}
