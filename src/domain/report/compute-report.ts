import type { StoredCalibration } from '../../../schemas/wire/calibrations.ts';
import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import type { TableProfile } from '../../stats/profile.ts';
import type { JudgeMethod, Judgement, JudgePolicy } from '../../stats/verdict/judgement.ts';
import type { NamedRevision } from '../../store/monitors.ts';
import type { Db } from '../../store/postgres/db.ts';
import type { VersionProfileRow } from '../../store/profiles.ts';
import { findFirstBatch, listBatchViolations } from '../../store/reports.ts';
import { type Json, toJson } from '../canonical.ts';
import { configOf } from '../configuration/config.ts';
import { type JudgedColumn, judgedColumns } from '../configuration/judged-columns.ts';
import { policyOf } from '../configuration/policy.ts';
import { storedProfile } from '../profile/stored-profile.ts';
import { type WindowBatch, withBatchFiles } from '../reference/batch-files.ts';
import { withReferenceFiles } from '../reference/reference-files.ts';
import type { ReferenceRows, References } from '../reference/resolve-reference.ts';
import { runTask } from '../tasks.ts';
import type { JudgeTaskInput, JudgeTaskOutput } from './judge-task.ts';
import { mergeViolations, reportBody, type Violation } from './report.ts';

export type ReportSource = {
  readonly projectId: number;
  readonly modelId: number;
  readonly window: { readonly start: Date; readonly end: Date; readonly revision: number };
  /** Rows to plan by. */
  readonly rows: number;
  readonly revision: NamedRevision;
  /** What is known of the reference. */
  readonly profile: VersionProfileRow | null;
  /** In order of settlement. */
  readonly batches: readonly WindowBatch[];
  /** The rows it is compared with, where that is not the pinned version alone. */
  readonly references: References;
  /** The limits that were made for the configuration; null where it has its own. */
  readonly calibration: StoredCalibration | null;
  /** Read every byte again, past all that is kept in memory or on the local disk. */
  readonly fresh?: boolean;
  /** The way of judging of a report that is computed again; the present one when absent. */
  readonly method?: JudgeMethod;
  /** Also look for the conditions that carry most of the drift. */
  readonly slices?: boolean;
};

export type ComputedReport = {
  readonly body: Json;
  readonly judgement: Judgement;
  readonly rows: number;
  /** The batches that gave rows: with the reference and the revision, the whole input. */
  readonly inputs: readonly WindowBatch[];
  /** Rows that each of them gave. */
  readonly batchRows: readonly number[];
  readonly violations: readonly Violation[];
  /** The batches that gave rows to compare with. */
  readonly references: References;
};

export type Computing = Pick<Context, 'config' | 'db' | 'remote' | 'log' | 'compute'>;

/**
 * Judges a window from the bytes of its reference and its batches. The answer is a function of the source alone.
 * @throws TidemarkError `not-ready` while the reference is being profiled, `unreadable-data`, `object-corrupt`.
 */
export async function computeReport(ctx: Computing, source: ReportSource): Promise<ComputedReport> {
  const { revision, window, references } = source;
  const config = configOf(revision);
  const { profile, unreadable } = referenceProfile(source.profile);
  const columns = judgedColumns(profile, config, await columnsNeverBegun(ctx.db, source.modelId));
  const batchGiven = { projectId: source.projectId, oids: source.batches.map(({ oid }) => oid) };
  const { main, previous } = await withBatchFiles(ctx, batchGiven, async (copies) => {
    const subject = { source, columns, copies };
    return {
      main:
        references.rows === null
          ? await judgePinned(ctx, subject, { rows: profile.rows, unreadable })
          : await judgeRows(ctx, subject, references.rows),
      previous: references.previous === null ? null : await judgeRows(ctx, subject, references.previous),
    };
  });
  const { judgement } = main;
  const inputs = takenOf(source.batches, main.batchRows);
  const rows = inputs.reduce((sum, part) => sum + part.rows, 0);
  const compared = references.rows && {
    ...references.rows,
    inputs: takenOf(references.rows.batches, main.referenceRows),
  };
  const before = references.previous && {
    ...references.previous,
    inputs: takenOf(references.previous.batches, previous?.referenceRows ?? []),
  };
  const violations = mergeViolations(
    await violationsOf(
      ctx,
      inputs.map(({ batch }) => batch),
    ),
  );
  const body = reportBody({
    window: { ...window, rows },
    reference: { dataset: revision.dataset, version: revision.version, oid: revision.referenceOid, rows: profile.rows },
    compared,
    configuration: {
      revision: revision.revision,
      effectiveFrom: revision.effectiveFrom,
      config,
      calibration: source.calibration,
    },
    profileFormat: profile.format,
    inputs,
    judgement,
    ...(config.compare_previous === true && {
      previous: before && previous && { ...before, judgement: previous.judgement },
    }),
    violations,
  });
  const batchesOf = (taken: readonly TakenBatch[]) => taken.map(({ batch }) => batch);
  return {
    body: toJson(body),
    judgement,
    rows,
    inputs: batchesOf(inputs),
    batchRows: inputs.map((taken) => taken.rows),
    violations,
    references: {
      rows: compared && { windows: compared.windows, batches: batchesOf(compared.inputs) },
      previous: before && { windows: before.windows, batches: batchesOf(before.inputs), verdict: before.verdict },
    },
  };
}

/** A batch that gave rows. */
type TakenBatch = { readonly batch: WindowBatch; readonly rows: number };

/** What a report that is computed again has of its own: its way of judging, and what is asked besides. */
function methodAndSlices({ method, slices }: ReportSource): Partial<JudgePolicy> {
  return { ...(method !== undefined && { method }), ...(slices !== undefined && { slices }) };
}

const takenOf = (batches: readonly WindowBatch[], rows: readonly number[]): TakenBatch[] =>
  batches.map((batch, i) => ({ batch, rows: rows[i] ?? 0 })).filter((taken) => taken.rows > 0);

/** A window whose batches lie on the local disk. */
type Subject = {
  readonly source: ReportSource;
  readonly columns: readonly JudgedColumn[];
  readonly copies: readonly string[];
};

async function judgePinned(
  ctx: Computing,
  subject: Subject,
  known: { readonly rows: number; readonly unreadable: ReadonlySet<string> },
): Promise<JudgeTaskOutput> {
  const { projectId, revision, fresh = false } = subject.source;
  return withReferenceFiles(ctx, { projectId, versionId: revision.referenceVersionId, fresh }, (files) => {
    const readable = files.filter(({ path }) => !known.unreadable.has(path)).map(({ path, file }) => ({ path, file }));
    return judgeAgainst(ctx, subject, { oid: revision.referenceOid, files: readable, rows: known.rows, fresh });
  });
}

async function judgeRows(ctx: Computing, subject: Subject, reference: ReferenceRows): Promise<JudgeTaskOutput> {
  const given = { projectId: subject.source.projectId, oids: reference.batches.map(({ oid }) => oid) };
  const spans = reference.windows.map(({ start, end }) => ({ start, end }));
  const rows = reference.windows.reduce((sum, window) => sum + window.rows, 0);
  return withBatchFiles(ctx, given, (copies) =>
    judgeAgainst(ctx, subject, { batches: batchFiles(reference.batches, copies), spans, rows }),
  );
}

const batchFiles = (batches: readonly WindowBatch[], copies: readonly string[]) =>
  copies.map((file, i) => ({ file, repeats: batches[i]?.repeats ?? null }));

function judgeAgainst(
  ctx: Computing,
  { source, columns, copies }: Subject,
  reference: JudgeTaskInput['reference'],
): Promise<JudgeTaskOutput> {
  const { window, batches, rows, revision } = source;
  return runTask(ctx, 'judge-window', {
    reference,
    columns,
    batches: batchFiles(batches, copies),
    rows,
    span: { start: window.start.getTime(), end: window.end.getTime() },
    policy: { ...policyOf(configOf(revision), source.calibration), ...methodAndSlices(source) },
    memoryBytes: (ctx.config.limits.computeMegabytes / 2) * 2 ** 20,
  });
}

export type ReferenceProfile = { readonly profile: TableProfile; readonly unreadable: ReadonlySet<string> };

/**
 * What is known of a reference. Files that could not be read when it was profiled are no part of it.
 * @throws TidemarkError `not-ready`, `unreadable-data`.
 */
export function referenceProfile(known: VersionProfileRow | null): ReferenceProfile {
  if (known === null || known.state === 'pending') {
    throw new TidemarkError('not-ready', 'The reference is still being profiled.', { retryAfter: 2 });
  }
  if (known.state !== 'ready') {
    // Profiling writes these members, and nothing else does.
    const failure = known.error as { readonly message?: string } | null;
    throw new TidemarkError('unreadable-data', `The reference cannot be read: ${failure?.message ?? known.state}`);
  }
  const notes = known.error as { readonly failed?: readonly { readonly path?: string }[] } | null;
  const unreadable = new Set((notes?.failed ?? []).flatMap(({ path }) => (path === undefined ? [] : [path])));
  return { profile: storedProfile(known.profile), unreadable };
}

/**
 * Columns that the first settled batch of a model did not hold in any row. Training data has columns that no
 * prediction carries, its label first of all, and those have not gone missing. That batch never changes, so a
 * replay reads the same.
 */
export async function columnsNeverBegun(db: Db, modelId: number): Promise<ReadonlySet<string>> {
  const whole = await firstViolations(db, modelId);
  return new Set(whole.filter(({ code }) => code === 'missing').map(({ column }) => column));
}

/** `column code` of all that every row of a model's first settled batch broke: nothing has changed since. */
export async function violatedFromTheStart(db: Db, modelId: number): Promise<ReadonlySet<string>> {
  return new Set((await firstViolations(db, modelId)).map(({ column, code }) => `${column} ${code}`));
}

async function firstViolations(db: Db, modelId: number): Promise<Violation[]> {
  const first = await findFirstBatch(db, modelId);
  // Each batch was stored with the violations that its parser counted.
  const violations = (first?.violations ?? []) as readonly Violation[];
  return violations.filter(({ count }) => count === first?.rows);
}

async function violationsOf(ctx: Pick<Context, 'db'>, inputs: readonly WindowBatch[]): Promise<Violation[]> {
  const ids = inputs.map(({ batchId }) => batchId);
  const stored = await listBatchViolations(ctx.db, ids);
  // Each batch was stored with the violations that its parser counted.
  return stored.flatMap((violations) => violations as Violation[]);
}
