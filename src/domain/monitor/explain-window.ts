import { findVersionProfile } from '../../store/dataset/profiles.ts';
import { findJob } from '../../store/jobs/jobs.ts';
import { findCalibration } from '../../store/monitor/calibrations.ts';
import { findModelById } from '../../store/monitor/models.ts';
import {
  findMonitorById,
  type NamedMonitor,
  type NamedRevision,
  presentRevision,
  revisionInForce,
} from '../../store/monitor/monitors.ts';
import { findReport } from '../../store/monitor/reports.ts';
import { findUnsettled } from '../../store/monitor/window-sorting.ts';
import { listWindows, type WindowRow } from '../../store/monitor/windows.ts';
import type { Db } from '../../store/postgres/db.ts';
import { configOf } from '../configuration/config.ts';
import { changeOfLimits, shareOfFalseAlarms } from '../configuration/false-alarms.ts';
import type { AdoptedChange } from '../configuration/reference-rule.ts';
import { type Resolved, resolveReferences, storedWindows } from '../reference/resolve-reference.ts';
import { limitsOf } from '../report/judge-window.ts';
import { type Reason, reasonsNotJudged, type WindowFacts } from '../window/not-judged.ts';
import { windowEnd, windowStart } from '../window/window.ts';
import { windowingOf } from '../window/windowing.ts';

/** Why a window has no verdict on drift, and what it would take; empty when it has one. */
export async function explainWindow(db: Db, monitor: NamedMonitor, window: WindowRow): Promise<Reason[]> {
  if (window.state === 'judged' && (window.verdict === 'drift' || window.verdict === 'no_drift')) return [];
  const model = await findModelById(db, monitor.modelId);
  if (model === null) throw new Error(`model ${monitor.modelId} vanished`);
  const closing = configOf(await presentRevision(db, monitor.id));
  const revision = await revisionInForce(db, monitor.id, window.start);
  const profile = await findVersionProfile(db, revision.referenceVersionId);
  const windowing = windowingOf(closing);
  const config = configOf(revision);
  const resolved =
    window.state === 'ready'
      ? await resolveReferences(db, {
          projectId: monitor.projectId,
          modelId: monitor.modelId,
          whose: monitor.name,
          window,
          config,
          through: monitor.windowedThrough,
          lookup: storedWindows(db, monitor.id),
        })
      : null;
  const job = await findJob(db, 'judge-window', `window:${window.id}`);
  // `judge-window` alone writes it, with these members.
  const error = window.error as { readonly message?: string } | null;
  return reasonsNotJudged({
    model: monitor.model,
    enabled: monitor.enabled === 'on',
    window: {
      state: window.state,
      verdict: window.verdict,
      end: window.end.getTime(),
      rows: window.rows,
      error: error?.message ?? null,
    },
    perWindow: windowing.kind === 'rows' ? windowing.rows : null,
    watermark: monitor.watermark?.getTime() ?? null,
    latenessSeconds: closing.lateness_seconds,
    idleAfterSeconds: closing.idle_after_seconds,
    lastBatchAt: model.lastBatchAt?.getTime() ?? null,
    unsettledBatches: (await findUnsettled(db, model.id)).batches,
    unsortedBatches: model.settleSequence - monitor.windowedThrough,
    referenceState: profile?.state ?? 'pending',
    waitingFor: resolved !== null && 'waitingFor' in resolved ? resolved.waitingFor : null,
    uncalibrated: window.state === 'ready' ? await uncalibrated(db, revision, changeIn(resolved)) : null,
    job: job === null ? null : { ...job, runAt: job.runAt.getTime() },
    minimumRows: config.minimum_rows,
    ...(await comparedWith(db, window)),
  });
}

const changeIn = (resolved: Resolved | null): AdoptedChange | null =>
  resolved === null || 'waitingFor' in resolved ? null : (resolved.change ?? null);

async function uncalibrated(
  db: Db,
  revision: NamedRevision,
  adopted: AdoptedChange | null,
): Promise<{ error: string | null } | null> {
  const config = configOf(revision);
  const change = changeOfLimits(config, adopted);
  const found = await findCalibration(db, revision.id, change?.since ?? null);
  if ((shareOfFalseAlarms(config) === null || found !== null) && config.seasons === undefined) return null;
  const { name, key } = limitsOf(revision.id, change);
  return { error: (await findJob(db, name, key))?.error ?? null };
}

/** What its report compared it with; nulls where there is no report. */
async function comparedWith(
  db: Db,
  window: WindowRow,
): Promise<Pick<WindowFacts, 'referenceRows' | 'referenceWindows'>> {
  const report = window.reportId === null ? null : await findReport(db, window.projectId, window.reportId);
  // Every report's body has this member, and two more where windows to compare with were lacking.
  const body = report?.body as ReportReference | undefined;
  if (body === undefined) return { referenceRows: null, referenceWindows: null };
  const { rows, windows_found: found, windows_needed: needed } = body.reference;
  return {
    referenceRows: rows,
    referenceWindows: found === undefined || needed === undefined ? null : { found, needed },
  };
}

type ReportReference = {
  readonly reference: { readonly rows: number; readonly windows_found?: number; readonly windows_needed?: number };
};

/** Why no window of a monitor begins at a point in time, and where one does. */
export async function whyNoWindow(db: Db, monitorId: number, start: Date): Promise<string> {
  const monitor = await findMonitorById(db, monitorId);
  const windowing = windowingOf(configOf(await presentRevision(db, monitorId)));
  const none = `No window of this monitor begins at ${start.toISOString()}`;
  if (windowing.kind === 'rows') {
    return `${none}; windows of ${windowing.rows} rows begin where the one before ends: list them to see their starts.`;
  }
  const around = windowStart(start.getTime(), windowing);
  if (around !== start.getTime()) {
    return `${none}; the one that this time lies in begins at ${new Date(around).toISOString()}.`;
  }
  const [first] = await listWindows(db, monitorId, { from: null, to: null, limit: 1, newest: false });
  if (first === undefined) return `${none}: no prediction has been sorted into any yet.`;
  if (start < first.start)
    return `${none}: its first one, at ${first.start.toISOString()}, is that of the earliest prediction.`;
  const watermark = monitor?.watermark ?? null;
  const end = new Date(windowEnd(around, windowing)).toISOString();
  if (watermark === null || watermark < start) {
    const seen = watermark === null ? 'none has been seen' : `events have been seen up to ${watermark.toISOString()}`;
    return `${none} yet: it comes to be with a prediction in it, or with one after its end, ${end}; ${seen}.`;
  }
  const [last] = await listWindows(db, monitorId, { from: null, to: null, limit: 1, newest: true });
  if (last !== undefined && start > last.start) {
    return `${none}: no prediction has come since the window of ${last.start.toISOString()}. Empty ones are made after it once a prediction comes, once the clock has passed them where predictions come as they are made, or once its sender says that none will come before ${end}: POST /v1/models/${monitor?.model}/watermark.`;
  }
  return `${none}: no prediction lies in it, and in a long pause of the model no empty windows are made.`;
}
