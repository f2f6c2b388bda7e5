import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { isDirectoryOid } from '../../dvc/hash.ts';
import { parsePointer } from '../../dvc/pointer.ts';
import { TidemarkError } from '../../errors.ts';
import { type DvcRepository, findRepository, isInside, isRepository } from './dvc-repository.ts';
import { below, leavesOut, type Scope, scopeOf, withRulesOf } from './left-out.ts';

/**
 * Those of the repository that the current folder is in.
 * @param doing what is missing without them, like "Say what to pull".
 * @throws TidemarkError `bad-request` where there are none.
 */
export function findPointersHere(doing: string): string[] {
  const repository = findRepository('.');
  const found = repository === null ? [] : findPointers(repository, process.cwd());
  if (found.length > 0) return found;
  throw new TidemarkError('bad-request', `${doing}: there is no .dvc file of a repository here.`);
}

/** Every `.dvc` file and `dvc.lock` of a repository that DVC would see, relative to a folder. */
export function findPointers(repository: DvcRepository, from: string): string[] {
  const found: string[] = [];
  const walk = (folder: string, outer: Scope): void => {
    if (folder !== repository.root && isRepository(folder)) return;
    const scope = withRulesOf(outer, folder);
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (leavesOut(scope, entry.name, entry.isDirectory())) continue;
      if (entry.isDirectory()) walk(`${folder}${sep}${entry.name}`, below(scope, entry.name));
      else if (entry.isFile() && (entry.name.endsWith('.dvc') || entry.name === 'dvc.lock')) {
        found.push(`${folder}${sep}${entry.name}`);
      }
    }
  };
  const scope = scopeOf(repository.root, repository);
  if (scope !== null) walk(repository.root, scope);
  const data = found.flatMap(foldersOf);
  // What has such a name in a folder of data is data.
  return found.filter((file) => !data.some((folder) => isInside(file, folder))).map((file) => relative(from, file));
}

function foldersOf(file: string): string[] {
  try {
    return parsePointer(readFileSync(file, 'utf8'))
      .filter((output) => isDirectoryOid(output.oid))
      .map((output) => join(dirname(file), output.path));
  } catch {
    // Whoever reads it for its own sake will say what is wrong with it.
    return [];
  }
}
