import type { Context } from '../../context.ts';
import { type ErrorCode, isTidemarkError, TidemarkError } from '../../errors.ts';
import { findDropped } from '../../store/log-retention.ts';
import { findRevisionById } from '../../store/monitors.ts';
import { findVersionProfile } from '../../store/profiles.ts';
import { findReport, type ReportRow } from '../../store/reports.ts';
import { findWindowById } from '../../store/windows.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { type Difference, differencesOf, toJson } from './canonical.ts';
import { type Computing, computeReport } from './compute-report.ts';
import { batchIdsOf } from './resolve-reference.ts';
import { readInputs, readReferences } from './stored-inputs.ts';

export type Replay = {
  readonly report: string;
  /** The body computed again is the stored one, to the last digit. */
  readonly agrees: boolean;
  /** The first places where they differ. */
  readonly differences: readonly Difference[];
  readonly differencesTotal: number;
  /** Why it could not be computed again, else null. */
  readonly error: { readonly code: string; readonly message: string } | null;
};

const DIFFERENCES_SHOWN = 100;

/** What the inputs themselves are to blame for. */
const OF_THE_INPUTS: ReadonlySet<ErrorCode> = new Set([
  'object-corrupt',
  'not-found',
  'unreadable-data',
  'too-large',
  'gone',
]);

/**
 * Computes a report again from the bytes of its reference and its batches, and compares it with the stored one.
 * Inputs that are no longer what they were are an answer, not a failure.
 * @throws TidemarkError `not-found` for an unknown report.
 */
export async function replayReport(
  ctx: Computing & Pick<Context, 'db'>,
  actor: Actor,
  reportId: string,
): Promise<Replay> {
  requireScope(actor, 'monitors:read');
  const report = await findReport(ctx.db, actor.projectId, reportId);
  if (report === null) throw new TidemarkError('not-found', `There is no report "${reportId.slice(0, 100)}".`);
  try {
    await requireInputs(ctx, report);
    const { body } = await recompute(ctx, report);
    const differences = [...differencesOf(toJson(report.body), body)];
    return {
      report: report.id,
      agrees: differences.length === 0,
      differences: differences.slice(0, DIFFERENCES_SHOWN),
      differencesTotal: differences.length,
      error: null,
    };
  } catch (error) {
    if (!isTidemarkError(error) || !OF_THE_INPUTS.has(error.code)) throw error;
    const { code, message } = error;
    return { report: report.id, agrees: false, differences: [], differencesTotal: 0, error: { code, message } };
  }
}

async function recompute(ctx: Computing, report: ReportRow) {
  const revision = await findRevisionById(ctx.db, report.monitorRevisionId);
  const window = await findWindowById(ctx.db, report.windowId);
  // Neither is ever deleted while a report names it.
  if (revision === null || window === null) throw new Error(`the window or configuration of ${report.id} is gone`);
  return computeReport(ctx, {
    projectId: report.projectId,
    window: { start: window.start, end: window.end, revision: report.revision },
    rows: report.rows,
    revision: { ...revision, referenceOid: report.referenceOid },
    profile: await findVersionProfile(ctx.db, revision.referenceVersionId),
    batches: readInputs(report.inputs),
    references: readReferences(report.referenceInputs),
    fresh: true,
  });
}

/** @throws TidemarkError `gone` when batches that the report was computed from were let go. */
async function requireInputs(ctx: Pick<Context, 'db'>, report: ReportRow): Promise<void> {
  const own = readInputs(report.inputs).map(({ batchId }) => batchId);
  const dropped = await findDropped(ctx.db, [...own, ...batchIdsOf(readReferences(report.referenceInputs))]);
  const last = dropped.at(-1);
  if (last === undefined) return;
  const named = dropped.slice(0, 20).map(({ id }) => id);
  const more = dropped.length > named.length ? ' and others' : '';
  throw new TidemarkError(
    'gone',
    `The report can no longer be computed again: by the retention of its model the rows of batch ${named.join(', ')}${more} were let go (at ${last.at.toISOString()}). What it says still stands.`,
  );
}
