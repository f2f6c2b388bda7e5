import { partitionKeys } from '../../formats/partition-keys.ts';
import type { TableReading } from '../../formats/table.ts';
import { csvReading, type FileReading } from '../../formats/table-file.ts';
import type { VersionRow } from '../../store/dataset/datasets.ts';

/**
 * How the tables of a version are read. One from before there was anything to say is read plainly for ever: reports that
 * were made of it stay what they are.
 */
export const versionReading = ({ reading }: Pick<VersionRow, 'reading'>): TableReading =>
  // `readingRequest` let it through when it was written.
  (reading as TableReading | null) ?? { partitions: false };

/** The same of each of its files, by its place. */
export function fileReadings(version: Pick<VersionRow, 'reading'>, paths: readonly string[]): FileReading[] {
  const reading = versionReading(version);
  const keys = reading.partitions === false ? [] : partitionKeys(paths);
  return paths.map((_, i) => ({ csv: csvReading(reading), keys: keys[i] ?? [] }));
}
