import { isTidemarkError } from '../../errors.ts';
import { planTable } from '../../formats/range-reader.ts';
import type { TableWarning } from '../../formats/table.ts';
import { openTable } from '../../formats/table-reader.ts';
import type { TableProfile } from '../../stats/profile.ts';
import { createTableProfiler } from '../../stats/table-profiler.ts';
import { profilePart } from './profile-part.ts';
import { profileRanges } from './profile-ranges.ts';
import { profileThreads } from './profile-threads.ts';

export type ProfileFileInput = {
  /** A verified local copy. */
  readonly file: string;
  /** The name that the file goes by, for its extension. */
  readonly name: string;
  /** Bytes of memory that a native reader may take. */
  readonly memoryBytes: number;
  /** Ranges of the file that are read at once. */
  readonly threads: number;
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
  return (await profileInRanges(input)) ?? (await profileInOrder(input));
}

/** One pass, in ranges. Null where that is not possible, or went wrong: read in order, the file says what and where. */
async function profileInRanges({ file, name, threads }: ProfileFileInput): Promise<FileProfile | null> {
  const plan = await planTable(file, { name });
  if (plan === null) return null;
  const apart = threads > 1 && plan.ranges.length > 1;
  const lanes = apart ? { lanes: threads, run: profileThreads(threads) } : { lanes: 1, run: profilePart };
  try {
    const found = await profileRanges(plan, lanes);
    return found && { format: plan.format, table: found.table, warnings: found.settled.warnings };
  } catch (error) {
    if (isTidemarkError(error)) return null;
    throw error;
  }
}

/** The types first, from all of the file, then the values. */
async function profileInOrder({ file, name, memoryBytes }: ProfileFileInput): Promise<FileProfile> {
  const table = await openTable(file, { name, memoryBytes });
  try {
    const profiler = createTableProfiler(table.fields);
    for await (const batch of table.batches()) profiler.add(batch);
    return { format: table.format, table: profiler.finish(), warnings: table.warnings };
  } finally {
    await table.close();
  }
}
