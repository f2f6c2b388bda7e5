import { TidemarkError } from '../../errors.ts';
import { subtractProfiles, type TableDifference } from '../../stats/subtract-profiles.ts';
import type { LocalTable } from './local-table.ts';
import { profileFiles, type ReadOptions } from './profile-files.ts';

const DIFFERENCE_FORMAT = 'tidemark.profile-difference/1';

/** What is left of a table without the rows of a part of it, as plain JSON. */
export type SubtractedTable = TableDifference & {
  readonly format: typeof DIFFERENCE_FORMAT;
  readonly name: string;
  readonly minus: string;
};

/**
 * Takes the rows of one table away from another that has them, by the profiles of both: what is left is known without
 * being read. Either may be a stored profile.
 * @throws TidemarkError `unreadable-data`, `too-large`, or `bad-request` where the second is no part of the first.
 */
export async function subtractTables(
  { whole, part }: { readonly whole: LocalTable; readonly part: LocalTable },
  options: ReadOptions,
): Promise<SubtractedTable> {
  const [from, taken] = [await profileFiles(whole, options), await profileFiles(part, options)];
  const found = subtractProfiles(from.profile, taken.profile);
  const names = { name: from.name, minus: taken.name };
  if ('columns' in found) return { format: DIFFERENCE_FORMAT, ...names, ...found };
  const where = found.column === null ? '' : ` In column "${found.column.slice(0, 100)}":`;
  throw new TidemarkError('bad-request', `${taken.name} is no part of ${from.name}.${where} ${found.why}.`);
}
