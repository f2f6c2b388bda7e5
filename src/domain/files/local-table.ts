import { readdir, stat } from 'node:fs/promises';
import { basename, join, posix, relative, resolve, sep } from 'node:path';
import { TidemarkError } from '../../errors.ts';
import { DATA_ENDINGS, dataFormat } from '../../formats/data-file.ts';

/** One table on this machine: a file, or the data files of a folder that belong together as those of a version do. */
export type LocalTable = {
  /** As it was named. */
  readonly name: string;
  /** In the order of their paths. */
  readonly files: readonly LocalFile[];
};

type LocalFile = {
  /** Below the folder, with `/`; a single file's own name. */
  readonly path: string;
  readonly file: string;
  /** Bytes. */
  readonly size: number;
};

/**
 * What lies at a path. A file is taken whatever its name; of a folder, those whose names promise a table.
 * @throws TidemarkError `bad-path` where there is nothing to read.
 */
export async function localTable(name: string): Promise<LocalTable> {
  const root = resolve(name);
  const found = await stat(root).catch(() => null);
  if (found === null) throw new TidemarkError('bad-path', `There is nothing at ${name}.`);
  if (!found.isDirectory()) {
    return { name, files: [{ path: basename(root), file: root, size: found.size }] };
  }
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries.flatMap((entry) => {
    const file = join(entry.parentPath, entry.name);
    const path = relative(root, file).split(sep).join(posix.sep);
    return entry.isFile() && dataFormat(path) !== null ? [{ path, file }] : [];
  });
  if (paths.length === 0) throw new TidemarkError('bad-path', `No file in ${name} ends with ${DATA_ENDINGS}.`);
  const files = await Promise.all(paths.map(async (entry) => ({ ...entry, size: (await stat(entry.file)).size })));
  // By code unit, as DVC orders a folder: the same folder is the same table everywhere.
  return { name, files: files.sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

/**
 * Several files and folders as the parts of one table, in the order in which they were named; a file that was named
 * twice, as by two patterns of a shell, is one part.
 * @throws TidemarkError `bad-path` where there is nothing to read.
 */
export async function localParts(names: readonly string[]): Promise<LocalTable> {
  const parts = new Map<string, LocalFile>();
  for (const name of names) {
    for (const part of (await localTable(name)).files) {
      const path = part.file === resolve(name) ? name : posix.join(name.split(sep).join(posix.sep), part.path);
      if (!parts.has(part.file)) parts.set(part.file, { ...part, path });
    }
  }
  const [first = '', ...others] = names;
  return { name: `${first} and ${others.length} more`, files: [...parts.values()] };
}
