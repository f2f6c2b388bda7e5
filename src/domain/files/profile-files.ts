import type { TableWarning } from '../../formats/table.ts';
import { inferSchema, type TableSchema } from '../../quality/infer-schema.ts';
import { mergeProfiles } from '../../stats/merge-profiles.ts';
import type { TableProfile } from '../../stats/profile.ts';
import { profileFile } from '../dataset/profile-file.ts';
import type { LocalTable } from './local-table.ts';

export type LocalProfile = {
  readonly name: string;
  readonly files: readonly { readonly path: string; readonly format: string; readonly bytes: number }[];
  readonly profile: TableProfile;
  readonly schema: TableSchema;
  readonly warnings: readonly (TableWarning & { readonly path: string })[];
};

export type ReadOptions = {
  /** Bytes of memory that a native reader may take. */
  readonly memoryBytes: number;
  /** Ranges of a file that are read at once. */
  readonly threads: number;
  /** Called before a file is read. */
  readonly onFile?: ((path: string) => void) | undefined;
};

/** Profiles held before they are merged; merging many at once keeps the grids' error small. */
const MERGED_AT_ONCE = 128;

/**
 * Schema and statistics of a table on this machine, by the readers and the methods that a version is profiled with.
 * @throws TidemarkError `unreadable-data` or `too-large`.
 */
export async function profileFiles(table: LocalTable, options: ReadOptions): Promise<LocalProfile> {
  const files: LocalProfile['files'][number][] = [];
  let profiles: TableProfile[] = [];
  const warnings: LocalProfile['warnings'][number][] = [];
  for (const { path, file, size } of table.files) {
    options.onFile?.(path);
    const read = await profileFile({ file, name: path, memoryBytes: options.memoryBytes, threads: options.threads });
    files.push({ path, format: read.format, bytes: size });
    profiles.push(read.table);
    if (profiles.length === MERGED_AT_ONCE) profiles = [mergeProfiles(...profiles)];
    warnings.push(...read.warnings.map((warning) => ({ ...warning, path })));
  }
  const profile = mergeProfiles(...profiles);
  return { name: table.name, files, profile, schema: inferSchema(profile), warnings };
}
