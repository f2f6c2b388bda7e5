import type { z } from 'zod';
import type { acceptedBatchView } from '../../../schemas/wire/logs.ts';
import type { Violation } from '../../formats/record-types.ts';
import { rememberAnswer } from '../../store/access.ts';
import { type BatchKind, insertBatch, insertRejectedRows } from '../../store/batches.ts';
import type { Db } from '../../store/db.ts';
import { enqueue } from '../../store/jobs.ts';
import type { ModelRow } from '../../store/models.ts';
import type { StoredObject } from '../../store/remote.ts';
import { bindObject } from '../dataset/store-object.ts';
import type { IdempotencyKey } from './idempotency.ts';
import type { Prepared, PreparedPart, Rejection } from './prepare-records.ts';
import { storable } from './raw-records.ts';

export type AcceptedBatch = z.infer<typeof acceptedBatchView>;

/** What is about to become visible: the objects are durable, nothing names them yet. */
export type Recording = {
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
  for (const part of prepared.parts) ids.push(await recordPart(tx, given, { part, first: ids.length === 0 }));
  const batch = ids[0] ?? 0;
  await insertRejectedRows(
    tx,
    prepared.rejected.map((row) => rejectedRow(batch, row)),
  );
  const answer = answerOf(ids, given);
  if (key !== null) {
    const { name, route, fingerprint } = key;
    const projectId = model.projectId;
    await rememberAnswer(tx, { projectId, key: name, route, bodySha256: fingerprint, status: 200, answer });
  }
  await enqueue(tx, {
    name: 'settle-batches',
    key: `model:${model.id}`,
    payload: { modelId: model.id },
    // Batches seldom come alone, and many at once cost little more than one.
    delaySeconds: settleSeconds,
  });
  return answer;
}

type Part = PreparedPart & { readonly stored: StoredObject };

/** @returns the id of the batch. The rejected rows of a body belong to its first one. */
async function recordPart(tx: Db, given: Recording, { part, first }: { part: Part; first: boolean }): Promise<number> {
  const { model, kind, prepared, at } = given;
  // Sent together: a statement less to wait for.
  const [, id] = await Promise.all([
    bindObject(tx, model.projectId, part.stored),
    insertBatch(tx, {
      projectId: model.projectId,
      modelId: model.id,
      kind,
      oid: part.stored.oid,
      bytes: part.stored.size,
      rows: part.rows,
      rejected: first ? prepared.rejectedTotal : 0,
      duplicates: part.duplicates,
      conflicts: part.conflicts,
      violations: part.violations,
      minTime: dateOf(part.minTime),
      maxTime: dateOf(part.maxTime),
      state: 'accepted',
      receivedAt: at,
    }),
  ]);
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

function answerOf(batches: number[], { kind, prepared }: Recording): AcceptedBatch {
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

const dateOf = (milliseconds: number | null): Date | null => (milliseconds === null ? null : new Date(milliseconds));
