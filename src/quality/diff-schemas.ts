import type { ColumnType } from '../stats/column.ts';
import type { TableSchema } from './infer-schema.ts';

type ColumnSchema = TableSchema['columns'][number];

/** What a consumer of a table would trip over. */
type ColumnShape = {
  readonly type: ColumnType;
  readonly nullable: boolean;
  readonly presence: ColumnSchema['presence'];
};

export type SchemaDiff = {
  readonly added: readonly (ColumnShape & { readonly name: string })[];
  readonly removed: readonly (ColumnShape & { readonly name: string })[];
  readonly changed: readonly { readonly name: string; readonly from: ColumnShape; readonly to: ColumnShape }[];
  /** The columns that both have stand in another order. */
  readonly reordered: boolean;
};

const shapeOf = ({ type, nullable, presence }: ColumnSchema): ColumnShape => ({ type, nullable, presence });

/** What became of a table's columns, in the order of the newer table; removed ones in that of the older. */
export function diffSchemas(from: TableSchema, to: TableSchema): SchemaDiff {
  const before = new Map(from.columns.map((column) => [column.name, column]));
  const after = new Map(to.columns.map((column) => [column.name, column]));
  const named = (column: ColumnSchema) => ({ name: column.name, ...shapeOf(column) });
  const changed = to.columns.flatMap((column) => {
    const old = before.get(column.name);
    if (old === undefined) return [];
    const shapes = { from: shapeOf(old), to: shapeOf(column) };
    return JSON.stringify(shapes.from) === JSON.stringify(shapes.to) ? [] : [{ name: column.name, ...shapes }];
  });
  const kept = from.columns.filter(({ name }) => after.has(name)).map(({ name }) => name);
  const order = to.columns.filter(({ name }) => before.has(name)).map(({ name }) => name);
  return {
    added: to.columns.filter(({ name }) => !before.has(name)).map(named),
    removed: from.columns.filter(({ name }) => !after.has(name)).map(named),
    changed,
    reordered: kept.some((name, i) => name !== order[i]),
  };
}
