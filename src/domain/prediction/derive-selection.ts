import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { JobPayload } from '../../../schemas/wire/jobs.ts';
import { selectRequest } from '../../../schemas/wire/predictions.ts';
import type { Context } from '../../context.ts';
import { type ErrorCode, isTidemarkError, TidemarkError } from '../../errors.ts';
import { endSelection, findWaitingSelection } from '../../store/dataset/selections.ts';
import { enqueue } from '../../store/jobs/jobs.ts';
import { findModelById, findModelVersionById, type ModelRow } from '../../store/monitor/models.ts';
import { anyUnsettledThrough } from '../../store/retraining/retraining.ts';
import { systemActor } from '../access/actor.ts';
import { pushFile } from '../dataset/push.ts';
import { versionRoles } from '../model/version-roles.ts';
import { derivedTable, referenceColumns } from '../snapshot/derived-columns.ts';
import { exportColumns, writeSpooled } from './export.ts';
import { derivation, type SelectionRequest } from './select.ts';
import { readSelection } from './selection.ts';
import { type SpooledSelection, spoolSelection } from './spool-selection.ts';
import type { TableColumn } from './union-fields.ts';

type Deriving = Pick<Context, 'config' | 'db' | 'remote' | 'log' | 'compute' | 'now' | 'newId' | 'publicUrl'>;
type Waiting = NonNullable<Awaited<ReturnType<typeof findWaitingSelection>>>;

/** The data is at fault, or what was asked: trying again would end the same way. */
const LASTING: ReadonlySet<ErrorCode> = new Set([
  ...(['object-corrupt', 'not-found', 'unreadable-data', 'too-large', 'conflict', 'invalid-body'] as const),
]);

/** The file's own name in each version. */
const FILE = 'selection.parquet';

/**
 * Job: makes selected predictions, joined with their labels, a version of a dataset. It comes back until all that had
 * been accepted is settled. Killed anywhere, it starts over: the version is named by its content.
 */
export async function deriveSelection(ctx: Deriving, { selectionId }: JobPayload<'derive-selection'>): Promise<void> {
  const waiting = await findWaitingSelection(ctx.db, selectionId);
  const model = waiting === null ? null : await findModelById(ctx.db, waiting.modelId);
  if (waiting === null || model === null) return;
  if (await anyUnsettledThrough(ctx.db, model.id, waiting.throughBatch)) {
    await enqueue(ctx.db, { ...derivation(selectionId), delaySeconds: 1 });
    return;
  }
  // What was kept was parsed by the same shape.
  const request = selectRequest.parse(waiting.request);
  try {
    const trained = request.columns === 'trained' ? await trainedOn(ctx, model) : null;
    if (trained === 'pending') {
      await enqueue(ctx.db, { ...derivation(selectionId), delaySeconds: 2 });
      return;
    }
    await derive(ctx, { waiting, model, request, trained });
  } catch (error) {
    if (!isTidemarkError(error) || !LASTING.has(error.code)) throw error;
    const failure = { code: error.code, message: error.message };
    await endSelection(ctx.db, selectionId, { state: 'failed', rows: null, versionId: null, error: failure });
  }
}

/** What the model in service was trained on; null where there is none, or no table. */
async function trainedOn(ctx: Pick<Context, 'db'>, model: ModelRow) {
  const { currentVersionId: id } = model;
  const version = id === null ? null : await findModelVersionById(ctx.db, id);
  if (version === null) return null;
  const { state, roles, columns } = await versionRoles(ctx.db, version);
  if (state === 'pending') return state;
  return state === 'ready' ? { roles, columns: referenceColumns(columns) } : null;
}

type Subject = {
  readonly waiting: Waiting;
  readonly model: ModelRow;
  readonly request: SelectionRequest;
  readonly trained: Exclude<Awaited<ReturnType<typeof trainedOn>>, 'pending'>;
};

async function derive(ctx: Deriving, { waiting, model, request, trained }: Subject): Promise<void> {
  const { selection, dataset, path, message, tag, labels } = request;
  const { projectId, throughBatch, author } = waiting;
  const wanted = { modelId: model.id, selection: readSelection(selection), throughBatch, abandoned: () => false };
  const spooled = await spoolSelection(ctx, wanted);
  let file: string | null = null;
  try {
    const { rows, oids } = spooled;
    if (rows === 0) throw new TidemarkError('conflict', 'No logged prediction fits the selection.');
    file = await writeSpooled(ctx, spooled, { format: 'parquet', columns: columnsOf(spooled, trained) });
    const { version } = await pushFile(ctx, systemActor({ id: projectId, name: waiting.project }), {
      dataset,
      path: path ?? FILE,
      source: createReadStream(file),
      message: message ?? `${rows} logged predictions of ${model.name}`,
      author,
      labels,
      tag,
      provenance: {
        kind: 'derived',
        model: model.name,
        selection,
        selection_id: waiting.id,
        through_batch: throughBatch,
        rows,
        batches: oids,
      },
    });
    await endSelection(ctx.db, waiting.id, { state: 'done', rows, versionId: version.id, error: null });
  } finally {
    await spooled.dispose();
    if (file !== null) await rm(file, { force: true });
  }
}

function columnsOf(spooled: SpooledSelection, trained: Subject['trained']): TableColumn[] {
  if (trained === null) return exportColumns(spooled);
  const { columns, label } = derivedTable(trained.roles, trained.columns, spooled.labelType ?? 'text');
  return [...columns, { ...label, logged: 'label' }];
}
