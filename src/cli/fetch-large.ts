import { createWriteStream } from 'node:fs';
import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { isTidemarkError } from '../errors.ts';
import { failureOf } from './failure.ts';
import { bodyOf, type Fetching, passedOff } from './fetching.ts';
import { stampAt } from './local-files.ts';
import { partBeside } from './part-file.ts';
import { prepareFile } from './safe-folder.ts';
import type { TargetFile } from './target.ts';

/**
 * Fetches a file that is not held in memory, going on where an earlier process ended.
 * @throws TidemarkError `digest-mismatch` for bytes that were passed off, `upload-aborted` when the service broke off.
 */
export async function fetchLarge(fetching: Fetching, file: TargetFile, signal: AbortSignal): Promise<void> {
  let aside: string | null = null;
  try {
    const target = prepareFile(fetching.base, file.path, new Set());
    aside = partBeside(target, file.md5);
    const begun = await claimPart(fetching.parts.get(file.md5), aside);
    fetching.onBytes(begun);
    await download(fetching, { file, aside, signal });
    let whole = await isWhole(fetching, file, aside);
    if (!whole && begun > 0) {
      // What the earlier process left was not the beginning of it.
      fetching.onBytes(-file.size);
      await writeFile(aside, '');
      await download(fetching, { file, aside, signal });
      whole = await isWhole(fetching, file, aside);
    }
    if (!whole) throw passedOff(file.path);
    await rename(aside, target);
    fetching.onFile(file, stampAt(target) ?? '');
  } catch (error) {
    if (aside !== null && !(await canGoOn(aside, error))) await rm(aside, { force: true });
    throw failureOf(error, 'A file cannot be written');
  }
}

/** Takes over what an earlier process had. @returns its bytes; an empty file is begun when there was none. */
async function claimPart(part: string | undefined, aside: string): Promise<number> {
  try {
    if (part !== undefined) await rename(part, aside);
  } catch {
    // Another pull was faster.
  }
  await writeFile(aside, '', { flag: 'a' });
  const { size } = await stat(aside);
  return size;
}

async function isWhole({ hashing }: Fetching, file: TargetFile, aside: string): Promise<boolean> {
  const { size } = await stat(aside);
  const local = { path: file.path, file: aside, size, stamp: '', settled: false };
  return size === file.size && (await hashing.digest(local)) === file.md5;
}

/** What has come is kept for the next pull, unless it is wrong, or there is no room for the rest. */
async function canGoOn(aside: string, error: unknown): Promise<boolean> {
  if (isTidemarkError(error, 'digest-mismatch')) return false;
  if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return false;
  const found = await stat(aside).catch(() => null);
  return found !== null && found.size > 0;
}

/** A body that breaks off is asked for again from where it ended; the digest of the whole file judges the pieces. */
async function download(fetching: Fetching, given: { file: TargetFile; aside: string; signal: AbortSignal }) {
  const { file, aside, signal } = given;
  const { client, onBytes } = fetching;
  await client.repeat(async () => {
    const { size: start } = await stat(aside);
    if (start >= file.size && file.size > 0) return;
    const headers = start === 0 ? {} : { range: `bytes=${start}-` };
    const reply = await client.open('GET', `/v1/objects/${file.md5}`, { headers, signal });
    // What stands between may know no ranges.
    const place = reply.status === 206 ? { flags: 'r+', start } : { flags: 'w' };
    await pipeline(counted(bodyOf(reply), onBytes), createWriteStream(aside, place));
  }, signal);
}

async function* counted(source: AsyncIterable<Uint8Array>, onBytes: (count: number) => void) {
  for await (const chunk of source) {
    onBytes(chunk.byteLength);
    yield chunk;
  }
}
