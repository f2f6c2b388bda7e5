import { lstatSync, mkdirSync } from 'node:fs';
import { sep } from 'node:path';
import { isPlainPath, relpathProblem } from '../../dvc/relpath.ts';
import { TidemarkError } from '../../errors.ts';

/**
 * The path of a file below a base, its folders made. What a version names is foreign: it must not lead out of the
 * base by its own steps, nor through a link that lies there.
 * @param known folders that were found to be safe, to be kept from call to call.
 * @throws TidemarkError `bad-path` for a path that leads out, and where a link or a file stands for a folder.
 */
export function prepareFile(base: string, path: string, known: Set<string>): string {
  checkInside(path);
  const parts = path.split('/');
  const name = parts.pop() ?? '';
  let folder = base;
  if (!known.has(base)) {
    makeBase(base);
    known.add(base);
  }
  for (const part of parts) {
    folder = `${folder}${sep}${part}`;
    if (known.has(folder)) continue;
    makeFolder(folder);
    known.add(folder);
  }
  return `${folder}${sep}${name}`;
}

/** Makes a folder below a base, as safely. @throws TidemarkError as `prepareFile`. */
export function prepareFolder(base: string, path: string): void {
  prepareFile(base, `${path}/any`, new Set());
}

function makeBase(base: string): void {
  try {
    mkdirSync(base, { recursive: true });
  } catch (error) {
    const found = lstatSync(base, { throwIfNoEntry: false });
    if (found === undefined || found.isDirectory()) throw error;
    throw new TidemarkError('bad-path', `${base} is no folder, so nothing can be put into it.`, { cause: error });
  }
}

/** What lies in these steers the tools of whoever works in the folder: git runs what its configuration says. */
const STEERING = new Set(['.git', '.hg', '.dvc']);

/** @throws TidemarkError `bad-path` for a path that is no path inside of a folder, or that would steer git or DVC there. */
export function checkInside(path: string): void {
  // What steers begins with a dot.
  if (isPlainPath(path)) return;
  if (relpathProblem(path) !== null) {
    throw new TidemarkError('bad-path', `The version names a file outside of its folder: ${JSON.stringify(path)}.`);
  }
  // Some file systems take names that differ in case for one.
  if (!path.split('/').some((part) => STEERING.has(part.toLowerCase()))) return;
  throw new TidemarkError(
    'bad-path',
    `The version names ${JSON.stringify(path)}, which git or DVC would take for its own; it is not written.`,
  );
}

function makeFolder(folder: string): void {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (found?.isDirectory() === true) return;
  if (found !== undefined) {
    throw new TidemarkError(
      'bad-path',
      `${folder} is a ${found.isSymbolicLink() ? 'link' : 'file'}, and the version has a folder there; move it away first.`,
    );
  }
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another thread was faster; what it made is a folder.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}
