import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, posix, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { TidemarkError } from '../errors.ts';
import type { Client } from './client.ts';
import { bytes, countOfFiles, rate, type Terminal } from './terminal.ts';

export type PushOptions = {
  readonly dataset: string;
  readonly message?: string | undefined;
  readonly tag?: string | undefined;
  readonly author?: string | undefined;
  /** `key=value`, each. */
  readonly label?: readonly string[] | undefined;
  readonly gitRev?: string | undefined;
};

const version = z.looseObject({
  ref: z.string(),
  oid: z.string(),
  files: z.int(),
  bytes: z.int(),
  created: z.boolean(),
});

type LocalFile = { readonly path: string; readonly file: string; readonly size: number; readonly md5: string };

const missing = z.looseObject({ objects: z.array(z.looseObject({ oid: z.string(), missing: z.boolean() })) });

/** How many objects are on their way at once. */
const PARALLEL = 4;

/**
 * Pushes a file or a folder as the next version of a dataset.
 * @throws TidemarkError `bad-path` when there is nothing at the path.
 */
export async function push(client: Client, terminal: Terminal, path: string, options: PushOptions): Promise<void> {
  const absolute = resolve(path);
  const found = await stat(absolute).catch(() => null);
  if (found === null) throw new TidemarkError('bad-path', `There is nothing at ${path}.`);
  const made = found.isDirectory()
    ? await pushFolder(client, terminal, absolute, options)
    : await pushFile(client, terminal, { file: absolute, size: found.size }, options);
  if (options.tag !== undefined) {
    await client.open('PUT', `${pathOf(options)}/tags/${encodeURIComponent(options.tag)}`, {
      json: { ref: made.ref },
    });
  }
  const state = made.created ? 'new version' : 'unchanged';
  terminal.result(
    made,
    () => `${options.dataset}@${made.ref}  ${state}  ${made.oid}  ${countOfFiles(made.files)}  ${bytes(made.bytes)}`,
  );
}

const pathOf = ({ dataset }: PushOptions): string => `/v1/datasets/${encodeURIComponent(dataset)}`;

const notesOf = ({ message, author, gitRev }: PushOptions) => ({ message, author, git_rev: gitRev });

function labelsOf(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((label) => {
      const [key = '', ...value] = label.split('=');
      return [key, value.join('=')];
    }),
  );
}

async function pushFile(
  client: Client,
  terminal: Terminal,
  given: { file: string; size: number },
  options: PushOptions,
) {
  return client.call(version, 'POST', `${pathOf(options)}/versions`, {
    query: { path: basename(given.file), ...notesOf(options), labels: options.label?.join(',') },
    body: upload(given.file, watch(terminal, given.size)),
    headers: { 'content-type': 'application/octet-stream' },
  });
}

async function pushFolder(client: Client, terminal: Terminal, folder: string, options: PushOptions) {
  const files = await hashFolder(folder, terminal);
  if (files.length === 0) throw new TidemarkError('bad-path', `There is no file in ${folder}.`);
  const sizes = new Map(files.map((file) => [file.md5, file]));
  const asked = [...sizes.values()].map(({ md5, size }) => ({ oid: md5, size }));
  const wanted = new Set<string>();
  for (let i = 0; i < asked.length; i += 10_000) {
    const answer = await client.call(missing, 'POST', '/v1/objects/batch', {
      json: { objects: asked.slice(i, i + 10_000) },
    });
    for (const object of answer.objects) if (object.missing) wanted.add(object.oid);
  }
  const todo = [...sizes.values()].filter((file) => wanted.has(file.md5));
  const onBytes = watch(
    terminal,
    todo.reduce((sum, file) => sum + file.size, 0),
  );
  await each(todo, async (file) => {
    await client.open('PUT', `/v1/objects/${file.md5}`, { body: upload(file.file, onBytes) });
  });
  return client.call(version, 'POST', `${pathOf(options)}/versions`, {
    json: {
      files: files.map(({ path, md5 }) => ({ path, md5 })),
      path: basename(folder),
      ...notesOf(options),
      labels: options.label === undefined ? undefined : labelsOf(options.label),
    },
  });
}

/** Every file below a folder with its MD5, by POSIX path. Empty folders are not recorded, as in DVC. */
async function hashFolder(folder: string, terminal: Terminal): Promise<LocalFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files: LocalFile[] = [];
  for (const entry of entries) {
    if (entry.isDirectory()) continue;
    const file = join(entry.parentPath, entry.name);
    // Left out silently it would be missed by whoever pulls; followed it might lead out of the folder.
    if (!entry.isFile())
      throw new TidemarkError('bad-path', `${file} is a link or no file; put the file itself there.`);
    const path = posix.join(...file.slice(folder.length + 1).split(/[\\/]/));
    const { size } = await stat(file);
    files.push({ path, file, size, md5: await md5Of(file) });
    terminal.progress(`hashing ${files.length} of ${entries.length}  ${path}`);
  }
  return files;
}

async function md5Of(file: string): Promise<string> {
  const hash = createHash('md5');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

function upload(file: string, onBytes: (count: number) => void): ReadableStream<Uint8Array> {
  const source = createReadStream(file, { highWaterMark: 1 << 20 });
  source.on('data', (chunk) => onBytes(chunk.length));
  // Node's web stream of a file is a stream of byte arrays, which its type does not say.
  return Readable.toWeb(source) as ReadableStream<Uint8Array>;
}

function watch(terminal: Terminal, total: number): (count: number) => void {
  const started = performance.now();
  let done = 0;
  return (count) => {
    done += count;
    terminal.progress(`pushing  ${rate(done, total, performance.now() - started)}`);
  };
}

async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const runner = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: PARALLEL }, runner));
}
