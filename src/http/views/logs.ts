import type { z } from 'zod';
import type { batchView, countsView, refusalView, rejectedRowView, violationView } from '../../../schemas/wire/logs.ts';
import type { Rejection } from '../../domain/log/prepare/prepare-records.ts';
import type { LogCounts } from '../../domain/log/read-batches.ts';
import { REFUSAL_BYTES, REFUSAL_DAYS, type Refusal } from '../../domain/log/receive/refusals.ts';
import type { BatchRow } from '../../store/log/batches.ts';

export const viewBatch = (row: BatchRow): z.input<typeof batchView> => ({
  batch: row.id,
  kind: row.kind,
  state: row.state,
  oid: row.oid,
  bytes: row.bytes,
  sent: row.rows + row.rejected,
  rows: row.rows,
  accepted: row.rows - row.duplicates - row.conflicts,
  // Stored apart: there, a duplicate has the content of the first.
  duplicates: row.duplicates + row.conflicts,
  conflicts: row.conflicts,
  rejected: row.rejected,
  // Written by the parser's own type, and never changed.
  violations: row.violations as z.input<typeof violationView>[],
  min_time: row.minTime?.toISOString() ?? null,
  max_time: row.maxTime?.toISOString() ?? null,
  received_at: row.receivedAt.toISOString(),
  settled_at: row.settledAt?.toISOString() ?? null,
  dropped_at: row.droppedAt?.toISOString() ?? null,
});

/** A line may have megabytes and a page a thousand of them. */
const SHOWN_CHARACTERS = 4_096;

/** Not cut within a surrogate pair, half of which no UTF-8 can say. */
function beginningOf(text: string): string {
  return text.slice(0, SHOWN_CHARACTERS).replace(/[\ud800-\udbff]$/, '');
}

export const viewRejected = (row: Rejection): z.input<typeof rejectedRowView> => ({
  line: row.line,
  field: row.field === '' ? null : row.field,
  code: row.code,
  detail: row.detail,
  raw: row.raw === null ? null : beginningOf(row.raw),
  raw_truncated: (row.raw?.length ?? 0) > SHOWN_CHARACTERS,
});

export const viewRefusal = (row: Refusal): z.input<typeof refusalView> => ({
  refusal: row.id,
  kind: row.kind,
  rejected: row.rejected,
  kept: row.kept,
  kept_raw: row.keptRaw,
  most_bytes: REFUSAL_BYTES,
  received_at: row.receivedAt.toISOString(),
  expires_at: new Date(row.receivedAt.getTime() + REFUSAL_DAYS * 86_400_000).toISOString(),
});

export const viewCounts = (counts: LogCounts): z.input<typeof countsView> => ({
  ...counts.predictions,
  labels: counts.labels,
  labelled: counts.labelled,
  labels_waiting: counts.labelsWaiting,
  unsettled_batches: counts.unsettledBatches,
  watermark: counts.watermark?.toISOString() ?? null,
});
