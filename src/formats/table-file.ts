import { type PartitionKey, withKeys } from './partition-keys.ts';
import type { CsvOptions, OpenOptions, TableReader, TableReading } from './table.ts';
import { openTable } from './table-reader.ts';

/** How one file of a table is read; plain data. */
export type FileReading = {
  readonly csv?: CsvOptions | undefined;
  /** What the names of its folders say. */
  readonly keys?: readonly PartitionKey[] | undefined;
};

/** A file of a table, and the name that it goes by. */
export type TableFile = FileReading & { readonly file: string; readonly name: string };

/** The file with the keys of its folders as columns. @throws as `openTable`. */
export async function openTableFile(
  { file, name, csv, keys = [] }: TableFile,
  options: Omit<OpenOptions, 'name' | 'csv'> = {},
): Promise<TableReader> {
  return withKeys(await openTable(file, { ...options, name, ...(csv && { csv }) }), keys);
}

/** A reading of which some members say nothing. */
export type SaidReading = { readonly [Member in keyof TableReading]?: TableReading[Member] | undefined };

/** What a reading says of delimited text. */
export const csvReading = ({ decimal, thousands, dates, missing }: SaidReading): CsvOptions => ({
  ...(decimal !== undefined && { decimal }),
  ...(thousands !== undefined && { thousands }),
  ...(dates !== undefined && { dates }),
  ...(missing !== undefined && { missing }),
});
