import { createHash, randomBytes } from 'node:crypto';
import { type Dirent, readdirSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';

/** The end of the name of what is being written beside a file, until it is whole and takes the file's name. */
export const PART_SUFFIX = '.tidemark-part';

const PART = /^\.([0-9a-f-]+)\.([0-9a-f]{8})-(\d+)\.tidemark-part$/;

/** A machine in a name: two of them may share a folder. */
const MACHINE = createHash('md5').update(hostname()).digest('hex').slice(0, 8);

/** A part that nobody has written to for so long has lost its writer, wherever that was. */
const SILENT_MILLISECONDS = 3_600_000;

/**
 * Where the bytes of a file are written until it is whole.
 * @param label the MD5 of what it will be, so that a later process can go on with it; by chance unless given.
 */
export function partBeside(target: string, label: string = randomBytes(8).toString('hex')): string {
  return join(dirname(target), partName(label));
}

/** @param label hex digits and dashes. */
export function partName(label: string): string {
  return `.${label}.${MACHINE}-${process.pid}${PART_SUFFIX}`;
}

/**
 * Takes away what processes that ended in the middle have left in folders, but for parts of files that are wanted.
 * @param everything also what may have a writer on another machine.
 * @returns by MD5, a part to go on with.
 */
export function sweepParts(
  folders: Iterable<string>,
  given: { wanted: ReadonlySet<string>; everything: boolean; now: number },
): Map<string, string> {
  const kept = new Map<string, string>();
  for (const folder of folders) {
    for (const { name } of entriesOf(folder)) {
      if (!name.endsWith(PART_SUFFIX)) continue;
      const file = join(folder, name);
      if (!isAbandoned(file, name, given)) continue;
      const [, label = ''] = PART.exec(name) ?? [];
      if (given.wanted.has(label) && !kept.has(label)) kept.set(label, file);
      else if (kept.get(label) !== file) rmSync(file, { force: true });
    }
  }
  return kept;
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  } catch {
    // There is no such folder; or it cannot be read, and whoever wants its files will say so.
    return [];
  }
}

function isAbandoned(file: string, name: string, given: { everything: boolean; now: number }): boolean {
  const [, , machine, pid] = PART.exec(name) ?? [];
  const isOurs = machine === MACHINE;
  if (isOurs && !isRunning(Number(pid))) return true;
  if (!isOurs && given.everything) return true;
  const found = statSync(file, { throwIfNoEntry: false });
  return found !== undefined && given.now - found.mtimeMs > SILENT_MILLISECONDS;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
