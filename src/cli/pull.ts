import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, relative, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { TidemarkError } from '../errors.ts';
import type { Client } from './client.ts';
import { bytes, countOfFiles, rate, type Terminal } from './terminal.ts';

const version = z.looseObject({ ref: z.string(), oid: z.string(), path: z.string(), files: z.int(), bytes: z.int() });
const listing = z.looseObject({
  items: z.array(z.looseObject({ path: z.string(), md5: z.string(), size: z.int() })),
  next: z.string().nullable(),
});

type Wanted = z.output<typeof listing>['items'][number];

/** `census@v3`, `census@prod`, or `census` for its latest version. */
export function parseTarget(target: string): { dataset: string; ref: string } {
  const at = target.lastIndexOf('@');
  return at === -1 ? { dataset: target, ref: 'latest' } : { dataset: target.slice(0, at), ref: target.slice(at + 1) };
}

/**
 * Pulls a version into a folder. Each file is written aside, checked against its MD5 and then renamed, so a file
 * that stands under its name is whole.
 */
export async function pull(client: Client, terminal: Terminal, target: string, to: string): Promise<void> {
  const { dataset, ref } = parseTarget(target);
  const base = `/v1/datasets/${encodeURIComponent(dataset)}/versions/${encodeURIComponent(ref)}`;
  const found = await client.call(version, 'GET', base);
  const files = await listFiles(client, `${base}/files`);
  // A folder is pulled under its own name, as `dvc pull` would lay it.
  const folder = found.oid.endsWith('.dir') ? inside(resolve(to), found.path) : resolve(to);
  const started = performance.now();
  let done = 0;
  for (const file of files) {
    await pullFile(client, `${base}/files/`, { file, folder }, (count) => {
      done += count;
      terminal.progress(`pulling  ${rate(done, found.bytes, performance.now() - started)}`);
    });
  }
  terminal.result(
    { dataset, ref: found.ref, oid: found.oid, files: files.length, bytes: found.bytes, folder },
    () => `${dataset}@${found.ref}  ${countOfFiles(files.length)}  ${bytes(found.bytes)}  → ${folder}`,
  );
}

async function listFiles(client: Client, path: string): Promise<Wanted[]> {
  const files: Wanted[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.call(listing, 'GET', path, { query: { cursor, limit: '1000' } });
    files.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return files;
}

async function pullFile(
  client: Client,
  base: string,
  { file, folder }: { file: Wanted; folder: string },
  onBytes: (count: number) => void,
): Promise<void> {
  const target = inside(folder, file.path);
  const aside = `${target}.tidemark-part`;
  await mkdir(dirname(target), { recursive: true });
  const response = await client.open('GET', base + file.path.split('/').map(encodeURIComponent).join('/'));
  const hash = createHash('md5');
  try {
    await pipeline(async function* () {
      if (response.body === null) return;
      // A response body is iterable in Node, which the web's own type does not say.
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        hash.update(chunk);
        onBytes(chunk.byteLength);
        yield chunk;
      }
    }, createWriteStream(aside));
    if (hash.digest('hex') !== file.md5) {
      throw new TidemarkError('digest-mismatch', `${file.path} arrived with other bytes than its version names.`);
    }
    await rename(aside, target);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}

/** A manifest is foreign: no path in it may lead out of the folder that was asked for. */
function inside(folder: string, path: string): string {
  const target = resolve(folder, path);
  const way = relative(folder, target);
  if (way === '' || way === '..' || way.startsWith(`..${sep}`)) {
    throw new TidemarkError('bad-path', `The version names a file outside of its folder: ${JSON.stringify(path)}.`);
  }
  return target;
}
