import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve, sep } from 'node:path';

/** How DVC brings a file from its cache into the workspace, the first that the file system can do. */
export type LinkType = (typeof LINK_TYPES)[number];

/** A folder in which somebody works with `dvc`. */
export type DvcRepository = {
  readonly root: string;
  /** Where its cache is; null for one that is not on this machine. */
  readonly cache: string | null;
  readonly linkTypes: readonly LinkType[];
  /** False where it was made without (`dvc init --no-scm`). */
  readonly usesGit: boolean;
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
  const repository = { root, cache: join(own, 'cache') as string | null, linkTypes: DEFAULT_LINKS, usesGit: true };
  // The later ones come before the earlier ones, and a folder is relative to the file that names it.
  for (const file of [join(homedir(), '.config', 'dvc', 'config'), join(own, 'config'), join(own, 'config.local')]) {
    const fields = readFields(file);
    const dir = fields.get('cache.dir');
    const home = dir?.replace(/^~(?=\/|$)/, homedir());
    if (home !== undefined) repository.cache = home.includes('://') ? null : resolve(dirname(file), home);
    const types = fields.get('cache.type')?.split(',');
    if (types !== undefined) repository.linkTypes = types.map((type) => type.trim()).filter(isLinkType);
    const alone = fields.get('core.no_scm');
    if (alone !== undefined) repository.usesGit = !/^(?:true|1|yes|on)$/i.test(alone);
  }
  return repository;
}

const LINK_TYPES = ['reflink', 'hardlink', 'symlink', 'copy'] as const;
const DEFAULT_LINKS: readonly LinkType[] = ['reflink', 'copy'];
const isLinkType = (type: string): type is LinkType => LINK_TYPES.some((each) => each === type);

/** The fields of a configuration of DVC, as `section.key`; none where there is no such file. */
export function readFields(file: string): Map<string, string> {
  const fields = new Map<string, string>();
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return fields;
  }
  let section = '';
  for (const line of text.split(/\r?\n/)) {
    const [, named] = /^\s*\[\s*(.*?)\s*\]\s*$/.exec(line) ?? [];
    section = named ?? section;
    const [, key, value = ''] = /^\s*(\w+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (key !== undefined) fields.set(`${section}.${key}`, value.replace(/^(['"])(.*)\1$/, '$2'));
  }
  return fields;
}
