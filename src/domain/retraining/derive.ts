import { createReadStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Context } from '../../context.ts';
import { findProjectById } from '../../store/access.ts';
import { listSettledPredictions, type SettledBatch } from '../../store/batches.ts';
import type { VersionRow } from '../../store/datasets.ts';
import type { ModelRow } from '../../store/models.ts';
import { newSpoolPath } from '../../store/object-spool.ts';
import { listWindowLabels, type WindowLabel } from '../../store/reports.ts';
import type { NamedRun } from '../../store/retraining.ts';
import { systemActor } from '../access/actor.ts';
import { pushFile } from '../dataset/push.ts';
import type { Roles } from '../model/roles.ts';
import { withBatchFiles } from '../monitor/batch-files.ts';
import { runTask } from '../tasks.ts';
import { type DerivedTable, derivedTable, type ReferenceColumn } from './derived-columns.ts';
import { typeOfLabels } from './label-type.ts';
import type { LearningSpan } from './span.ts';

type Deriving = Pick<Context, 'config' | 'db' | 'remote' | 'log' | 'compute' | 'now' | 'newId' | 'publicUrl'>;

export type Derivation = {
  readonly run: NamedRun;
  readonly model: ModelRow;
  readonly span: LearningSpan;
  /** The last batch that had been accepted when the run began. */
  readonly throughBatch: number;
  readonly reference: {
    readonly roles: Roles;
    readonly columns: readonly ReferenceColumn[];
  };
};

export type Derived = {
  readonly dataset: string;
  readonly version: VersionRow;
  readonly rows: number;
};

/** The file's own name in each version. */
const FILE = 'training.parquet';

/**
 * Makes the logged predictions of a span, joined with their labels, a version of the model's retraining dataset.
 * Repeating it with the same labels gives the same bytes and so the same version.
 * @throws TidemarkError `object-corrupt`, `unreadable-data`, and what a push throws.
 */
export async function derive(ctx: Deriving, derivation: Derivation): Promise<Derived> {
  const { run, model, span } = derivation;
  const { roles, columns } = derivation.reference;
  const batches = await labelledBatches(ctx, derivation);
  const table = derivedTable(roles, columns, typeOfLabels(labelTexts(batches)));
  const oids = batches.map(({ batch }) => batch.oid);
  const folder = join(resolve(ctx.config.data), 'tmp');
  await mkdir(folder, { recursive: true });
  // A name that the sweep knows for one of ours, should this process be killed.
  const output = newSpoolPath(folder);
  try {
    const { rows } = await withBatchFiles(ctx, { projectId: run.projectId, oids }, (files) =>
      runTask(ctx, 'derive-table', { table: tableOf(table), batches: inputsOf(files, batches), output }),
    );
    const project = await findProjectById(ctx.db, run.projectId);
    const actor = systemActor({ id: run.projectId, name: project?.name ?? '' });
    const { dataset, version } = await pushFile(ctx, actor, {
      dataset: `${model.name}-retraining`,
      path: FILE,
      source: createReadStream(output),
      message: `${rows} labelled predictions of ${model.name}`,
      provenance: {
        kind: 'derived',
        model: model.name,
        run: run.id,
        span: { from: span.from.toISOString(), to: span.to.toISOString() },
        rows,
        batches: oids,
        reference: run.reference,
      },
    });
    return { dataset: dataset.name, version, rows };
  } finally {
    await rm(output, { force: true });
  }
}

type Labelled = { readonly batch: SettledBatch; readonly labels: readonly WindowLabel[] };

/** Settled batches of the span in order of settlement, with the labelled rows of each that were first with their id. */
async function labelledBatches(ctx: Pick<Context, 'db'>, derivation: Derivation): Promise<Labelled[]> {
  const { model, span, throughBatch } = derivation;
  const reach = { from: span.from, to: span.to, throughSequence: model.settleSequence };
  const settled = await listSettledPredictions(ctx.db, model.id, reach);
  const batches = settled.filter(({ batchId }) => batchId <= throughBatch);
  const batchIds = batches.map(({ batchId }) => batchId);
  const labels = await listWindowLabels(ctx.db, model.id, { batchIds, start: span.from, end: span.to });
  const byBatch = Map.groupBy(labels, ({ batchId }) => batchId);
  return batches.flatMap((batch) => {
    const found = byBatch.get(batch.batchId);
    return found === undefined ? [] : [{ batch, labels: found }];
  });
}

function* labelTexts(batches: readonly Labelled[]): Generator<string> {
  for (const { labels } of batches) for (const { label } of labels) yield label;
}

const tableOf = ({ columns, label }: DerivedTable) => ({ columns, label });

const inputsOf = (files: readonly string[], batches: readonly Labelled[]) =>
  files.map((file, i) => {
    const labels = batches[i]?.labels ?? [];
    return { file, rows: Int32Array.from(labels, ({ row }) => row), labels: labels.map(({ label }) => label) };
  });
