/** Arrow columns that name the values of their rows instead of holding them: by codes of a dictionary, or by runs. */
import { type Batch, type DataType, Type } from '@uwdata/flechette';
import { type Column, type ColumnType, type Field, isValid, type Validity } from '../../stats/column.ts';
import { joined } from '../columns/gather-batches.ts';
import { selectRows } from '../columns/select-rows.ts';
import { unreadable } from '../unreadable.ts';

/** The type of the values that a type names; null for a type that holds its own. */
export function namedType(type: DataType): DataType | null {
  if (type.typeId === Type.Dictionary) return type.dictionary;
  return type.typeId === Type.RunEndEncoded ? (type.children[1]?.type ?? null) : null;
}

/** Values without the rows that name them, part after part, and which of them each row has: -1 for none. */
export type NamedValues = { readonly parts: readonly Batch<unknown>[]; readonly places: Int32Array };

/** Throws `unreadable-data` at a row that names a value which is not there. */
export function namedValues(batch: Batch<unknown>, valid: Validity): NamedValues {
  if (batch.type.typeId === Type.RunEndEncoded) return runs(batch, valid);
  const { dictionary } = batch as Batch<unknown> & { readonly dictionary?: { readonly data: Batch<unknown>[] } };
  const parts = dictionary?.data ?? [];
  const count = parts.reduce((sum, part) => sum + part.length, 0);
  const places = new Int32Array(batch.length).fill(-1);
  for (let i = 0; i < places.length; i++) {
    if (!isValid(valid, i)) continue;
    const code = Number(batch.values[i]!);
    if (!(code >= 0 && code < count)) {
      throw unreadable('An Arrow dictionary column has a code that its dictionary lacks; write the file again.');
    }
    places[i] = code;
  }
  return { parts, places };
}

/** Each run ends before the row that is said, and each has one value. */
function runs({ children, length }: Batch<unknown>, valid: Validity): NamedValues {
  const [ends, values] = children;
  const places = new Int32Array(length);
  let run = 0;
  for (let i = 0; i < length; i++) {
    while (ends !== undefined && run < ends.length && Number(ends.values[run]!) <= i) run++;
    if (values === undefined || run >= values.length || run >= ends!.length) {
      throw unreadable('The runs of an Arrow column end before its rows do; write the file again.');
    }
    places[i] = isValid(valid, i) ? run : -1;
  }
  return { parts: values === undefined ? [] : [values], places };
}

/** The rows of a column of that type, of whose values `read` makes columns. */
export function namedColumn(
  { parts, places }: NamedValues,
  type: ColumnType,
  read: (part: Batch<unknown>) => Column,
): Column {
  const batches = parts.map((part) => ({ rows: part.length, columns: [read(part)] }));
  const rows = batches.reduce((sum, batch) => sum + batch.rows, 0);
  const field: Field = { name: '', type };
  const [column] = selectRows(joined([field], batches, rows), places).columns;
  if (column === undefined) throw new TypeError('one column was selected');
  return column.kind === 'category' ? column : { ...column, valid: placesMask(places, column.valid) };
}

/** The mask of the rows that name a value, where that is not absent itself; null where none is absent. */
function placesMask(places: Int32Array, valid: Validity): Validity {
  const mask = new Uint8Array((places.length + 7) >> 3);
  let present = 0;
  for (let i = 0; i < places.length; i++) {
    if (places[i]! < 0 || !isValid(valid, i)) continue;
    mask[i >> 3]! |= 1 << (i & 7);
    present++;
  }
  return present === places.length ? null : mask;
}
