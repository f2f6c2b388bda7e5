import type { Column, TimeColumn } from '../column.ts';
import { asCategories, emptyColumn, nullsOf } from './samples.ts';

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
  if (nullsOf(window) === window.length && reference.kind !== 'time') {
    return { reference, window: emptyLike(reference, window.length) };
  }
  if (nullsOf(reference) === reference.length && window.kind !== 'time') {
    return { reference: emptyLike(window, reference.length), window };
  }
  return { reference, window };
}

function emptyLike(other: Exclude<Column, TimeColumn>, length: number): Column {
  if (other.kind !== 'vector') return emptyColumn(other.kind, length);
  const { kind, type, dimension } = other;
  const valid = new Uint8Array((length + 7) >> 3);
  return { kind, type, length, dimension, values: new Float64Array(length * dimension), valid };
}
