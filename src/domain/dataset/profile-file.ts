import type { TableWarning } from '../../formats/table.ts';
import { openTable } from '../../formats/table-reader.ts';
import type { TableProfile } from '../../stats/profile.ts';
import { createTableProfiler } from '../../stats/table-profiler.ts';

export type ProfileFileInput = {
  /** A verified local copy. */
  readonly file: string;
  /** The name that the file goes by, for its extension. */
  readonly name: string;
  /** Bytes of memory that a native reader may take. */
  readonly memoryBytes: number;
};

export type FileProfile = {
  readonly format: string;
  readonly table: TableProfile;
  readonly warnings: readonly TableWarning[];
};

/**
 * Compute task: reads a data file and profiles every column of it.
 * @throws TidemarkError `unreadable-data` or `too-large`.
 */
export async function profileFile(input: ProfileFileInput): Promise<FileProfile> {
  const table = await openTable(input.file, { name: input.name, memoryBytes: input.memoryBytes });
  try {
    const profiler = createTableProfiler(table.fields);
    for await (const batch of table.batches()) profiler.add(batch);
    return { format: table.format, table: profiler.finish(), warnings: table.warnings };
  } finally {
    await table.close();
  }
}
