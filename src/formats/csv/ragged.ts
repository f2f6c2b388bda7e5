/** Rows that do not have as many fields as the table has columns: a few are taken and told, many refuse the file. */
import type { TableWarning } from '../table.ts';
import { unreadable } from '../unreadable.ts';

/** The share of ragged rows above which a file is refused; a single one is always taken. */
const MAX_RAGGED_SHARE = 0.01;

/** How many rows are ragged, and the number of the first, header and blank lines counted as a reader would. */
export type Ragged = { readonly ragged: number; readonly firstRagged: number };

/** Throws `unreadable-data` when too many of the rows are ragged. */
export function checkRagged({ ragged, firstRagged }: Ragged, rows: number, width: number): void {
  if (ragged <= Math.max(1, rows * MAX_RAGGED_SHARE)) return;
  const found = `${ragged} of ${rows} rows do not have ${width} fields, first row ${firstRagged}; at most 1 % may differ.`;
  // A title stands above all of them.
  const title = ragged >= rows - 1 ? ' Lines above the names of the columns have to begin with #, or to go.' : '';
  throw unreadable(`${found} Check the delimiter and the quoting.${title}`);
}

export function raggedWarning({ ragged, firstRagged }: Ragged, width: number): TableWarning[] {
  if (ragged === 0) return [];
  const detail = `Rows without exactly ${width} fields, first row ${firstRagged}: missing fields read as absent, extra ones are dropped.`;
  return [{ code: 'ragged-rows', count: ragged, detail }];
}
