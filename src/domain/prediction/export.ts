import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { newSpoolPath } from '../../store/objects/object-spool.ts';
import type { Db } from '../../store/postgres/db.ts';
import { findNewestBatch } from '../../store/retraining/retraining.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { resolveModel } from '../model/resolve.ts';
import { runTask } from '../tasks.ts';
import type { Selection } from './selection.ts';
import { type SpooledSelection, spoolSelection } from './spool-selection.ts';
import type { TableColumn } from './union-fields.ts';
import type { PredictionFormat } from './write-task.ts';

type Exporting = Pick<Context, 'config' | 'db' | 'remote' | 'compute'>;

export type Export = {
  readonly model: string;
  readonly selection: Selection;
  readonly format: PredictionFormat;
  /** True once the client has gone. */
  readonly abandoned: () => boolean;
};

export type Exported = {
  readonly rows: number;
  /** Bytes. */
  readonly size: number;
  /** The bytes; the file is gone when they have been read, or are no longer wanted. */
  readonly bytes: () => AsyncGenerator<Uint8Array>;
};

/** Each reads, writes and holds on the disk what it gives: more would only make all of them slower. */
const AT_ONCE = 2;
const running = new WeakMap<Db, number>();

/**
 * Everything that is selected as one file, oldest first: whole, or a failure before its first byte.
 * @throws TidemarkError `too-many-requests` while others are exported, `object-corrupt` when a batch cannot be read,
 * `conflict` for a Parquet file of columns that differ by case alone, `not-found`, `invalid-body`, `storage-full`.
 */
export async function exportPredictions(ctx: Exporting, actor: Actor, wanted: Export): Promise<Exported> {
  requireScope(actor, 'logs:read');
  const { id: modelId } = await resolveModel(ctx.db, actor.projectId, wanted.model);
  const others = running.get(ctx.db) ?? 0;
  if (others >= AT_ONCE) {
    throw new TidemarkError('too-many-requests', `${others} exports are being made; ask again in a moment.`, {
      retryAfter: 5,
    });
  }
  running.set(ctx.db, others + 1);
  try {
    const { selection, abandoned, format } = wanted;
    // Without an end, an export of a log that is written faster than it is read would never end.
    const throughBatch = await findNewestBatch(ctx.db, modelId);
    const spooled = await spoolSelection(ctx, { modelId, selection, throughBatch, abandoned });
    try {
      const file = await writeSpooled(ctx, spooled, { format, columns: exportColumns(spooled) });
      return { rows: spooled.rows, size: (await stat(file)).size, bytes: () => readAndRemove(file) };
    } finally {
      await spooled.dispose();
    }
  } finally {
    running.set(ctx.db, (running.get(ctx.db) ?? 1) - 1);
  }
}

/** A table with the spooled rows, beside the spool. Whoever asked for it removes it. */
export async function writeSpooled(
  ctx: Pick<Context, 'compute'>,
  { file: spool, ends }: SpooledSelection,
  table: { readonly format: PredictionFormat; readonly columns: readonly TableColumn[] },
): Promise<string> {
  const output = newSpoolPath(dirname(spool));
  try {
    await runTask(ctx, 'write-predictions', { spool, ends, ...table, output });
    return output;
  } catch (error) {
    await rm(output, { force: true });
    throw error;
  }
}

/** What every table of predictions has, whether or not a row was selected. */
const ALWAYS: readonly TableColumn[] = [
  { name: 'prediction_id', type: 'text', logged: 'prediction_id' },
  { name: 'timestamp', type: 'timestamp', logged: 'timestamp' },
];

/** All columns there are. The label is of the type that all labels are of. */
export function exportColumns({ fields, labelType }: Pick<SpooledSelection, 'fields' | 'labelType'>): TableColumn[] {
  const columns = fields.columns();
  if (columns.length === 0) return [...ALWAYS];
  return columns.map((column) => (column.logged === 'label' ? { ...column, type: labelType ?? 'text' } : column));
}

async function* readAndRemove(file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(file);
  } finally {
    await rm(file, { force: true });
  }
}
