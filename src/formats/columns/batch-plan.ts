/** Which columns a caller wants, in which order, and how many rows make a batch. */
import { type ColumnType, dimensionOf, type Field } from '../../stats/column.ts';
import { shown, tooLarge, unreadable } from '../unreadable.ts';

export const BATCH_ROWS = 32_768;

/** Positions of the named columns among the fields, in the order named; all of them without names. */
export function columnPositions(fields: readonly Field[], columns?: readonly string[]): number[] {
  if (columns === undefined) return fields.map((_, i) => i);
  const positions = new Map(fields.map((field, i) => [field.name, i]));
  return columns.map((name) => {
    const position = positions.get(name);
    if (position === undefined) throw unreadable(`The table has no column ${shown(name)}.`);
    return position;
  });
}

/** Rows of a batch so that a wide table's batch stays within some 32 MiB of slots; a vector has one a component. */
export function batchRows(columns: readonly { readonly type: ColumnType }[]): number {
  const slots = columns.reduce((sum, { type }) => sum + dimensionOf(type), 0);
  return Math.max(512, Math.min(BATCH_ROWS, Math.floor(2 ** 22 / Math.max(1, slots))));
}

/** The error of a table that is too wide. */
export const tooManyColumns = (columns: number, limit: number): Error =>
  tooLarge(`The table has ${columns} columns; at most ${limit} can be read.`);

/** Refuses too many columns, and names used twice. */
export function checkNames(names: readonly string[], limit: number): void {
  if (names.length > limit) throw tooManyColumns(names.length, limit);
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const name of names) (seen.has(name) ? twice : seen).add(name);
  if (twice.size === 0) return;
  const list = [...twice].slice(0, 10).map((name) => shown(name));
  throw unreadable(`Column names must differ; used more than once: ${list.join(', ')}. Rename them in the file.`);
}
