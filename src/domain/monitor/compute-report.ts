import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import type { TableProfile } from '../../stats/profile.ts';
import type { Judgement } from '../../stats/verdict/judgement.ts';
import type { NamedRevision } from '../../store/monitors.ts';
import type { VersionProfileRow } from '../../store/profiles.ts';
import { findFirstBatch, listBatchViolations } from '../../store/reports.ts';
import { runTask } from '../tasks.ts';
import { withBatchFiles } from './batch-files.ts';
import { type Json, toJson } from './canonical.ts';
import { configOf, policyOf } from './config.ts';
import { judgedColumns } from './judged-columns.ts';
import { withReferenceFiles } from './reference-files.ts';
import { reportBody, type Violation } from './report.ts';

/** A batch whose object may hold rows of the window. */
export type WindowBatch = { readonly batchId: number; readonly oid: string; readonly repeats: Uint8Array | null };

export type ReportSource = {
  readonly projectId: number;
  readonly window: { readonly start: Date; readonly end: Date; readonly revision: number };
  /** Rows to plan by. */
  readonly rows: number;
  readonly revision: NamedRevision;
  /** What is known of the reference. */
  readonly profile: VersionProfileRow | null;
  /** In order of settlement. */
  readonly batches: readonly WindowBatch[];
  /** Read every byte again, past all that is kept in memory or on the local disk. */
  readonly fresh?: boolean;
};

export type ComputedReport = {
  readonly body: Json;
  readonly judgement: Judgement;
  readonly rows: number;
  /** The batches that gave rows: with the reference and the revision, the whole input. */
  readonly inputs: readonly WindowBatch[];
};

export type Computing = Pick<Context, 'config' | 'db' | 'remote' | 'log' | 'compute'>;

/**
 * Judges a window from the bytes of its reference and its batches. The answer is a function of the source alone.
 * @throws TidemarkError `not-ready` while the reference is being profiled, `unreadable-data`, `object-corrupt`.
 */
export async function computeReport(ctx: Computing, source: ReportSource): Promise<ComputedReport> {
  const { revision, window } = source;
  const config = configOf(revision);
  const { profile, unreadable } = referenceProfile(source.profile);
  const fresh = source.fresh ?? false;
  const unlogged = await columnsNeverBegun(ctx, revision.monitorId);
  const reference = { projectId: source.projectId, versionId: revision.referenceVersionId, fresh };
  const batchGiven = { projectId: source.projectId, oids: source.batches.map(({ oid }) => oid) };
  const { judgement, batchRows } = await withReferenceFiles(ctx, reference, (files) =>
    withBatchFiles(ctx, batchGiven, (copies) =>
      runTask(ctx, 'judge-window', {
        reference: {
          oid: revision.referenceOid,
          files: files.filter(({ path }) => !unreadable.has(path)).map(({ path, file }) => ({ path, file })),
          rows: profile.rows,
          fresh,
        },
        columns: judgedColumns(profile, config, unlogged),
        batches: copies.map((file, i) => ({ file, repeats: source.batches[i]?.repeats ?? null })),
        rows: source.rows,
        span: { start: window.start.getTime(), end: window.end.getTime() },
        policy: policyOf(config),
        memoryBytes: (ctx.config.limits.computeMegabytes / 2) * 2 ** 20,
      }),
    ),
  );
  const taken = source.batches.map((batch, i) => ({ batch, rows: batchRows[i] ?? 0 })).filter(({ rows }) => rows > 0);
  const inputs = taken.map(({ batch }) => batch);
  const rows = taken.reduce((sum, part) => sum + part.rows, 0);
  const body = reportBody({
    window: { ...window, rows },
    reference: { dataset: revision.dataset, version: revision.version, oid: revision.referenceOid, rows: profile.rows },
    configuration: { revision: revision.revision, effectiveFrom: revision.effectiveFrom, config },
    profileFormat: profile.format,
    inputs: taken.map((part) => ({ oid: part.batch.oid, rows: part.rows, repeats: bitsSet(part.batch.repeats) })),
    judgement,
    violations: await violationsOf(ctx, inputs),
  });
  return { body: toJson(body), judgement, rows, inputs };
}

type ReferenceProfile = { readonly profile: TableProfile; readonly unreadable: ReadonlySet<string> };

/** What is known of a reference. Files that could not be read when it was profiled are no part of it. */
function referenceProfile(known: VersionProfileRow | null): ReferenceProfile {
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
  return { profile: known.profile as TableProfile, unreadable };
}

/**
 * Columns that the first settled batch of a model did not hold in any row. Training data has columns that no
 * prediction carries, its label first of all, and those have not gone missing. That batch never changes, so a
 * replay reads the same.
 */
async function columnsNeverBegun(ctx: Pick<Context, 'db'>, monitorId: number): Promise<ReadonlySet<string>> {
  const first = await findFirstBatch(ctx.db, monitorId);
  // Each batch was stored with the violations that its parser counted.
  const violations = (first?.violations ?? []) as readonly Violation[];
  const whole = violations.filter(({ code, count }) => code === 'missing' && count === first?.rows);
  return new Set(whole.map(({ column }) => column));
}

async function violationsOf(ctx: Pick<Context, 'db'>, inputs: readonly WindowBatch[]): Promise<Violation[]> {
  const ids = inputs.map(({ batchId }) => batchId);
  const stored = await listBatchViolations(ctx.db, ids);
  // Each batch was stored with the violations that its parser counted.
  return stored.flatMap((violations) => violations as Violation[]);
}

function bitsSet(bitmap: Uint8Array | null): number {
  let count = 0;
  for (const byte of bitmap ?? []) for (let bits = byte; bits > 0; bits &= bits - 1) count++;
  return count;
}
