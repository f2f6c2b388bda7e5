import { type CategoryColumn, isValid, type NumberColumn } from '../column.ts';

/** One column of both tables, of one kind. */
export type ColumnPair =
  | { readonly name: string; readonly reference: NumberColumn; readonly window: NumberColumn }
  | { readonly name: string; readonly reference: CategoryColumn; readonly window: CategoryColumn };

/** Two tables with the same columns, of the same rows each. */
export type TablePair = readonly ColumnPair[];

/** Rows of both tables; a table without columns has none. */
export function rowsOf(pair: TablePair): { n: number; m: number } {
  const [first] = pair;
  return { n: first?.reference.length ?? 0, m: first?.window.length ?? 0 };
}

/** The number in a row, NaN where there is none. */
export function numberAt(column: NumberColumn, row: number): number {
  return isValid(column.valid, row) ? column.values[row]! : Number.NaN;
}

/** The text in a row, null where there is none. */
export function textAt(column: CategoryColumn, row: number): string | null {
  return column.dictionary[column.codes[row]!] ?? null;
}

/** Whether a pair is one of numbers; the other one is of the same kind. */
export function isNumberPair(pair: ColumnPair): pair is Extract<ColumnPair, { readonly reference: NumberColumn }> {
  return pair.reference.kind === 'number';
}
