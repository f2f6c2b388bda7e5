import type { z } from 'zod';
import type { acceptedBatchView } from '../../../../schemas/wire/logs.ts';
import type { Context } from '../../../context.ts';
import type { Violation } from '../../../formats/prediction/record-types.ts';
import { rememberAnswer } from '../../../store/access/access.ts';
import { enqueue } from '../../../store/jobs/jobs.ts';
import { type BatchKind, insertBatch, insertRejectedRows } from '../../../store/log/batches.ts';
import { insertVersionRows } from '../../../store/log/version-rows.ts';
import type { ModelRow } from '../../../store/monitor/models.ts';
import type { Db } from '../../../store/postgres/db.ts';
import type { StoredObject } from '../../../store/remotes/remote.ts';
import { bindObject } from '../../object/bind-object.ts';
import type { Prepared, PreparedPart, Rejection } from '../prepare/prepare-records.ts';
import { storable } from '../prepare/raw-records.ts';
import { settlement } from '../settle/settle.ts';
import type { IdempotencyKey } from './idempotency.ts';

export type AcceptedBatch = z.infer<typeof acceptedBatchView>;

/** What is about to become visible: the objects are durable, nothing names them yet. */
export type Recording = {
  readonly ctx: Pick<Context, 'remote'>;
  readonly model: ModelRow;
  readonly kind: BatchKind;
  readonly key: IdempotencyKey | null;
  readonly prepared: Prepared<{ readonly stored: StoredObject }>;
  readonly at: Date;
  /** How long the batch waits for others to be settled with it. */
  readonly settleSeconds: number;
};

const LISTED = 100;
/** How many values a violation shows. */
const EXAMPLES = 5;

/** Makes the batches of a body, its rejected rows, its answer and their settlement one change. */
export async function recordBatch(tx: Db, given: Recording): Promise<AcceptedBatch> {
  const { model, key, prepared, settleSeconds } = given;
  const ids: number[] = [];
  // In the order of the rows, which is that of settlement: the first of an id wins.
  for (const part of prepared.parts) {
    // The rejected rows of a body belong to its first batch.
    ids.push(await recordPart(tx, given, { part, rejected: ids.length === 0 ? prepared.rejectedTotal : 0 }));
  }
  const batch = ids[0] ?? 0;
  await insertRejectedRows(
    tx,
    prepared.rejected.map((row) => rejectedRow(batch, row)),
  );
  const answer = answerOf(ids, given);
  if (key !== null) await rememberAnswer(tx, remembered(model, key, answer));
  await enqueueSettlement(tx, model, settleSeconds);
  return answer;
}

/** A request among those that share a batch: how many of its rows do what. */
export type Share = Pick<PreparedPart, 'rows' | 'duplicates' | 'conflicts' | 'violations'> & {
  readonly key: IdempotencyKey | null;
};

/** Makes one batch of several requests, with an answer for each, and its settlement one change. */
export async function recordShared(
  tx: Db,
  given: Omit<Recording, 'key' | 'prepared'> & { readonly part: Part; readonly shares: readonly Share[] },
): Promise<AcceptedBatch[]> {
  const { model, part, shares, settleSeconds } = given;
  const keyed = shares.some(({ key }) => key !== null);
  // Sent behind one another, and waited for once. A key may have to wait for another request's, which may wait for the
  // job: there the job comes last.
  const [id] = await Promise.all([
    recordPart(tx, given, { part, rejected: 0 }),
    keyed ? null : enqueueSettlement(tx, model, settleSeconds),
  ]);
  const answers = answersOf(id, given);
  for (const [i, { key }] of shares.entries()) {
    const answer = answers[i];
    if (key !== null && answer !== undefined) await rememberAnswer(tx, remembered(model, key, answer));
  }
  if (keyed) await enqueueSettlement(tx, model, settleSeconds);
  return answers;
}

/**
 * One for each share; those of whose rows the same is to be said get the same one.
 * @param id of the batch; null while it has none
 */
export function answersOf(
  id: number | null,
  { kind, part, shares }: { readonly kind: BatchKind; readonly part: Part; readonly shares: readonly Share[] },
): AcceptedBatch[] {
  const known = new Map<string, AcceptedBatch>();
  return shares.map((share) => {
    const { rows, duplicates, conflicts, violations } = share;
    const name = violations.length === 0 ? `${rows} ${duplicates} ${conflicts}` : null;
    const same = name === null ? undefined : known.get(name);
    if (same !== undefined) return same;
    const parts = [{ ...part, ...share }];
    const answer = answerOf(id === null ? [] : [id], {
      kind,
      prepared: { refused: false, parts, rejected: [], rejectedTotal: 0 },
    });
    if (name !== null) known.set(name, answer);
    return answer;
  });
}

/** What is remembered of a request under its key. */
export const remembered = (model: ModelRow, key: IdempotencyKey, answer: AcceptedBatch) => ({
  projectId: model.projectId,
  key: key.name,
  route: key.route,
  bodySha256: key.fingerprint,
  status: 200,
  answer,
});

function enqueueSettlement(tx: Db, model: ModelRow, delaySeconds: number): Promise<void> {
  // Batches seldom come alone, and many at once cost little more than one.
  return enqueue(tx, { ...settlement(model.id), delaySeconds });
}

export type Part = PreparedPart & { readonly stored: StoredObject };

/** @returns the id of the batch. */
async function recordPart(
  tx: Db,
  { ctx, model, kind, at }: Pick<Recording, 'ctx' | 'model' | 'kind' | 'at'>,
  { part, rejected }: { readonly part: Part; readonly rejected: number },
): Promise<number> {
  // Sent together: a statement less to wait for.
  const [, id] = await Promise.all([
    bindObject(tx, ctx, model.projectId, part.stored),
    insertBatch(tx, {
      projectId: model.projectId,
      modelId: model.id,
      kind,
      oid: part.stored.oid,
      bytes: part.stored.size,
      rows: part.rows,
      rejected,
      duplicates: part.duplicates,
      conflicts: part.conflicts,
      violations: part.violations,
      minTime: dateOf(part.minTime),
      maxTime: dateOf(part.maxTime),
      state: 'accepted',
      receivedAt: at,
    }),
  ]);
  await insertVersionRows(
    tx,
    id,
    part.versions.map(({ name, rows }) => ({ name: storable(name), rows })),
  );
  return id;
}

const rejectedRow = (batchId: number, row: Rejection) => ({
  batchId,
  line: row.line,
  field: storable(row.field),
  code: row.code,
  detail: storable(row.detail),
  raw: row.raw,
});

export function answerOf(batches: number[], { kind, prepared }: Pick<Recording, 'kind' | 'prepared'>): AcceptedBatch {
  const { parts } = prepared;
  const sum = (of: (part: PreparedPart) => number): number => parts.reduce((total, part) => total + of(part), 0);
  const rows = sum((part) => part.rows);
  const conflicts = sum((part) => part.conflicts);
  const duplicates = sum((part) => part.duplicates) + conflicts;
  return {
    batch: batches[0] ?? 0,
    batches,
    kind,
    state: 'accepted',
    oid: parts[0]?.stored.oid ?? '',
    sent: rows + prepared.rejectedTotal,
    rows,
    accepted: rows - duplicates,
    duplicates,
    conflicts,
    rejected: prepared.rejectedTotal,
    issues: prepared.rejected.slice(0, LISTED).map(({ line, field, code, detail }) => ({
      line,
      field: field === '' ? null : field,
      code,
      detail,
    })),
    violations: merged(parts.flatMap(({ violations }) => violations)),
    replayed: false,
  };
}

/** One violation for each column and code, in the order of their first appearance. */
function merged(violations: readonly Violation[]): AcceptedBatch['violations'] {
  const found = new Map<string, AcceptedBatch['violations'][number]>();
  for (const { column, code, count, examples } of violations) {
    const known = found.get(`${code} ${column}`) ?? { column, code, count: 0, examples: [] };
    const shown = [...known.examples, ...examples].slice(0, EXAMPLES);
    found.set(`${code} ${column}`, { ...known, count: known.count + count, examples: shown });
  }
  return [...found.values()];
}

export const dateOf = (milliseconds: number | null): Date | null =>
  milliseconds === null ? null : new Date(milliseconds);
