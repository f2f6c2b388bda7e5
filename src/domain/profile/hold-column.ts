import { ColumnHold } from '../../formats/columns/column-hold.ts';
import { columnBatches, type PagedColumn } from '../../formats/parquet/pages/page-table.ts';
import { type Column, dimensionOf, type Field } from '../../stats/column.ts';
import type { ColumnProfile } from '../../stats/profile.ts';
import { createTableProfiler } from '../../stats/table-profiler.ts';
import type { OnRows } from './kept-columns.ts';
import { spareValues } from './spare-values.ts';

/** A column of a file whose columns can be read one by one. Plain data. */
export type ColumnSource = {
  readonly file: string;
  readonly column: PagedColumn;
  /** All columns of the file, of which what one may keep depends. */
  readonly fields: readonly Field[];
};

/** The rows of a column in the memory of this thread, batch by batch. */
export type HeldColumn = readonly { readonly rows: number; readonly file: null; readonly held: Column }[];

/** Says that nobody looks at a column any more: another may be held where it was. */
export function releaseHeld(parts: HeldColumn): void {
  const held = parts[0]?.held;
  if (held !== undefined) spareValues.release(held);
}

/**
 * Reads one column of a file, and holds it.
 * @throws TidemarkError `unreadable-data`.
 */
export async function holdColumn({ file, column }: ColumnSource, onRows?: OnRows): Promise<HeldColumn> {
  const { field, footer } = column;
  const hold = new ColumnHold(footer.rows * dimensionOf(field.type), spareValues.roomFor);
  const parts: HeldColumn[number][] = [];
  for await (const batch of columnBatches(file, column)) {
    parts.push(...batch.columns.map((read) => ({ rows: batch.rows, file: null, held: hold.add(read) })));
    onRows?.(batch.rows);
  }
  return parts;
}

/** The profile of such a column, as it is when it is made while the file is read. */
export function profileHeld({ column: { field }, fields }: ColumnSource, parts: HeldColumn): ColumnProfile {
  const profiler = createTableProfiler([field], { table: fields });
  for (const { rows, held } of parts) profiler.add({ rows, columns: [held] });
  const [profile] = profiler.finish().columns;
  if (profile === undefined) throw new Error('a table of one column has the profile of one');
  return profile;
}
