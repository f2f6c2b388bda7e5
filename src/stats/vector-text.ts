/** A vector as the list of JSON that a sender would have written. */
import type { VectorColumn } from './column.ts';

/** A component as JSON says it: null for NaN, which is how JSON sends one, and a text for an infinity, which it cannot say. */
export type ComponentValue = number | string | null;

/** The components of a row that has a value. */
export function vectorValues({ dimension, values }: VectorColumn, row: number): ComponentValue[] {
  return Array.from(values.subarray(row * dimension, (row + 1) * dimension), (value) => {
    if (Number.isFinite(value)) return value;
    return Number.isNaN(value) ? null : String(value);
  });
}

export function vectorText(column: VectorColumn, row: number): string {
  return JSON.stringify(vectorValues(column, row));
}
