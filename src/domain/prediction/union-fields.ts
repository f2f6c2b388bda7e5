import { tooManyColumns } from '../../formats/columns/batch-plan.ts';
import { recordPath } from '../../formats/prediction/names.ts';
import type { ColumnType, Field } from '../../stats/column.ts';

/** A column of a table made of logged predictions, and the column of the batches that fills it. */
export type TableColumn = Field & { readonly logged: string };

/** The parts of a record in the order in which a table shows them. */
const ORDER = [
  'prediction_id',
  'timestamp',
  'model_version',
  'segment',
  'prediction',
  'score',
  'feature',
  'tag',
  'label',
];

/** Columns that a table may have. */
const MOST = 10_000;

/** The columns of many batches, which differ in which they have and how they type them. */
export class UnionFields {
  readonly #types = new Map<string, ColumnType>();

  /** @throws TidemarkError `too-large` for more columns than a table may have. */
  add(fields: readonly Field[]): void {
    for (const { name, type } of fields) {
      const known = this.#types.get(name);
      if (known !== type) this.#types.set(name, known === undefined ? type : united(known, type));
    }
    if (this.#types.size > MOST) throw tooManyColumns(this.#types.size, MOST);
  }

  /**
   * The columns under the names by which a table is logged again: a feature by its own name, unless that is the name of
   * another part of the record.
   */
  columns(): TableColumn[] {
    const place = (logged: string): number => ORDER.indexOf(logged.split('.', 1)[0] ?? '');
    const columns = Array.from(this.#types, ([logged, type]) => ({ name: tableName(logged), type, logged }));
    return columns.sort((a, b) => place(a.logged) - place(b.logged));
  }
}

function united(a: ColumnType, b: ColumnType): ColumnType {
  const numbers = (type: ColumnType): boolean => type === 'int64' || type === 'float64';
  return numbers(a) && numbers(b) ? 'float64' : 'text';
}

function tableName(logged: string): string {
  const [, group, name] = /^(feature|score|tag)\.(.*)$/s.exec(logged) ?? [];
  if (group === undefined || name === undefined) return logged;
  // That is how a segment is kept.
  if (logged === 'tag.segment') return 'segment';
  const path = group === 'feature' ? recordPath(name, 'prediction') : null;
  return path?.[0] === 'features' && path[1] === name ? name : `${group}s.${name}`;
}
