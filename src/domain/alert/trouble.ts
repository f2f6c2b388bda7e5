import type { WindowCheck } from '../../../schemas/wire/checks.ts';
import type { AlertEvidence } from '../../../schemas/wire/events.ts';
import type { Context } from '../../context.ts';
import {
  type EpisodeRow,
  insertEpisode,
  lockLivingEpisode,
  lockLivingOf,
  updateEpisode,
} from '../../store/alert/alerts.ts';
import { listChecks } from '../../store/monitor/checks.ts';
import { findModelById } from '../../store/monitor/models.ts';
import { type NamedMonitor, presentRevision, revisionInForce } from '../../store/monitor/monitors.ts';
import { findWindow, type WindowRow } from '../../store/monitor/windows.ts';
import type { Db } from '../../store/postgres/db.ts';
import { listClosedWindows } from '../../store/retraining/run-causes.ts';
import { configOf } from '../configuration/config.ts';
import { brokenColumns, withViolations } from '../configuration/sound-data.ts';
import { readChecks } from '../report/usual-windows.ts';
import { usualSeconds } from '../window/window.ts';
import { windowingOf } from '../window/windowing.ts';
import { evidenceOf } from './evidence.ts';
import { type Trouble, troubleAfter } from './rule.ts';
import { countsAsSilence } from './silence.ts';
import { moveEpisode } from './transition.ts';
import { type About, troubleEvidence } from './trouble-evidence.ts';

type Feeding = Pick<Context, 'now' | 'newId' | 'publicUrl'>;

export type Watched = { readonly project: string; readonly monitor: NamedMonitor };

/** What alerts on the data itself are about: whether there is any, has its columns, is as much as usual and in time. */
const TARGETS = ['data', 'schema', 'volume', 'freshness'] as const;

type Target = (typeof TARGETS)[number];

/** What is wrong, and how it is said. */
type Found = { readonly trouble: Trouble; readonly detail: string; readonly columns: AlertEvidence['worst_columns'] };

const troubleFingerprint = (monitorId: number, target: Target): string => `monitor:${monitorId}/${target}`;

/**
 * Feeds one window to the alerts on the data itself. They have the labels of the monitor's other alerts, so that what
 * silences those silences these, and rules of their own. The caller holds the monitor's lock.
 */
export async function feedTrouble(
  tx: Db,
  ctx: Feeding,
  { watched, window }: { readonly watched: Watched; readonly window: WindowRow },
): Promise<void> {
  const { monitor } = watched;
  const fingerprints = TARGETS.map((target) => troubleFingerprint(monitor.id, target));
  const episodes = await lockLivingOf(tx, fingerprints);
  const checks = await checksOf(tx, window);
  for (const [i, target] of TARGETS.entries()) {
    const found = await troubleIn(tx, { window, checks }, target);
    // A window without data says nothing of its columns.
    if (found === 'unknown') continue;
    const living = episodes.get(fingerprints[i] ?? '') ?? null;
    if (found === null) {
      if (living !== null) await mend(tx, ctx, { episode: living, windowId: window.id });
      continue;
    }
    const { id, start, end, rows, reportId } = window;
    const of = { id, start, end, rows, reportId, revision: window.revision };
    await worsen(tx, ctx, { ...watched, target, found, living, window: of, windows: (living?.streak ?? 0) + 1 });
  }
}

type Checked = { readonly window: WindowRow; readonly checks: readonly WindowCheck[] };

async function troubleIn(tx: Db, { window, checks }: Checked, target: Target): Promise<Found | null | 'unknown'> {
  const { verdict } = window;
  if (target === 'data') {
    if (verdict === 'no_data') {
      if (!(await countsAsSilence(tx, window))) return 'unknown';
      return { trouble: 'no_data', detail: 'No prediction came for the window.', columns: [] };
    }
    if (verdict !== 'error') return null;
    return { trouble: 'error', detail: `The window could not be judged: ${messageOf(window.error)}`, columns: [] };
  }
  if (verdict === 'no_data' || verdict === 'error') return 'unknown';
  if (target !== 'schema') return checkedTrouble(checks, target);
  const [facts] = await listClosedWindows(tx, window.monitorId, { since: window.start, until: window.start, limit: 1 });
  const broken = facts === undefined ? [] : brokenColumns(withViolations(facts));
  if (broken.length === 0) return null;
  const names = broken.map(({ column, code }) => `"${column}" (${code})`);
  return {
    trouble: 'broken_schema',
    detail: `Rows break the schema: ${names.slice(0, 10).join(', ')}.`,
    columns: broken.slice(0, 10).map(({ column, code, count }) => ({
      ...{ column, verdict: code, measure: null, effect: null, limit: null, direction: null, p: null, q: null },
      why: `${code} in ${count} of ${window.rows} rows`,
    })),
  };
}

/** What the window's report says of its volume, and of when its rows came. */
async function checksOf(tx: Db, { reportId }: WindowRow): Promise<WindowCheck[]> {
  const stored = reportId === null ? undefined : (await listChecks(tx, [reportId])).get(reportId);
  return readChecks(stored ?? null);
}

function checkedTrouble(checks: readonly WindowCheck[], target: 'volume' | 'freshness'): Found | null | 'unknown' {
  const found = checks.find(({ check }) => check === target);
  if (found === undefined || found.verdict === 'not_judged') return 'unknown';
  if (found.verdict === 'sound') return null;
  return { trouble: target === 'volume' ? 'unusual_volume' : 'late_data', detail: found.why, columns: [] };
}

function messageOf(error: unknown): string {
  const said = typeof error === 'object' && error !== null && 'message' in error ? error.message : null;
  return typeof said === 'string' ? said : 'for no known reason.';
}

type Worsening = Watched & {
  readonly target: Target;
  readonly found: Found;
  readonly living: EpisodeRow | null;
  readonly window: About['window'];
  readonly windows: number;
};

const STATES = {
  no_data: 'no_data',
  error: 'error',
  broken_schema: 'firing',
  unusual_volume: 'firing',
  late_data: 'firing',
} as const;

const REASONS = {
  no_data: 'no_data',
  error: 'judging_failed',
  broken_schema: 'schema_broken',
  unusual_volume: 'volume_unusual',
  late_data: 'data_late',
} as const;

/** Rows that are all there but too many, too few or late are a warning; without data nothing is watched. */
const severityOf = (trouble: Trouble): 'warning' | 'critical' =>
  trouble === 'unusual_volume' || trouble === 'late_data' ? 'warning' : 'critical';

/** One more window with the trouble: the alert begins, grows or fires. */
async function worsen(tx: Db, ctx: Feeding, given: Worsening): Promise<void> {
  const { monitor, target, found, living, window, windows } = given;
  const revision = await revisionInForce(tx, monitor.id, window.start);
  const after = troubleAfter(configOf(revision), found.trouble);
  if (after === null && living === null) return;
  const id = living?.id ?? ctx.newId('al');
  const fingerprint = troubleFingerprint(monitor.id, target);
  const problem = { kind: found.trouble, detail: found.detail, windows };
  const severity = severityOf(found.trouble);
  const summary = await troubleEvidence(tx, ctx, { ...given, severity, revision, problem, episodeId: id, fingerprint });
  const common = { streak: windows, through: window.end, summary, lastReportId: window.reportId ?? '' };
  const episode =
    living === null
      ? await insertEpisode(tx, {
          ...common,
          ...{ id, fingerprint, target, state: 'pending', severity },
          projectId: monitor.projectId,
          monitorId: monitor.id,
          repeatSeconds: configOf(revision).alert.repeat_seconds ?? null,
          from: window.start,
          createdAt: ctx.now(),
        })
      : await updateEpisode(tx, id, common);
  const to = STATES[found.trouble];
  const move = { reason: REASONS[found.trouble], author: 'system', windowId: window.id, detail: problem } as const;
  if (living === null) {
    await moveEpisode(tx, ctx, { episode, move: { ...move, from: null, to: 'pending', reason: 'trouble_began' } });
  }
  if (after === null || windows < after || episode.state === to) return;
  await moveEpisode(tx, ctx, { episode, move: { ...move, from: episode.state, to } });
}

async function mend(
  tx: Db,
  ctx: Feeding,
  { episode, windowId }: { episode: EpisodeRow; windowId: number | null },
): Promise<void> {
  const reason = episode.firedAt === null ? 'trouble_passed' : 'mended';
  await moveEpisode(tx, ctx, {
    episode,
    move: { from: episode.state, to: 'resolved', reason, author: 'system', windowId },
  });
}

const DAY_SECONDS = 86_400;

/**
 * Looks at what no window says: a stream that has gone quiet closes no windows any more, and a window that lacked data
 * may have got it late. The caller holds the monitor's lock and has fed what there is.
 */
export async function checkTrouble(tx: Db, ctx: Feeding, watched: Watched): Promise<void> {
  const { monitor } = watched;
  const living = await lockLivingEpisode(tx, troubleFingerprint(monitor.id, 'data'));
  const revision = await presentRevision(tx, monitor.id);
  const { alert, ...cut } = configOf(revision);
  // Where rows make windows, a window's worth of silence is a day.
  const length = usualSeconds(windowingOf(cut)) ?? DAY_SECONDS;
  const lastBatchAt = (await findModelById(tx, monitor.modelId))?.lastBatchAt ?? null;
  const quiet = lastBatchAt === null ? 0 : (ctx.now().getTime() - lastBatchAt.getTime()) / (length * 1000);
  const silent = alert.no_data_after != null && quiet >= alert.no_data_after;
  if (!silent) {
    if (living !== null && !(await stillTroubled(tx, living))) await mend(tx, ctx, { episode: living, windowId: null });
    return;
  }
  if (living?.state === 'no_data' || lastBatchAt === null || monitor.enabled === 'off') return;
  const windows = Math.floor(quiet);
  const end = new Date(lastBatchAt.getTime() + windows * length * 1000);
  const window = { id: null, start: lastBatchAt, end, rows: 0, reportId: null, revision: 0 };
  const detail = `No prediction has come since ${lastBatchAt.toISOString()}.`;
  const found: Found = { trouble: 'no_data', detail, columns: [] };
  await worsen(tx, ctx, { ...watched, target: 'data', found, living, window, windows });
}

/** Whether the window that an alert was last about is still as it was; one that was never made is over when data comes. */
async function stillTroubled(tx: Db, episode: EpisodeRow): Promise<boolean> {
  const window = await findWindow(tx, episode.monitorId, new Date(evidenceOf(episode).window.start));
  if (window === null) return false;
  return (
    window.verdict === 'no_data' || window.verdict === 'error' || window.state === 'ready' || window.state === 'open'
  );
}
