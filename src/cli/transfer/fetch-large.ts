import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { isTidemarkError } from '../../errors.ts';
import { unwritten } from '../terminal/failure.ts';
import { type Fetching, passedOff, type WantedFile } from './fetching.ts';
import type { LargeFiles } from './large-files.ts';
import { partBeside } from './part-file.ts';
import { prepareFile } from './safe-folder.ts';
import { takePlace } from './take-place.ts';

/**
 * Fetches a file that is not held in memory, going on where an earlier process ended.
 * @returns its stamp.
 * @throws TidemarkError `digest-mismatch` for bytes that were passed off, `upload-aborted` when the service broke off,
 * `conflict` for a place that somebody has changed.
 */
export async function fetchLarge(
  fetching: Fetching,
  files: LargeFiles,
  { file, signal }: { readonly file: WantedFile; readonly signal: AbortSignal },
): Promise<string> {
  let aside: string | null = null;
  try {
    const target = prepareFile(fetching.base, file.path, new Set());
    aside = partBeside(target, file.md5);
    const begun = await claimPart(fetching.parts.get(file.md5), aside);
    fetching.onBytes(begun);
    const first = await download(fetching, files, { file, aside, begun, signal, direct: true });
    if (first === 'again') {
      fetching.onBytes(-file.size);
      await download(fetching, files, { file, aside, begun: 0, signal, direct: false });
    }
    const stamp = takePlace(aside, target, file);
    fetching.onFile(file, stamp);
    return stamp;
  } catch (error) {
    if (aside !== null && !(await canGoOn(aside, error))) await rm(aside, { force: true });
    throw unwritten(error, fetching.base);
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

/** What has come is kept for the next pull, unless it is wrong, or there is no room for the rest. */
async function canGoOn(aside: string, error: unknown): Promise<boolean> {
  if (isTidemarkError(error, 'digest-mismatch')) return false;
  if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return false;
  const found = await stat(aside).catch(() => null);
  return found !== null && found.size > 0;
}

type Download = {
  readonly file: WantedFile;
  readonly aside: string;
  /** Bytes that it has already. */
  readonly begun: number;
  /** Whether its bytes may come past the service. */
  readonly direct: boolean;
  readonly signal: AbortSignal;
};

/**
 * A body that breaks off is asked for again from where it ended.
 * @returns whether the whole file has the MD5 of its name; `again` where what it had before, or what came past the
 * service, may be to blame that it has not: what the service sends it has verified.
 * @throws TidemarkError `digest-mismatch` where neither is.
 */
async function download(
  fetching: Fetching,
  files: LargeFiles,
  { file, aside, begun, direct, signal }: Download,
): Promise<'whole' | 'again'> {
  const { client, onBytes } = fetching;
  const part = await files.open(aside, { kept: begun, most: file.size, direct, onBytes });
  try {
    await client.repeat(async () => {
      if (part.size() >= file.size) return;
      await client.open('GET', `/v1/objects/${file.md5}`, { signal, through: part.receive });
    }, signal);
    if (part.size() === file.size && (await part.digest()) === file.md5) return 'whole';
    if (begun > 0 || part.cameDirectly()) return 'again';
    throw passedOff(file.path);
  } catch (error) {
    throw part.size() > file.size ? passedOff(file.path) : error;
  } finally {
    await part.close();
  }
}
