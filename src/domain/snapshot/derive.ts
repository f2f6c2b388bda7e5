import { createReadStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { PolicyConfig } from '../../../schemas/wire/policies.ts';
import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { findProjectById } from '../../store/access/access.ts';
import type { VersionRow } from '../../store/dataset/datasets.ts';
import { findVersionRows } from '../../store/monitor/models.ts';
import { newSpoolPath } from '../../store/objects/object-spool.ts';
import type { NamedRun } from '../../store/retraining/retraining.ts';
import { systemActor } from '../access/actor.ts';
import { pushFile } from '../dataset/push.ts';
import type { Roles } from '../model/roles.ts';
import { withBatchFiles } from '../reference/batch-files.ts';
import { withReferenceFiles } from '../reference/reference-files.ts';
import { runTask } from '../tasks.ts';
import type { DeriveTaskInput } from './derive-task.ts';
import { type DerivedTable, derivedTable, type ReferenceColumn } from './derived-columns.ts';
import { typeOfLabels } from './label-type.ts';
import {
  countRows,
  type LabelledBatch,
  type LabelledSpan,
  labelledBatches,
  labelTexts,
  taskBatches,
} from './labelled-rows.ts';
import type { LearningSpan } from './span.ts';
import { splitRows } from './split-rows.ts';

type Deriving = Pick<Context, 'config' | 'db' | 'remote' | 'log' | 'compute' | 'now' | 'newId' | 'publicUrl'>;

export type Derivation = LabelledSpan & {
  readonly run: NamedRun;
  readonly span: LearningSpan;
  readonly snapshot: PolicyConfig['snapshot'];
  readonly reference: {
    readonly roles: Roles;
    readonly columns: readonly ReferenceColumn[];
  };
};

type DerivedVersion = {
  readonly dataset: string;
  readonly version: VersionRow;
  readonly rows: number;
};

export type Derived = DerivedVersion & {
  /** Rows that were held out, without their labels; null where none are. */
  readonly evaluation: DerivedVersion | null;
};

/**
 * Makes the logged predictions of a span, joined with their labels, a version of the model's retraining dataset; what is
 * held out for the comparison is a version of another one. Repeating it with the same labels gives the same bytes and
 * so the same versions.
 * @throws TidemarkError `object-corrupt`, `unreadable-data`, `conflict` when the reference cannot be mixed in, and what
 * a push throws.
 */
export async function derive(ctx: Deriving, derivation: Derivation): Promise<Derived> {
  const { snapshot } = derivation;
  const { roles, columns } = derivation.reference;
  const batches = await labelledBatches(ctx, derivation);
  const table = derivedTable(roles, columns, typeOfLabels(labelTexts(batches)));
  const split = splitRows(batches, { holdOut: snapshot.hold_out, balance: snapshot.balance });
  const training = await deriveOne(ctx, derivation, {
    name: 'retraining',
    file: 'training.parquet',
    table,
    batches: split.training,
    mixed: await mixedRows(ctx, derivation, { table, rows: countRows(split.training) }),
  });
  if (split.heldOut.length === 0) return { ...training, evaluation: null };
  // Without what the present model said and without the truth: there is nothing to copy from.
  const blind = table.columns.filter(({ logged }) => logged !== 'prediction' && logged !== 'score');
  const evaluation = await deriveOne(ctx, derivation, {
    name: 'evaluation',
    file: 'evaluation.parquet',
    table: { columns: blind, label: null },
    batches: split.heldOut,
    mixed: null,
  });
  return { ...training, evaluation };
}

type Mixed = { readonly rows: number; readonly total: number };

/** How many rows of the reference make the wanted share of the snapshot; as many as it has at the most. */
async function mixedRows(
  ctx: Deriving,
  { run, snapshot, reference }: Derivation,
  { table, rows }: { table: DerivedTable; rows: number },
): Promise<Mixed | null> {
  const share = snapshot.mix_reference;
  if (share === 0) return null;
  if (!reference.columns.some(({ name }) => name === table.label.name)) {
    throw new TidemarkError('conflict', 'The reference has no column of labels, so that it cannot be mixed in.');
  }
  const total = await findVersionRows(ctx.db, run.referenceVersionId);
  return { rows: Math.min(total, Math.round((rows * share) / (1 - share))), total };
}

type One = {
  readonly name: string;
  readonly file: string;
  readonly table: DeriveTaskInput['table'];
  readonly batches: readonly LabelledBatch[];
  readonly mixed: Mixed | null;
};

async function deriveOne(ctx: Deriving, derivation: Derivation, one: One): Promise<DerivedVersion> {
  const folder = join(resolve(ctx.config.data), 'tmp');
  await mkdir(folder, { recursive: true });
  // A name that the sweep knows for one of ours, should this process be killed.
  const output = newSpoolPath(folder);
  try {
    const { rows } = await writeOne(ctx, derivation, { ...one, output });
    return await pushOne(ctx, derivation, { ...one, output, rows });
  } finally {
    await rm(output, { force: true });
  }
}

async function writeOne(
  ctx: Deriving,
  { run }: Derivation,
  { table, batches, mixed, output }: One & { readonly output: string },
): Promise<{ rows: number }> {
  const { projectId, referenceVersionId: versionId } = run;
  const { columns, label } = table;
  const oids = batches.map(({ batch }) => batch.oid);
  return withBatchFiles(ctx, { projectId, oids }, (files) => {
    const input = { table: { columns, label }, batches: taskBatches(files, batches), output };
    if (mixed === null) return runTask(ctx, 'derive-table', { ...input, mix: null });
    return withReferenceFiles(ctx, { projectId, versionId, fresh: false }, (reference) => {
      const from = reference.map(({ path, file }) => ({ path, file }));
      return runTask(ctx, 'derive-table', { ...input, mix: { ...mixed, files: from } });
    });
  });
}

async function pushOne(
  ctx: Deriving,
  { run, model, span, snapshot }: Derivation,
  one: One & { readonly output: string; readonly rows: number },
): Promise<DerivedVersion> {
  const { rows } = one;
  const project = await findProjectById(ctx.db, run.projectId);
  const actor = systemActor({ id: run.projectId, name: project?.name ?? '' });
  const chosen = snapshot.hold_out > 0 || snapshot.balance || snapshot.mix_reference > 0;
  const { dataset, version } = await pushFile(ctx, actor, {
    dataset: `${model.name}-${one.name}`,
    path: one.file,
    source: createReadStream(one.output),
    message: `${rows} labelled predictions of ${model.name}`,
    provenance: {
      kind: 'derived',
      model: model.name,
      run: run.id,
      span: { from: span.from.toISOString(), to: span.to.toISOString() },
      rows,
      batches: one.batches.map(({ batch }) => batch.oid),
      reference: run.reference,
      ...(chosen && { snapshot: { ...snapshot, reference_rows: one.mixed?.rows ?? 0 } }),
    },
  });
  return { dataset: dataset.name, version, rows };
}
