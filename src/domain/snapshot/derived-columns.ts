import type { ColumnType } from '../../stats/column.ts';
import { featureColumns, type Roles } from '../model/roles.ts';

export type ReferenceColumn = { readonly name: string; readonly type: ColumnType };

/** A profile names its columns' types as `ColumnType` does; read back from JSON they are plain texts. */
export function referenceColumns(columns: readonly { name: string; type: string }[]): ReferenceColumn[] {
  return columns.map(({ name, type }) => ({ name, type: type as ColumnType }));
}

/** A column of the derived table, and the logged column that fills it. */
type DerivedColumn = ReferenceColumn & { readonly logged: string };

/** The derived table: like the reference, so that what trained on the one trains on the other. */
export type DerivedTable = {
  readonly columns: readonly DerivedColumn[];
  /** Filled from the labels. */
  readonly label: ReferenceColumn;
  /** The roles of these columns, as the model version that is trained on them will have them. */
  readonly roles: Roles;
};

/**
 * What is derived of logged predictions: the reference's features, prediction, score and label under its own
 * names, in its order, then the prediction's id and time. Pure. Columns that were never logged (ids, times and
 * ignored ones of the reference) are left out; a label that the reference lacks is added as of `addedLabel`.
 */
export function derivedTable(
  roles: Roles,
  reference: readonly ReferenceColumn[],
  addedLabel: ColumnType = 'text',
): DerivedTable {
  const features = new Set(featureColumns(roles, reference).map(({ name }) => name));
  const classOf = new Map(Object.entries(roles.scores ?? {}).map(([name, column]) => [column, name]));
  const columns = reference.flatMap((column): DerivedColumn[] => {
    if (column.name === roles.prediction) return [{ ...column, logged: 'prediction' }];
    if (column.name === roles.score) return [{ ...column, logged: 'score' }];
    const ofClass = classOf.get(column.name);
    if (ofClass !== undefined) return [{ ...column, logged: `score.${ofClass}` }];
    // A query is sent among the features.
    if (column.name === roles.query) return [{ ...column, logged: `feature.${column.name}` }];
    return features.has(column.name) ? [{ ...column, logged: `feature.${column.name}` }] : [];
  });
  const taken = new Set(columns.map(({ name }) => name.toLowerCase()));
  const named = reference.find(({ name }) => name === roles.label);
  const label = named ?? { name: freeName('label', taken), type: addedLabel };
  taken.add(label.name.toLowerCase());
  const id = freeName('prediction_id', taken);
  const timestamp = freeName('timestamp', taken);
  const known = (role: 'prediction' | 'score') => columns.find(({ logged }) => logged === role)?.name;
  return {
    columns: [
      ...columns,
      { name: id, type: 'text', logged: 'prediction_id' },
      { name: timestamp, type: 'timestamp', logged: 'timestamp' },
    ],
    label,
    roles: {
      prediction: known('prediction'),
      score: known('score'),
      ...(roles.scores !== undefined && { scores: roles.scores }),
      label: label.name,
      id,
      timestamp,
      query: roles.query,
      ignore: [],
    },
  };
}

/** Names of a Parquet file differ by more than their case. */
function freeName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  while (taken.has(name)) name = `logged_${name}`;
  taken.add(name);
  return name;
}
