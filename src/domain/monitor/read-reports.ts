import type { Alarm } from '../../../schemas/wire/alarm.ts';
import type { Mattering } from '../../../schemas/wire/importance.ts';
import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { findMonitorById, type NamedMonitor } from '../../store/monitor/monitors.ts';
import {
  type ColumnVerdictRow,
  findReport,
  findReportOfRevision,
  listColumnSeries,
  listColumnVerdicts,
  type ReportRow,
} from '../../store/monitor/reports.ts';
import { findWindowById, listWindows, type WindowRow } from '../../store/monitor/windows.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { readMattering } from '../performance/read-mattering.ts';
import { alarmOf } from '../report/alarm.ts';
import { rankColumns } from '../report/rank-columns.ts';
import { reportSummary } from '../report/report-summary.ts';
import { findNamed, type MonitorName } from './read.ts';
import { detailed, requireWindow, type WindowDetail, type WindowName } from './read-windows.ts';

export type ReportDetail = {
  readonly report: ReportRow;
  readonly monitor: NamedMonitor;
  /** It is the newest word on its window. */
  readonly current: boolean;
  /** One paragraph: what moved, how much, since when, and whether it matters. */
  readonly summary: string;
  readonly mattering: Mattering;
  /** Null where it found no drift. */
  readonly alarm: Alarm | null;
};

/** A report by its id. @throws TidemarkError `not-found`. */
export async function readReport(ctx: Pick<Context, 'db'>, actor: Actor, id: string): Promise<ReportDetail> {
  requireScope(actor, 'monitors:read');
  const report = await findReport(ctx.db, actor.projectId, id);
  const monitor = report === null ? null : await findMonitorById(ctx.db, report.monitorId);
  if (report === null || monitor === null) {
    throw new TidemarkError('not-found', `There is no report "${id.slice(0, 100)}".`);
  }
  const window = await findWindowById(ctx.db, report.windowId);
  // A window is never deleted while a report names it.
  if (window === null) throw new Error(`the window of ${report.id} is gone`);
  return withSummary(ctx, report, { monitor, window });
}

/** The report of a window: of the revision asked for, else the newest one. @throws TidemarkError `not-found`. */
export async function readWindowReport(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: WindowName & { readonly revision: number | null },
): Promise<ReportDetail> {
  requireScope(actor, 'monitors:read');
  const monitor = await findNamed(ctx.db, actor.projectId, given.model, given.monitor);
  const window = await requireWindow(ctx.db, monitor.id, given.start);
  const report =
    given.revision === null
      ? await findReport(ctx.db, actor.projectId, window.reportId ?? '')
      : await findReportOfRevision(ctx.db, window.id, given.revision);
  if (report === null) throw new TidemarkError('not-found', whyNoReport(window, given.revision));
  return withSummary(ctx, report, { monitor, window });
}

async function withSummary(
  ctx: Pick<Context, 'db'>,
  report: ReportRow,
  { monitor, window }: { readonly monitor: NamedMonitor; readonly window: WindowRow },
): Promise<ReportDetail> {
  const current = window.reportId === report.id && window.revision === report.revision;
  const columns = (await listColumnVerdicts(ctx.db, [report.id])).get(report.id) ?? [];
  const mattering = await readMattering(ctx.db, { report, window, columns });
  const summary = await reportSummary(ctx.db, { report, window, columns, mattering });
  return { report, monitor, current, summary, mattering, alarm: await alarmOf(ctx.db, report) };
}

function whyNoReport(window: WindowRow, revision: number | null): string {
  if (revision !== null)
    return `There is no report of revision ${revision}; the window is at revision ${window.revision}.`;
  if (window.state === 'open') return 'The window is still open, so there is no report yet.';
  if (window.state === 'ready') return 'The window waits to be judged; there is no report yet.';
  if (window.state === 'failed') return 'The window could not be judged; its "error" says why.';
  return 'Nothing was predicted in this window, so there is no report.';
}

export type Heatmap = {
  readonly windows: readonly WindowDetail[];
  /** Columns of these windows, those that drifted most first. */
  readonly columns: readonly { readonly name: string; readonly role: string }[];
  /** `cells[c][w]`; null where the column was not judged. */
  readonly cells: readonly (readonly (ColumnVerdictRow | null)[])[];
};

/** Windows by columns: the newest `limit` windows that begin before `before`, in order of time. */
export async function readHeatmap(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: MonitorName & { readonly before: Date | null; readonly limit: number },
): Promise<Heatmap> {
  requireScope(actor, 'monitors:read');
  const monitor = await findNamed(ctx.db, actor.projectId, given.model, given.monitor);
  const page = { from: null, to: given.before, limit: given.limit, newest: true };
  const windows = (await detailed(ctx.db, monitor, await listWindows(ctx.db, monitor.id, page))).reverse();
  const verdicts = windows.flatMap((window) => window.columns);
  const roles = new Map(verdicts.map(({ column, role }) => [column, role]));
  const names = rankColumns(verdicts);
  const byWindow = windows.map((window) => new Map(window.columns.map((row) => [row.column, row])));
  return {
    windows,
    columns: names.map((name) => ({ name, role: roles.get(name) ?? 'feature' })),
    cells: names.map((name) => byWindow.map((columns) => columns.get(name) ?? null)),
  };
}

/** One column over the newest `limit` windows that begin before `before`, in order of time. */
export async function readColumnSeries(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: MonitorName & { readonly column: string; readonly before: Date | null; readonly limit: number },
): Promise<{ window: WindowRow; verdict: ColumnVerdictRow }[]> {
  requireScope(actor, 'monitors:read');
  const monitor = await findNamed(ctx.db, actor.projectId, given.model, given.monitor);
  const series = await listColumnSeries(ctx.db, monitor.id, given);
  if (series.length > 0 || given.before !== null) return series;
  const name = given.column.slice(0, 100);
  throw new TidemarkError('not-found', `No window of this monitor was judged on a column "${name}".`);
}
