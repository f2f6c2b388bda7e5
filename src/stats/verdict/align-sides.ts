import type { Column, TimeColumn } from '../column.ts';
import { asCategories, emptyColumn, nullsOf, rowsOf } from './samples.ts';

export type Sides<T extends Column> = { readonly reference: T; readonly window: T };

/**
 * Both sides of a column as they are compared: numbers that are codes as categories, and a side without any value, which
 * has no kind of its own, as the other's. Kinds that still differ cannot be compared.
 */
export function alignSides(reference: Column, window: Column, codes: boolean): Sides<Column> {
  const asCodes = (side: Column): Column => (codes && side.kind === 'number' ? asCategories(side) : side);
  return alignKinds(asCodes(reference), asCodes(window));
}

function alignKinds(reference: Column, window: Column): Sides<Column> {
  if (reference.kind === window.kind) return { reference, window };
  if (nullsOf(window) === rowsOf(window) && reference.kind !== 'time') {
    return { reference, window: emptyLike(reference, rowsOf(window)) };
  }
  if (nullsOf(reference) === rowsOf(reference) && window.kind !== 'time') {
    return { reference: emptyLike(window, rowsOf(reference)), window };
  }
  return { reference, window };
}

function emptyLike(other: Exclude<Column, TimeColumn>, length: number): Column {
  if (other.kind !== 'vector') return emptyColumn(other.kind, length);
  const { kind, type, dimension } = other;
  const whole = { rows: length, nulls: length, nan: 0 };
  return { kind, type, length: 0, dimension, values: new Float64Array(0), valid: null, whole };
}
