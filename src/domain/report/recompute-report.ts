import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import type { SlicesMethod } from '../../stats/table/drift-slices.ts';
import type { JudgeMethod } from '../../stats/verdict/judge-method.ts';
import { findVersionProfile } from '../../store/dataset/profiles.ts';
import { findDropped } from '../../store/log/log-retention.ts';
import { findMonitorById, findRevisionById } from '../../store/monitor/monitors.ts';
import type { ReportRow } from '../../store/monitor/reports.ts';
import { findWindowById } from '../../store/monitor/windows.ts';
import { batchIdsOf } from '../reference/resolve-reference.ts';
import { type ComputedReport, type Computing, computeReport, type ReportSource } from './compute-report.ts';
import type { EvidenceMethod } from './report.ts';
import { calibrationOfReport } from './report-calibration.ts';
import { readInputs, readReferences } from './stored-inputs.ts';

/** Computes a stored report again from its bytes, by the way of judging that it names. */
export async function recomputeReport(
  ctx: Computing,
  report: ReportRow,
  options: Pick<ReportSource, 'slices'> = {},
): Promise<ComputedReport> {
  const revision = await findRevisionById(ctx.db, report.monitorRevisionId);
  const window = await findWindowById(ctx.db, report.windowId);
  const monitor = await findMonitorById(ctx.db, report.monitorId);
  // None is ever deleted while a report names it.
  if (revision === null || window === null || monitor === null)
    throw new Error(`the window or configuration of ${report.id} is gone`);
  return computeReport(ctx, {
    projectId: report.projectId,
    modelId: monitor.modelId,
    window: { start: window.start, end: window.end, revision: report.revision },
    rows: report.rows,
    revision: { ...revision, referenceOid: report.referenceOid },
    profile: await findVersionProfile(ctx.db, revision.referenceVersionId),
    batches: readInputs(report.inputs),
    references: readReferences(report.referenceInputs),
    calibration: await calibrationOfReport(ctx.db, report),
    fresh: true,
    ...methodsOf(report),
    // Reports from before they were looked for have none.
    slices: Object.hasOwn(report.body as object, 'slices'),
    ...options,
  });
}

/** The body has the form that `reportBody` gave it. */
function methodsOf(report: ReportRow): Pick<ReportSource, 'method' | 'evidence' | 'slicesMethod'> {
  const { methods } = report.body as {
    readonly methods: {
      readonly judge: JudgeMethod;
      readonly evidence?: EvidenceMethod;
      readonly slices?: SlicesMethod;
    };
  };
  return {
    method: methods.judge,
    evidence: methods.evidence ?? 'evidence@1',
    ...(methods.slices !== undefined && { slicesMethod: methods.slices }),
  };
}

/** @throws TidemarkError `gone` when batches that the report was computed from were let go. */
export async function requireInputs(ctx: Pick<Context, 'db'>, report: ReportRow): Promise<void> {
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
