import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve, sep } from 'node:path';

/** How DVC brings a file from its cache into the workspace, the first that the file system can do. */
export type LinkType = 'reflink' | 'hardlink' | 'symlink' | 'copy';

/** A folder in which somebody works with `dvc`. */
export type DvcRepository = {
  readonly root: string;
  /** Where its cache is; null for one that is not on this machine. */
  readonly cache: string | null;
  readonly linkTypes: readonly LinkType[];
};

/** The repository that a path lies in: the nearest folder around it that holds a `.dvc` folder. Null outside of any. */
export function findRepository(path: string): DvcRepository | null {
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    if (isRepository(folder)) return openRepository(folder);
    if (dirname(folder) === folder) return null;
  }
}

/** True for a folder that holds a `.dvc` folder. */
export function isRepository(folder: string): boolean {
  try {
    return statSync(join(folder, '.dvc')).isDirectory();
  } catch {
    return false;
  }
}

/** True for a path that is the folder, or lies below it; by the names alone. */
export function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}

function openRepository(root: string): DvcRepository {
  const own = join(root, '.dvc');
  let cache: string | null = join(own, 'cache');
  let linkTypes: LinkType[] = ['reflink', 'copy'];
  // The later ones come before the earlier ones, and a folder is relative to the file that names it.
  for (const folder of [join(homedir(), '.config', 'dvc'), own]) {
    for (const name of folder === own ? ['config', 'config.local'] : ['config']) {
      const { dir, type } = readCacheSection(join(folder, name));
      if (dir !== undefined) cache = dir.includes('://') ? null : resolve(folder, dir.replace(/^~(?=\/|$)/, homedir()));
      const types = (type ?? '').split(',').map((each) => each.trim());
      if (type !== undefined) linkTypes = LINK_TYPES.filter((each) => types.includes(each));
    }
  }
  return { root, cache, linkTypes };
}

const LINK_TYPES: readonly LinkType[] = ['reflink', 'hardlink', 'symlink', 'copy'];

/** The fields of `[cache]` in a configuration of DVC; none where there is no such file. */
function readCacheSection(file: string): { dir?: string; type?: string } {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return {};
  }
  const fields: { dir?: string; type?: string } = {};
  let inside = false;
  for (const line of text.split(/\r?\n/)) {
    const section = /^\s*\[\s*['"]?(.*?)['"]?\s*\]\s*$/.exec(line);
    if (section !== null) inside = section[1] === 'cache';
    const [, key, value = ''] = /^\s*(dir|type)\s*=\s*(.*?)\s*$/.exec(inside ? line : '') ?? [];
    const plain = value.replace(/^(['"])(.*)\1$/, '$2');
    if (key === 'dir' || key === 'type') fields[key] = plain;
  }
  return fields;
}
