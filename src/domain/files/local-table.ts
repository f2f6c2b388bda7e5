import { readdir, stat } from 'node:fs/promises';
import { basename, join, posix, relative, resolve, sep } from 'node:path';
import { TidemarkError } from '../../errors.ts';
import { DATA_ENDINGS, dataFormat } from '../../formats/data-file.ts';
import type { SaidReading } from '../../formats/table-file.ts';

/** One table on this machine: a file, or the data files of a folder that belong together as those of a version do. */
export type LocalTable = {
  /** As it was named. */
  readonly name: string;
  /** In the order of their paths. */
  readonly files: readonly LocalFile[];
  /** Files of the folder that are no part of it, by their paths: those whose names promise no table, and broken links. */
  readonly leftOut?: readonly string[];
  /** How it is read, where nothing else is asked for. */
  readonly reading?: SaidReading | undefined;
};

type LocalFile = {
  /** Below the folder, with `/`; a single file's own name. */
  readonly path: string;
  readonly file: string;
  /** Bytes. */
  readonly size: number;
};

/**
 * What lies at a path. A file is taken whatever its name; of a folder, those whose names promise a table, and links to
 * such. A link to a folder is not followed.
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
  const files: LocalFile[] = [];
  const leftOut: string[] = [];
  for (const entry of entries.filter((one) => !one.isDirectory())) {
    const file = join(entry.parentPath, entry.name);
    const path = relative(root, file).split(sep).join(posix.sep);
    // Where DVC links, all files of a folder are links into its cache.
    const held = await stat(file).catch(() => null);
    if (held?.isFile() === true && dataFormat(path) !== null) files.push({ path, file, size: held.size });
    else if (!entry.name.startsWith('.')) leftOut.push(path);
  }
  if (files.length === 0) throw new TidemarkError('bad-path', `No file in ${name} ends with ${DATA_ENDINGS}.`);
  // By code unit, as DVC orders a folder: the same folder is the same table everywhere.
  return { name, files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), leftOut: leftOut.sort() };
}

/**
 * Several files and folders as the parts of one table, in the order in which they were named; a file that was named
 * twice, as by two patterns of a shell, is one part.
 * @throws TidemarkError `bad-path` where there is nothing to read.
 */
export async function localParts(names: readonly string[]): Promise<LocalTable> {
  const parts = new Map<string, LocalFile>();
  const leftOut: string[] = [];
  for (const name of names) {
    const table = await localTable(name);
    // One by one: a folder of pictures leaves out more of them than a call takes arguments.
    for (const path of table.leftOut ?? []) leftOut.push(posix.join(name.split(sep).join(posix.sep), path));
    for (const part of table.files) {
      const path = part.file === resolve(name) ? name : posix.join(name.split(sep).join(posix.sep), part.path);
      if (!parts.has(part.file)) parts.set(part.file, { ...part, path });
    }
  }
  const [first = '', ...others] = names;
  const name = parts.size === 1 ? first : `${first} and ${others.length} more`;
  return { name, files: [...parts.values()], leftOut };
}
