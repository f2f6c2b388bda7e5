import { storedViolations } from '../../../formats/prediction/violated-rows.ts';
import { type Column, isValid } from '../../../stats/column.ts';
import type { BatchTable } from '../read-batch.ts';

/** So many rows make a beginning: one row by which somebody tries the service does not, with its columns or without. */
export const ENOUGH = 20;

/** Rows of a batch with a value in a column, counted up to `ENOUGH`. */
export type ColumnValues = { readonly name: string; readonly sent: number; readonly fitting: number };

/** What a batch holds of each column but those `done`. A value of another type was sent, and is null in its column. */
export function valuesOf({ fields, batch, metadata }: BatchTable, done: ReadonlySet<string>): ColumnValues[] {
  let broken: ReturnType<typeof brokenIn> | null = null;
  return fields.flatMap(({ name }, i): ColumnValues[] => {
    const column = batch.columns[i];
    if (column === undefined || done.has(name)) return [];
    broken ??= brokenIn(metadata, batch.rows);
    const unknown = broken.get(`${name} unknown`) ?? 0;
    const values = valuesIn(column, ENOUGH + unknown);
    const fitting = Math.min(ENOUGH, values - unknown);
    const sent = Math.min(ENOUGH, values + (broken.get(`${name} type`) ?? 0));
    return sent === 0 ? [] : [{ name, sent, fitting }];
  });
}

/** Rows by `column code`. */
function brokenIn(metadata: BatchTable['metadata'], rows: number): Map<string, number> {
  const violations = storedViolations(metadata, rows) ?? [];
  return new Map(violations.map(({ column, code, count }) => [`${column} ${code}`, count]));
}

function valuesIn(column: Column, enough: number): number {
  let count = 0;
  for (let row = 0; row < column.length && count < enough; row++) {
    if (column.kind === 'category' ? (column.codes[row] ?? -1) >= 0 : isValid(column.valid, row)) count++;
  }
  return count;
}
