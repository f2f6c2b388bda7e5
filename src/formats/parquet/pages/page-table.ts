/** A Parquet file all of whose columns are read from their pages: DuckDB is not even loaded. */
import { isTidemarkError } from '../../../errors.ts';
import type { Field } from '../../../stats/column.ts';
import { checkNames, columnPositions } from '../../columns/batch-plan.ts';
import type { TableLimits, TableReader, TableWarning } from '../../table.ts';
import { parquetBatches } from '../batches.ts';
import { checkFooter } from '../check-footer.ts';
import { type Footer, type Leaf, readFooter } from './footer.ts';
import { pageRows, planPages, TYPES } from './page-rows.ts';

/** More are left to DuckDB, which tells how many are too many. */
const MOST_GROUPS = 4_096;

type Options = { readonly limits: TableLimits; readonly memoryBytes?: number };

/** Opens the file; null where anything in it is not read here. @throws TidemarkError `unreadable-data` or `too-large`. */
export function openPages(path: string, { limits, memoryBytes }: Options): TableReader | null {
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
    warnings: footer.leaves.flatMap(zoneWarning),
    batches: (columns, { passing = false } = {}) => {
      const wanted = columnPositions(fields, columns).map((i) => fields[i]!);
      const placed = planPages(footer, wanted, { rows, memoryBytes }) ?? [];
      return parquetBatches(pageRows(path, footer, { placed, passing }), wanted, passing);
    },
    close: () => Promise.resolve(),
  };
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
