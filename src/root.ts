import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds `package.json`, whether this file runs from `src/` or from `dist/src/`. */
export const PACKAGE_ROOT = findRoot(dirname(fileURLToPath(import.meta.url)));

function findRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json')) && existsSync(join(folder, 'schemas'))) {
    // `dist/` holds a copy of `schemas/` but no package.json, so the first folder with both is the root.
    return folder;
  }
  const parent = dirname(folder);
  if (parent === folder) throw new Error('The package folder of Tidemark was not found.');
  return findRoot(parent);
}
