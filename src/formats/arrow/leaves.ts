/** The columns of an Arrow schema: structs are taken apart, into columns with dotted names, as Parquet's are. */
import { type Batch, type DataType, type Table, Type } from '@uwdata/flechette';
import { absentRows, type Validity } from '../../stats/column.ts';
import { unreadable } from '../unreadable.ts';
import { validityOf } from './columns.ts';

/** A field that is no struct: which of the schema's fields it is, and then which of each struct's. */
export type Leaf = { readonly name: string; readonly type: DataType; readonly path: readonly number[] };

/** Structs within structs; what is deeper is left whole, and so left out. */
const DEEPEST = 16;

type Named = { readonly name: string; readonly type: DataType };

/** Throws `unreadable-data` for a field without a name. */
export const leavesOf = (fields: readonly Named[]): Leaf[] => within(fields, '', []);

function within(fields: readonly Named[], before: string, path: readonly number[]): Leaf[] {
  return fields.flatMap(({ name, type }, i): Leaf[] => {
    // The type says that there always is a name; a broken schema has fields without.
    if (typeof name !== 'string') {
      throw unreadable(`Field ${i + 1} of the Arrow schema has no name; write the file again.`);
    }
    const leaf = { name: `${before}${name}`, type, path: [...path, i] };
    const struct = type.typeId === Type.Struct && type.children.length > 0 && path.length < DEEPEST;
    return struct ? within(type.children, `${leaf.name}.`, leaf.path) : [leaf];
  });
}

/** The rows of a leaf in a table of one record batch; undefined where it has none. A row without the struct has no value. */
export function leafBatch(table: Table, { path: [position = 0, ...within] }: Leaf): Batch<unknown> | undefined {
  let batch: Batch<unknown> | undefined = table.getChildAt(position).data[0];
  for (const i of within) {
    if (batch === undefined) return undefined;
    const child: Batch<unknown> | undefined = batch.children[i];
    if (child === undefined || child.length !== batch.length) {
      throw unreadable('The columns of an Arrow struct differ in length; write the file again.');
    }
    batch = masked(child, validityOf(batch));
  }
  return batch;
}

/** The same rows, absent where the struct that holds them is. */
function masked(batch: Batch<unknown>, struct: Validity): Batch<unknown> {
  if (struct === null) return batch;
  const own = validityOf(batch);
  const validity = own === null ? struct : own.map((byte, k) => byte & struct[k]!);
  const copy: Batch<unknown> = Object.create(Object.getPrototypeOf(batch), Object.getOwnPropertyDescriptors(batch));
  return Object.assign(copy, { validity, nullCount: absentRows(validity, batch.length) });
}
