/** A Parquet file all of whose columns are read from their pages: DuckDB is not even loaded. */
import { isTidemarkError } from '../../../errors.ts';
import type { ColumnBatch, Field } from '../../../stats/column.ts';
import { batchRows, checkNames, columnPositions } from '../../columns/batch-plan.ts';
import type { TableLimits, TableReader, TableWarning } from '../../table.ts';
import { checkFooter } from '../check-footer.ts';
import { type Footer, type Leaf, readFooter } from './footer.ts';
import { pageBatches, planPages, TYPES } from './page-rows.ts';

/** More are left to DuckDB, which tells how many are too many. */
const MOST_GROUPS = 4_096;

type Options = { readonly limits: TableLimits; readonly memoryBytes?: number };

/** A table whose columns can be read one by one at no more cost than together. */
export type PageTable = TableReader & {
  readonly rows: number;
  /** By place in the fields. */
  readonly columns: readonly PagedColumn[];
};

/** A column of such a table; plain data. */
export type PagedColumn = {
  readonly field: Field;
  /** What its footer says of it alone. */
  readonly footer: Footer;
  /** Of its pages when they are inflated. */
  readonly bytes: number;
};

/** Opens the file; null where anything in it is not read here. @throws TidemarkError `unreadable-data` or `too-large`. */
export function openPages(path: string, { limits, memoryBytes }: Options): PageTable | null {
  checkFooter(path);
  const footer = footerOf(path);
  if (footer === null || footer.groups.length > MOST_GROUPS || footer.leaves.length > limits.columns) return null;
  const fields = footer.leaves.flatMap(fieldOf);
  if (fields.length === 0 || fields.length < footer.leaves.length) return null;
  const { rows } = footer;
  checkNames(
    fields.map(({ name }) => name),
    limits.columns,
  );
  if (planPages(footer, fields, { rows, memoryBytes }) === null) return null;
  return {
    format: 'parquet',
    fields,
    rows,
    columns: fields.map((field, i) => pagedColumn(footer, field, i)),
    warnings: footer.leaves.flatMap(zoneWarning),
    batches: (columns, { passing = false, rows: asked } = {}) => {
      const wanted = columnPositions(fields, columns).map((i) => fields[i]!);
      const placed = planPages(footer, wanted, { rows, memoryBytes }) ?? [];
      return pageBatches(path, footer, { placed, columns: wanted, passing, most: asked ?? batchRows(wanted) });
    },
    close: () => Promise.resolve(),
  };
}

function pagedColumn({ rows, leaves, groups }: Footer, field: Field, i: number): PagedColumn {
  const own = groups.map((group) => ({ rows: group.rows, chunks: [group.chunks[i]!] }));
  const bytes = own.reduce((sum, { chunks }) => sum + chunks[0]!.inflated, 0);
  return { field, footer: { rows, leaves: [leaves[i]!], groups: own }, bytes };
}

/** The rows of one column, in batches of `rows`, each of which may be written over once the next one is asked for. @throws TidemarkError `unreadable-data`. */
export function columnBatches(
  path: string,
  { field, footer }: PagedColumn,
  rows = batchRows([field]),
): AsyncIterable<ColumnBatch> {
  const placed = planPages(footer, [field], { rows: footer.rows });
  if (placed === null) throw new TypeError('the column is not of a table that was opened so');
  return pageBatches(path, footer, { placed, columns: [field], passing: true, most: rows });
}

/** Null for one that is broken, of which DuckDB tells more. */
function footerOf(path: string): Footer | null {
  try {
    return readFooter(path);
  } catch (error) {
    if (isTidemarkError(error)) return null;
    throw error;
  }
}

function fieldOf({ name, kind, utc }: Leaf): Field[] {
  // Of a time of which nothing is said DuckDB decides.
  const unsaid = (kind === 'millis' || kind === 'micros') && utc === null;
  return kind === null || unsaid ? [] : [{ name, type: TYPES[kind] }];
}

function zoneWarning({ name, utc }: Leaf): TableWarning[] {
  if (utc !== false) return [];
  return [{ code: 'no-time-zone', column: name, detail: 'Times without a zone read as UTC.' }];
}
