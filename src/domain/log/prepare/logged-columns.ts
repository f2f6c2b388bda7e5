/** Since when the predictions of a model hold a column, so that what never came is not called lost. */

import type { Violation } from '../../../formats/prediction/record-types.ts';
import { type LoggedColumnRow, listLoggedColumns, writeLoggedColumns } from '../../../store/log/logged-columns.ts';
import { type CountedBatch, findFirstBatch } from '../../../store/monitor/reports.ts';
import type { Db } from '../../../store/postgres/db.ts';
import { type ColumnValues, ENOUGH } from './column-values.ts';

/** By connection pool and model: columns whose beginnings are known for good. */
const known = new WeakMap<Db, Map<number, Set<string>>>();

export function columnsKnown(db: Db, modelId: number): Set<string> {
  const models = known.get(db) ?? new Map<number, Set<string>>();
  known.set(db, models);
  const columns = models.get(modelId) ?? new Set<string>();
  models.set(modelId, columns);
  return columns;
}

/** Counts batches that are being settled, in order. Call it under the lock of the model. */
export async function noteColumns(
  db: Db,
  tx: Db,
  given: {
    readonly modelId: number;
    readonly batches: readonly { readonly sequence: number; readonly columns: readonly ColumnValues[] }[];
  },
): Promise<void> {
  const { modelId, batches } = given;
  if (batches.every(({ columns }) => columns.length === 0)) return;
  const done = columnsKnown(db, modelId);
  const before = new Map((await listLoggedColumns(tx, modelId)).map((row) => [row.name, row]));
  // Others wrote these and committed: what this transaction writes may still be undone.
  for (const row of before.values()) if (row.sentSince !== null && row.fittingSince !== null) done.add(row.name);
  const changed = new Map<string, LoggedColumnRow>();
  for (const { sequence, columns } of batches) {
    for (const values of columns) {
      const row = changed.get(values.name) ?? before.get(values.name) ?? none(values.name, sequence);
      const next = counted(row, values, sequence);
      if (next !== row) changed.set(values.name, next);
    }
  }
  if (changed.size > 0) await writeLoggedColumns(tx, modelId, [...changed.values()]);
}

const none = (name: string, firstSequence: number): LoggedColumnRow => ({
  name,
  firstSequence,
  sent: 0,
  sentSince: null,
  fitting: 0,
  fittingSince: null,
});

function counted(row: LoggedColumnRow, values: ColumnValues, sequence: number): LoggedColumnRow {
  const sent = Math.min(ENOUGH, row.sent + values.sent);
  const fitting = Math.min(ENOUGH, row.fitting + values.fitting);
  if (sent === row.sent && fitting === row.fitting) return row;
  const since = (count: number, before: number | null) => before ?? (count < ENOUGH ? null : sequence);
  return {
    name: row.name,
    firstSequence: row.firstSequence,
    sent,
    sentSince: since(sent, row.sentSince),
    fitting,
    fittingSince: since(fitting, row.fittingSince),
  };
}

/** By a column's name in batches: the settle sequence from which on predictions hold it, null where they never did. */
export type Beginnings = {
  readonly sentSince: (column: string) => number | null;
  /** Of values that had the type that is expected. */
  readonly fittingSince: (column: string) => number | null;
  /** The first batch at all that held a value. */
  readonly first: (column: string) => number | null;
};

/** The column that every prediction has a value in. */
const ALWAYS = 'timestamp';

/**
 * When a model's columns began. A model whose first batches were settled before columns were counted has had from the
 * start what its first batch does not deny.
 */
export async function readBeginnings(db: Db, modelId: number): Promise<Beginnings> {
  const rows = new Map((await listLoggedColumns(db, modelId)).map((row) => [row.name, row]));
  const first = await findFirstBatch(db, modelId, { leastRows: 1 });
  const uncounted = first !== null && rows.get(ALWAYS)?.firstSequence !== first.sequence;
  const broken = brokenBy(first);
  const fromTheStart = (column: string, ...codes: readonly Violation['code'][]): boolean =>
    uncounted && !codes.some((code) => broken.has(`${column} ${code}`));
  return {
    first: (column) => (fromTheStart(column, 'missing') ? 0 : (rows.get(column)?.firstSequence ?? null)),
    sentSince: (column) => (fromTheStart(column, 'missing') ? 0 : (rows.get(column)?.sentSince ?? null)),
    fittingSince: (column) =>
      fromTheStart(column, 'missing', 'type', 'unknown') ? 0 : (rows.get(column)?.fittingSince ?? null),
  };
}

/** Whether any prediction has been settled. */
export const hasBegun = async (db: Db, modelId: number): Promise<boolean> =>
  (await readBeginnings(db, modelId)).first(ALWAYS) !== null;

/** As it was told before columns were counted: what every row of a model's first settled batch lacked never began. */
export async function beginningsByFirstBatch(db: Db, modelId: number): Promise<Pick<Beginnings, 'sentSince'>> {
  const broken = brokenBy(await findFirstBatch(db, modelId, { leastRows: 0 }));
  return { sentSince: (column) => (broken.has(`${column} missing`) ? null : 0) };
}

/** `column code` of what every row of a batch broke. */
function brokenBy(batch: CountedBatch | null): ReadonlySet<string> {
  // Each batch was stored with the violations that its parser counted.
  const violations = (batch?.violations ?? []) as readonly Violation[];
  const whole = violations.filter(({ count }) => count === batch?.rows);
  return new Set(whole.map(({ column, code }) => `${column} ${code}`));
}

/**
 * `column code` of the violations that are nothing new to a window: the column has never been otherwise, or never was
 * before most of the window had come; an unexpected one was there before, or as long as predictions are.
 * @param settled the settle sequences of the window's first batch, and of its middle row
 */
export function violatedAllAlong(
  violations: readonly { readonly column: string; readonly code: string }[],
  beginnings: Beginnings,
  settled: { readonly first: number; readonly middle: number },
): ReadonlySet<string> {
  const began = beginnings.sentSince(ALWAYS) ?? Number.POSITIVE_INFINITY;
  const old = ({ column, code }: { readonly column: string; readonly code: string }): boolean => {
    if (code === 'unexpected') {
      const first = beginnings.first(column);
      return first !== null && (first < settled.first || first <= began);
    }
    const since = code === 'missing' ? beginnings.sentSince(column) : beginnings.fittingSince(column);
    return since === null || since > settled.middle;
  };
  return new Set(violations.filter(old).map(({ column, code }) => `${column} ${code}`));
}

/** The settle sequence of the middle one of some rows: their batches in order, each with how many it gave. */
export function middleSequence(parts: readonly { readonly rows: number; readonly sequence: number }[]): number {
  const half = parts.reduce((sum, { rows }) => sum + rows, 0) / 2;
  let passed = 0;
  for (const { rows, sequence } of parts) {
    passed += rows;
    if (rows > 0 && passed >= half) return sequence;
  }
  return Number.MAX_SAFE_INTEGER;
}
