import type { StoredCalibration } from '../../../schemas/wire/calibrations.ts';
import type { WindowCheck } from '../../../schemas/wire/checks.ts';
import type { Context } from '../../context.ts';
import { isPassing, isTidemarkError, TidemarkError } from '../../errors.ts';
import { findProjectById } from '../../store/access/access.ts';
import { findVersionProfile, type VersionProfileRow } from '../../store/dataset/profiles.ts';
import { enqueue } from '../../store/jobs/jobs.ts';
import { listSettledPredictions } from '../../store/log/batches.ts';
import { droppedWithin, findDropped } from '../../store/log/log-retention.ts';
import { findCalibration } from '../../store/monitor/calibrations.ts';
import {
  findMonitorById,
  type NamedMonitor,
  type NamedRevision,
  revisionInForce,
} from '../../store/monitor/monitors.ts';
import { insertReport } from '../../store/monitor/reports.ts';
import { insertSegmentVerdicts } from '../../store/monitor/segments.ts';
import { lockWindow, setWindowOutcome, snapshotWindow, type WindowRow } from '../../store/monitor/windows.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import { toJson } from '../canonical.ts';
import { checksOf } from '../configuration/checks-config.ts';
import { configOf } from '../configuration/config.ts';
import { changeOfLimits, shareOfFalseAlarms } from '../configuration/false-alarms.ts';
import type { AdoptedChange } from '../configuration/reference-rule.ts';
import { letRowsPass } from '../log/receive/right-of-way.ts';
import type { WindowBatch } from '../reference/batch-files.ts';
import { batchIdsOf, type References, resolveReferences, storedWindows } from '../reference/resolve-reference.ts';
import { publishEvent } from '../webhook/publish.ts';
import { checkWindow } from './check-window.ts';
import { type ComputedReport, type Computing, computeReport } from './compute-report.ts';
import { findSayable, followVerdict } from './follow-verdict.ts';
import { writeInputs, writeReferences } from './stored-inputs.ts';
import { lagOf, usualWindows } from './usual-windows.ts';

type Judging = Computing & Pick<Context, 'now' | 'newId' | 'publicUrl'>;

/** Seconds until it is looked again whether there is something to compare with: longer, the longer it takes. */
const patience = (ageMilliseconds: number): number => Math.min(300, Math.max(2, ageMilliseconds / 4000));

/**
 * Job: judges a window that is ready and stores its report. Everything is computed from a snapshot; if the window
 * has moved on when the verdict is to be written, it is judged once more instead, so a late worker overwrites
 * nothing. Data that cannot be judged is a verdict too: `error`, with the reason.
 */
export async function judgeWindow(ctx: Judging, { windowId }: { windowId: number }): Promise<void> {
  const snapshot = await snapshotWindow(ctx.db, windowId);
  if (snapshot === null || snapshot.window.state !== 'ready') return;
  const { window } = snapshot;
  const monitor = await findMonitorById(ctx.db, window.monitorId);
  if (monitor === null || monitor.deletedAt !== null) return;
  const revision = await revisionInForce(ctx.db, monitor.id, window.start);
  const profile = await findVersionProfile(ctx.db, revision.referenceVersionId);
  const { through } = snapshot;
  const references = await resolveReferences(ctx.db, {
    projectId: window.projectId,
    modelId: monitor.modelId,
    whose: monitor.name,
    window,
    config: configOf(revision),
    through,
    lookup: storedWindows(ctx.db, monitor.id),
  });
  const { seasons } = configOf(revision);
  const rated = shareOfFalseAlarms(configOf(revision)) !== null;
  const change = changeOfLimits(configOf(revision), 'waitingFor' in references ? null : (references.change ?? null));
  const calibration = rated ? await findCalibration(ctx.db, revision.id, change?.since ?? null) : null;
  const waiting = profile?.state === 'ready' && ((rated && calibration === null) || seasons !== undefined);
  if (profile === null || profile.state === 'pending' || waiting || 'waitingFor' in references) {
    const age = ctx.now().getTime() - window.createdAt.getTime();
    // Before anything was logged there were no limits to be made, and of a change none are before it lasted.
    if (rated && calibration === null) await enqueue(ctx.db, limitsOf(revision.id, change));
    await enqueue(ctx.db, { ...again(windowId), delaySeconds: patience(age) });
    return;
  }
  const outcome = await judged(ctx, { window, revision, monitor, profile, through, references, calibration });
  await letRowsPass(ctx);
  // Asked afterwards: what was there when the window was read may have been let go while it was judged.
  const droppedAt = await droppedWithin(ctx.db, monitor.modelId, { from: window.start, to: window.end });
  const comparedGone = await findDropped(ctx.db, batchIdsOf(references));
  const sayable = await findSayable(ctx.db, { modelId: monitor.modelId, revision });
  await transact(ctx.db, async (tx) => {
    const current = await lockWindow(tx, windowId);
    if (current === null || !unmoved(current, window) || comparedGone.length > 0) {
      if (current?.state === 'ready') await enqueue(tx, again(windowId));
      return;
    }
    if (droppedAt !== null) await keepVerdict(tx, window, droppedAt);
    else if (outcome instanceof TidemarkError) await saveFailure(tx, window, outcome);
    else await saveReport(tx, ctx, { window, revision, monitor, report: outcome });
    await followVerdict(tx, window, sayable);
  });
}

const again = (windowId: number) => ({
  name: 'judge-window' as const,
  key: `window:${windowId}`,
  payload: { windowId },
});

/** The job that makes the limits of a configuration: of its beginning, or of a change. */
export const limitsOf = (revisionId: number, change: AdoptedChange | null) =>
  change === null
    ? { name: 'calibrate-monitor' as const, key: `revision:${revisionId}`, payload: { revisionId } }
    : {
        name: 'calibrate-adopted' as const,
        key: `revision:${revisionId}:${change.since}`,
        payload: { revisionId, ...change },
      };

function unmoved(current: WindowRow, before: WindowRow): boolean {
  return current.state === before.state && current.revision === before.revision && current.rows === before.rows;
}

type Subject = {
  readonly window: WindowRow;
  readonly revision: NamedRevision;
  readonly monitor: NamedMonitor;
};

type Question = Subject & {
  readonly profile: VersionProfileRow;
  readonly through: number;
  readonly references: References;
  readonly calibration: StoredCalibration | null;
};

async function judged(ctx: Judging, question: Question): Promise<ComputedReport | TidemarkError> {
  const { window, revision, monitor, profile, through, references, calibration } = question;
  const { model_version: version } = configOf(revision);
  const span = { from: window.start, to: window.end, throughSequence: through, version };
  const batches: WindowBatch[] = await listSettledPredictions(ctx.db, monitor.modelId, span);
  const source = {
    projectId: window.projectId,
    modelId: monitor.modelId,
    window,
    rows: window.rows,
    revision,
    profile,
    batches,
    references,
    calibration,
    slices: true,
  };
  try {
    const report = await computeReport(ctx, source);
    if (report.rows === window.rows) return report;
    const found = `${report.rows} rows were found in the batches of a window that counts ${window.rows}`;
    return new TidemarkError('internal', `The window and its batches disagree: ${found}.`);
  } catch (error) {
    if (!isTidemarkError(error) || isPassing(error)) throw error;
    return error;
  }
}

/** Of a window whose rows are no longer all there nothing new can be said: what was said stays, with the reason. */
async function keepVerdict(tx: Db, window: WindowRow, droppedAt: Date): Promise<void> {
  const message = `Rows of this window were let go at ${droppedAt.toISOString()}, so it is not judged again.`;
  const error = new TidemarkError('gone', message);
  if (window.reportId === null) return saveFailure(tx, window, error);
  const { verdict, reportId } = window;
  await setWindowOutcome(tx, window.id, { state: 'judged', verdict, reportId, error: { code: error.code, message } });
}

async function saveFailure(tx: Db, window: WindowRow, error: TidemarkError): Promise<void> {
  await setWindowOutcome(tx, window.id, {
    state: 'failed',
    verdict: 'error',
    reportId: null,
    error: { code: error.code, message: error.message },
  });
}

async function saveReport(tx: Db, ctx: Judging, given: Subject & { report: ComputedReport }): Promise<void> {
  const { window, revision, monitor, report } = given;
  const { dataset, columns } = report.judgement;
  const id = ctx.newId('rep');
  await insertReport(
    tx,
    {
      id,
      projectId: window.projectId,
      monitorId: monitor.id,
      windowId: window.id,
      revision: window.revision,
      monitorRevisionId: revision.id,
      referenceOid: revision.referenceOid,
      inputs: writeInputs(report.inputs),
      referenceInputs: writeReferences(report.references),
      verdict: dataset.verdict,
      rows: report.rows,
      body: report.body,
      checks: toJson(await checksFor(tx, given)),
    },
    columns.map(({ name, role, verdict, effect, p, q, why }, position) => ({
      position,
      column: name,
      role,
      verdict,
      measure: effect?.measure ?? null,
      effect: effect?.value ?? null,
      limit: effect?.limit ?? null,
      p,
      q,
      why,
    })),
  );
  await insertSegmentVerdicts(
    tx,
    toStored(report.segments).map((segment, position) => ({ ...segment, reportId: id, position })),
  );
  await setWindowOutcome(tx, window.id, { state: 'judged', verdict: dataset.verdict, reportId: id, error: null });
  await announce(tx, ctx, { ...given, id });
}

/** Texts that come from foreign data, as the database can hold them. */
const toStored = (segments: ComputedReport['segments']): ComputedReport['segments'] =>
  toJson(segments) as unknown as ComputedReport['segments'];

/** What is said of the rows themselves: it depends on when they came and on the windows before, which no report does. */
async function checksFor(tx: Db, given: Subject & { report: ComputedReport }): Promise<WindowCheck[]> {
  const { window, revision, monitor, report } = given;
  const config = configOf(revision);
  const batches = report.inputs.map(({ batchId }, i) => ({ batchId, rows: report.batchRows[i] ?? 0 }));
  const { volume, lag: usualLag } = await usualWindows(tx, { monitorId: monitor.id, window, config });
  const lag = await lagOf(tx, { window, batches });
  const { rows, violations, violatedAllAlong: since } = report;
  return checkWindow({ rows, violations, since, volume, lag, usualLag }, checksOf(config));
}

async function announce(tx: Db, ctx: Judging, given: Subject & { report: ComputedReport; id: string }): Promise<void> {
  const { window, revision, monitor, report, id } = given;
  const { dataset } = report.judgement;
  const project = await findProjectById(tx, window.projectId);
  await publishEvent(tx, ctx, {
    projectId: window.projectId,
    type: 'window.judged',
    subject: id,
    data: {
      project: project?.name ?? '',
      model: monitor.model,
      monitor: monitor.name,
      config_revision: revision.revision,
      reference: { oid: revision.referenceOid },
      window: { start: window.start.toISOString(), end: window.end.toISOString(), revision: window.revision },
      report: id,
      verdict: dataset.verdict,
      rows: report.rows,
      columns_judged: dataset.judged,
      columns_drifted: dataset.drifted,
      links: { report: `${ctx.publicUrl()}/v1/reports/${id}` },
    },
  });
}
