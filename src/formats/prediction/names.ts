/** Tables have flat names, records have parts: which column of a table is which part of a record. */
import type { RecordShape } from './record-types.ts';

const FIXED: ReadonlySet<string> = new Set([
  'prediction_id',
  'timestamp',
  'model_version',
  'prediction',
  'label',
  'segment',
  'scores',
]);
/** The parts of a record that are objects of columns. */
export const GROUPS = ['features', 'scores', 'tags'] as const;
/** The index of a pandas DataFrame, which is no column of the data. */
const PANDAS_INDEX = /^__index_level_\d+__$/;

/**
 * The path in a record of a table's column: the names of the record itself, `score` as well as `scores`,
 * `features.<name>`, `scores.<class>` and `tags.<name>`; every other column of a prediction is the feature of that
 * name. `null` for a column that is none of the sender's.
 */
export function recordPath(column: string, shape: RecordShape): readonly string[] | null {
  if (PANDAS_INDEX.test(column)) return null;
  if (column === 'score') return ['scores'];
  if (FIXED.has(column) || shape === 'label') return [column];
  for (const group of GROUPS) {
    if (column.startsWith(`${group}.`)) return [group, column.slice(group.length + 1)];
  }
  return ['features', column];
}
