import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Context } from '../../context.ts';
import type { Oid } from '../../dvc/hash.ts';
import { isTidemarkError, TidemarkError } from '../../errors.ts';
import { dataFormat } from '../../formats/data-file.ts';
import type { TableReading } from '../../formats/table.ts';
import type { FileReading, TableFile } from '../../formats/table-file.ts';
import type { VersionRow } from '../../store/dataset/datasets.ts';
import { spoolVerified } from '../../store/objects/object-verify.ts';
import { byItself } from '../access/audit.ts';
import type { Readable } from './open-object.ts';
import { quarantine } from './quarantine.ts';
import { eachFile } from './version-files.ts';
import { fileReadings, versionReading } from './version-reading.ts';

type Spooling = Pick<Context, 'config' | 'db' | 'remote' | 'log'>;

/** A verified copy of an object's bytes on the local disk; `dispose` deletes it. */
export type LocalCopy = { readonly file: string; readonly dispose: () => Promise<void> };

/**
 * Copies an object of the project to the local disk, verified.
 * @throws TidemarkError `object-corrupt`; the object is quarantined then.
 */
export async function materializeObject(ctx: Spooling, projectId: number, object: Readable): Promise<LocalCopy> {
  const folder = join(resolve(ctx.config.data), 'tmp');
  try {
    const { sha256, size } = object;
    const file = await spoolVerified(ctx.remote, object.oid, { folder, sha256, size });
    return { file, dispose: () => rm(file, { force: true }) };
  } catch (error) {
    if (!isTidemarkError(error, 'not-found') && !isTidemarkError(error, 'object-corrupt')) throw error;
    await quarantine(ctx, byItself(projectId), object);
    throw new TidemarkError('object-corrupt', `The stored bytes of ${object.oid} are wrong or lost; push them again.`, {
      cause: error,
    });
  }
}

type MaterializedFile = FileReading & {
  readonly path: string;
  readonly file: string;
  readonly oid: Oid;
  /** Bytes. */
  readonly size: number;
};

/** Data files of a version as verified local copies, in the order of its manifest. */
export type Materialized = {
  readonly files: readonly MaterializedFile[];
  /** How all of them are read. */
  readonly reading: TableReading;
  readonly dispose: () => Promise<void>;
};

/** What a task reads a copy by; plain data. */
type ReadFile = FileReading & Pick<MaterializedFile, 'path' | 'file'>;

/** The copies without those that could not be read as tables. */
export const readableFiles = (files: readonly ReadFile[], unreadable: ReadonlySet<string | undefined>): ReadFile[] =>
  files.filter(({ path }) => !unreadable.has(path)).map(({ path, file, csv, keys }) => ({ path, file, csv, keys }));

/** Copies as the parts of a table, each by its path. */
export const tableFiles = (files: readonly ReadFile[]): TableFile[] =>
  files.map(({ path, file, csv, keys }) => ({ file, name: path, csv, keys }));

/**
 * Copies the files of a version that hold tables to the local disk, verified. Equal files are copied once.
 * @param onCopied told the bytes of each file that has been copied.
 * @throws TidemarkError `object-corrupt`; nothing is left behind then.
 */
export async function materializeFiles(
  ctx: Spooling,
  projectId: number,
  version: VersionRow,
  onCopied: (bytes: number) => void = () => {},
): Promise<Materialized> {
  const copies = new Map<Oid, LocalCopy>();
  const files: Omit<MaterializedFile, keyof FileReading>[] = [];
  const dispose = async (): Promise<void> => {
    for (const copy of copies.values()) await copy.dispose();
  };
  try {
    for await (const file of eachFile(ctx.db, version)) {
      const { path, oid, size } = file;
      if (dataFormat(path) === null) continue;
      const copy = copies.get(oid) ?? (await materializeObject(ctx, projectId, file));
      copies.set(oid, copy);
      files.push({ path, file: copy.file, oid, size });
      onCopied(size);
    }
    const readings = fileReadings(
      version,
      files.map(({ path }) => path),
    );
    return { files: files.map((file, i) => ({ ...file, ...readings[i] })), reading: versionReading(version), dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}
