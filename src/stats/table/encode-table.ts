import type { CategoryColumn, NumberColumn } from '../column.ts';
import { momentsOf } from '../summaries/moments.ts';
import type { Matrix } from './matrix.ts';
import { type ColumnPair, isNumberPair, numberAt, rowsOf, type TablePair, textAt } from './table-pair.ts';

export type EncodedTables = { readonly names: readonly string[]; readonly reference: Matrix; readonly window: Matrix };

/** Deviations beyond which a value counts as this far: one wild number must not outweigh a table. */
const FARTHEST = 8;

/** A column's rows as numbers, NaN where there is none. */
type Encoding = { readonly reference: Float64Array; readonly window: Float64Array };

/**
 * Both tables as rows of numbers: numbers as they are, texts as their share in the reference (0 for unseen ones), each column
 * in deviations of the reference, at most ±8. Missing, NaN and infinite values stand at the reference's mean:
 * that they come and go is judged column by column. Columns that are constant in the reference are left out.
 * Cost O(rows · columns).
 */
export function encodeTables(pair: TablePair): EncodedTables {
  const { n, m } = rowsOf(pair);
  const columns = pair.flatMap((column) => {
    const standardised = standardise(encode(column));
    return standardised === null ? [] : [{ name: column.name, ...standardised }];
  });
  const side = (rows: number, of: 'reference' | 'window'): Matrix => {
    const values = new Float64Array(rows * columns.length);
    for (const [j, column] of columns.entries()) {
      for (let i = 0; i < rows; i++) values[i * columns.length + j] = column[of][i]!;
    }
    return { rows, columns: columns.length, values };
  };
  return { names: columns.map(({ name }) => name), reference: side(n, 'reference'), window: side(m, 'window') };
}

function encode(pair: ColumnPair): Encoding {
  if (isNumberPair(pair)) return { reference: numbersOf(pair.reference), window: numbersOf(pair.window) };
  const counts = new Map<string, number>();
  for (let i = 0; i < pair.reference.length; i++) {
    const text = textAt(pair.reference, i);
    if (text !== null) counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  const shares = (column: CategoryColumn): Float64Array =>
    Float64Array.from({ length: column.length }, (_, i) => {
      const text = textAt(column, i);
      return text === null ? Number.NaN : (counts.get(text) ?? 0) / pair.reference.length;
    });
  return { reference: shares(pair.reference), window: shares(pair.window) };
}

function numbersOf(column: NumberColumn): Float64Array {
  return Float64Array.from({ length: column.length }, (_, i) => numberAt(column, i));
}

function standardise({ reference, window }: Encoding): Encoding | null {
  const finite = reference.filter(Number.isFinite);
  const { n, mean, low, m2 } = momentsOf(finite, finite.length);
  const deviation = Math.sqrt(m2 / n);
  if (!(deviation > 0) || !Number.isFinite(deviation)) return null;
  const scale = (values: Float64Array): Float64Array =>
    values.map((v) => {
      const scaled = (v - mean - low) / deviation;
      return Number.isFinite(v) ? Math.max(-FARTHEST, Math.min(FARTHEST, scaled)) : 0;
    });
  return { reference: scale(reference), window: scale(window) };
}
