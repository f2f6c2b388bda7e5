import { type CheckName, checkName } from '../../../schemas/wire/checks.ts';
import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { enqueue } from '../../store/jobs/jobs.ts';
import { listUnsound } from '../../store/monitor/checks.ts';
import { listRevisions, type NamedMonitor } from '../../store/monitor/monitors.ts';
import {
  type EstimateRow,
  listEstimates,
  listPerformance,
  type PerformanceRow,
} from '../../store/monitor/performance.ts';
import {
  type ColumnVerdictRow,
  listColumnVerdicts,
  listReports,
  type ReportSummaryRow,
} from '../../store/monitor/reports.ts';
import { findWindow, listWindows, retryFailed, type WindowRow } from '../../store/monitor/windows.ts';
import type { Db } from '../../store/postgres/db.ts';
import { transact } from '../../store/postgres/db.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { configOf } from '../configuration/config.ts';
import type { Reason } from '../window/not-judged.ts';
import { windowingOf } from '../window/windowing.ts';
import { explainWindow, whyNoWindow } from './explain-window.ts';
import { findNamed, type MonitorName } from './read.ts';

/** A window with what was found in it. */
export type WindowDetail = {
  readonly window: WindowRow;
  /** Of the newest report; empty where there is none. */
  readonly columns: readonly ColumnVerdictRow[];
  /** What is wrong with its rows besides drift. */
  readonly unsound: readonly CheckName[];
  readonly performance: PerformanceRow | null;
  /** Of this revision of the window; null while there is none. */
  readonly estimate: EstimateRow | null;
  /** Event time whose arrival closes the window; null while the end of one made of rows is not known. */
  readonly closesAt: Date | null;
};

export type WindowPage = {
  /** Only windows that begin before (newest first) or at or after (oldest first) these points. */
  readonly from: Date | null;
  readonly to: Date | null;
  readonly limit: number;
  readonly newest: boolean;
};

/** Windows of a monitor. @throws TidemarkError `not-found`. */
export async function readWindows(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: MonitorName & WindowPage,
): Promise<WindowDetail[]> {
  requireScope(actor, 'monitors:read');
  const monitor = await findNamed(ctx.db, actor.projectId, given.model, given.monitor);
  return detailed(ctx.db, monitor, await listWindows(ctx.db, monitor.id, given));
}

/** Windows with their verdicts, columns and performance, in the order given. */
export async function detailed(db: Db, monitor: NamedMonitor, found: readonly WindowRow[]): Promise<WindowDetail[]> {
  const reportIds = found.flatMap(({ reportId }) => (reportId === null ? [] : [reportId]));
  const columns = await listColumnVerdicts(db, reportIds);
  const unsound = await listUnsound(db, reportIds);
  const ids = found.map(({ id }) => id);
  const performance = await listPerformance(db, ids);
  const estimates = await listEstimates(db, ids);
  const newest = (await listRevisions(db, monitor.id))[0];
  const config = newest === undefined ? null : configOf(newest);
  const lateness = (config?.lateness_seconds ?? 0) * 1000;
  const endless = config !== null && windowingOf(config).kind === 'rows';
  return found.map((window) => ({
    window,
    columns: columns.get(window.reportId ?? '') ?? [],
    unsound: (unsound.get(window.reportId ?? '') ?? []).map((name) => checkName.parse(name)),
    performance: performance.get(window.id) ?? null,
    estimate: currentEstimate(window, estimates.get(window.id)),
    closesAt: endless && window.state === 'open' ? null : new Date(window.end.getTime() + lateness),
  }));
}

function currentEstimate({ revision }: WindowRow, row: EstimateRow | undefined): EstimateRow | null {
  return row?.revision === revision ? row : null;
}

export type WindowName = MonitorName & { readonly start: Date };

export type ReadWindow = WindowDetail & {
  readonly reports: readonly ReportSummaryRow[];
  /** Why it has no verdict on drift; empty when it has one. */
  readonly notJudged: readonly Reason[];
};

/** One window, all of its reports, newest first, and why it was not judged. @throws TidemarkError `not-found`. */
export async function readWindow(ctx: Pick<Context, 'db'>, actor: Actor, given: WindowName): Promise<ReadWindow> {
  requireScope(actor, 'monitors:read');
  const monitor = await findNamed(ctx.db, actor.projectId, given.model, given.monitor);
  const window = await requireWindow(ctx.db, monitor.id, given.start);
  const [detail] = await detailed(ctx.db, monitor, [window]);
  if (detail === undefined) throw new Error(`window ${window.id} vanished while it was read`);
  const [reports, notJudged] = await Promise.all([
    listReports(ctx.db, window.id),
    explainWindow(ctx.db, monitor, window),
  ]);
  return { ...detail, reports, notJudged };
}

/**
 * Judges a window again that could not be judged; one that has a verdict stays as it is.
 * @throws TidemarkError `not-found`, `conflict` when it has not failed.
 */
export async function retryWindow(ctx: Pick<Context, 'db'>, actor: Actor, given: WindowName): Promise<void> {
  requireScope(actor, 'monitors:write');
  const monitor = await findNamed(ctx.db, actor.projectId, given.model, given.monitor);
  const { id, state } = await requireWindow(ctx.db, monitor.id, given.start);
  await transact(ctx.db, async (tx) => {
    if (!(await retryFailed(tx, id))) {
      throw new TidemarkError('conflict', `The window is ${state}; only a failed one is judged again.`);
    }
    await enqueue(tx, { name: 'judge-window', key: `window:${id}`, payload: { windowId: id } });
  });
}

export async function requireWindow(db: Db, monitorId: number, start: Date): Promise<WindowRow> {
  const window = await findWindow(db, monitorId, start);
  if (window !== null) return window;
  throw new TidemarkError('not-found', await whyNoWindow(db, monitorId, start));
}
