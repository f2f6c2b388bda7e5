import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** A folder for columns of tables while they are being compared. */
export type ColumnFolder = {
  /** A name that no file in it has yet. */
  readonly nextFile: () => string;
};

/** Does something with a folder below `parent` that is there for so long only. */
export async function withColumnFolder<T>(parent: string, work: (folder: ColumnFolder) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(parent, 'tidemark-columns-'));
  let files = 0;
  try {
    return await work({ nextFile: () => join(folder, String(files++)) });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
