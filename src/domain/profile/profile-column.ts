import { ColumnHold } from '../../formats/columns/column-hold.ts';
import { columnBatches, type PagedColumn } from '../../formats/parquet/pages/page-table.ts';
import { dimensionOf, type Field } from '../../stats/column.ts';
import type { ColumnProfile } from '../../stats/profile.ts';
import { createTableProfiler } from '../../stats/table-profiler.ts';
import type { KeptColumn, OnRows } from './kept-columns.ts';

/** A column of a file whose columns can be read one by one. Plain data. */
export type ColumnSource = {
  readonly file: string;
  readonly column: PagedColumn;
  /** All columns of the file, of which what one may keep depends. */
  readonly fields: readonly Field[];
};

type HeldColumn = {
  readonly profile: ColumnProfile;
  /** Its rows, in the memory of this thread. */
  readonly kept: KeptColumn;
};

/**
 * Profiles one column of a file, and holds it.
 * @throws TidemarkError `unreadable-data`.
 */
export async function profileAndHold({ file, column, fields }: ColumnSource, onRows?: OnRows): Promise<HeldColumn> {
  const { field, footer } = column;
  const profiler = createTableProfiler([field], { table: fields });
  const hold = new ColumnHold(footer.rows * dimensionOf(field.type));
  const kept: KeptColumn[number][] = [];
  for await (const batch of columnBatches(file, column)) {
    profiler.add(batch);
    kept.push(...batch.columns.map((held) => ({ rows: batch.rows, file: null, held: hold.add(held) })));
    onRows?.(batch.rows);
  }
  const [profile] = profiler.finish().columns;
  if (profile === undefined) throw new Error('a table of one column has the profile of one');
  return { profile, kept };
}
