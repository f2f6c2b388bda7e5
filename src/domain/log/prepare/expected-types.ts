import { type ColumnType, isVectorType } from '../../../stats/column.ts';
import { findColumnValues, findModelVersionById } from '../../../store/monitor/models.ts';
import type { Db } from '../../../store/postgres/db.ts';
import { featureColumns, type NamedColumn, type Roles } from '../../model/roles.ts';
import { versionRoles } from '../../model/version-roles.ts';
import { readWhilePending } from '../../object/read-while-pending.ts';
import { labelText } from '../settle/label-text.ts';
import type { TrainedLabels } from '../settle/typed-labels.ts';

export type ExpectedTypes = readonly (readonly [string, ColumnType])[];

/** What a model version's training data makes us expect. */
export type Expectation = {
  readonly types: ExpectedTypes;
  /** Its columns that are no features: a record may carry them among its own, the query that it answers first of all. */
  readonly others: readonly string[];
  /** Null where it has no label. */
  readonly labels: TrainedLabels | null;
};

/**
 * The types of a prediction's columns, by the names they have in a batch. The label is not among them: it is
 * compared as text, so that 1 and "1" are the same label.
 */
function expectedTypes(roles: Roles, columns: readonly NamedColumn[]): ExpectedTypes {
  const types = new Map(columns.map((column) => [column.name, column.type]));
  const expected: [string, ColumnType][] = [];
  const add = (name: string, type: string | undefined): void => {
    if (isColumnType(type)) expected.push([name, type]);
  };
  if (roles.prediction !== undefined) add('prediction', types.get(roles.prediction));
  // A score is a number whatever the file says of whole ones.
  if (roles.score !== undefined && types.has(roles.score)) add('score', 'float64');
  for (const [name, column] of Object.entries(roles.scores ?? {})) {
    if (types.has(column)) add(`score.${name}`, 'float64');
  }
  for (const column of featureColumns(roles, columns)) add(`feature.${column.name}`, column.type);
  return expected;
}

function otherColumns(roles: Roles, columns: readonly NamedColumn[]): string[] {
  const features = new Set(featureColumns(roles, columns));
  return columns.filter((column) => !features.has(column)).map(({ name }) => `feature.${name}`);
}

const COLUMN_TYPES: ReadonlySet<string> = new Set<ColumnType>([
  'int64',
  'float64',
  'text',
  'boolean',
  'timestamp',
  'date',
]);
const isColumnType = (type: string | undefined): type is ColumnType =>
  type !== undefined && (COLUMN_TYPES.has(type) || isVectorType(type));

/** By connection pool: a model version's columns never change once they are known, and each batch asks for them. */
const known = new WeakMap<Db, Map<number, Expectation>>();
const KEPT_VERSIONS = 1000;

/**
 * What a model version's training data makes us expect; null while its columns are not known. A profile that is
 * still being made is waited for a while: whether the first batches after a push are typed by it must not depend
 * on who was faster.
 */
export async function expectationOf(
  db: Db,
  modelVersionId: number | null,
  patienceMilliseconds: number,
): Promise<Expectation | null> {
  if (modelVersionId === null) return null;
  const kept = known.get(db) ?? new Map<number, Expectation>();
  known.set(db, kept);
  const found = kept.get(modelVersionId);
  if (found !== undefined) return found;
  const version = await findModelVersionById(db, modelVersionId);
  if (version === null) return null;
  const read = await readWhilePending(() => versionRoles(db, version), patienceMilliseconds);
  if (read.state !== 'ready') return null;
  if (kept.size >= KEPT_VERSIONS) kept.clear();
  const expected = {
    types: expectedTypes(read.roles, read.columns),
    others: otherColumns(read.roles, read.columns),
    labels: await trainedLabels(db, version.datasetVersionId, read),
  };
  kept.set(modelVersionId, expected);
  return expected;
}

async function trainedLabels(
  db: Db,
  datasetVersionId: number,
  { roles, columns }: { readonly roles: Roles; readonly columns: readonly NamedColumn[] },
): Promise<TrainedLabels | null> {
  const type = columns.find(({ name }) => name === roles.label)?.type;
  if (roles.label === undefined || !isColumnType(type)) return null;
  const values = await findColumnValues(db, datasetVersionId, roles.label);
  return { type, values: values?.map((value) => labelText(String(value))) ?? null };
}
