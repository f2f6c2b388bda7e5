import { type Estimate, storedEstimate, storedPerformance } from '../../../schemas/wire/performance.ts';
import type { Context } from '../../context.ts';
import {
  type EpisodeRow,
  findEvidence,
  findLastCounted,
  insertEpisode,
  lockLivingEpisode,
  updateEpisode,
} from '../../store/alert/alerts.ts';
import { listFedWindows, putFedWindow } from '../../store/monitor/fed-windows.ts';
import type { NamedRevision } from '../../store/monitor/monitors.ts';
import {
  type JudgedPerformance,
  listEstimates,
  listJudgedPerformance,
  listPerformance,
} from '../../store/monitor/performance.ts';
import type { Db } from '../../store/postgres/db.ts';
import { configOf } from '../configuration/config.ts';
import { describeComparisons } from '../performance/judge-performance.ts';
import type { WindowVerdict } from './episode.ts';
import { evidenceOf, gatherEvidence } from './evidence.ts';
import { type PlacedTransition, type PresentEpisode, presentEpisode } from './present-episode.ts';
import { retrain } from './retrain.ts';
import { performanceRule, type Rule } from './rule.ts';
import { moveEpisode, note } from './transition.ts';
import type { Watched } from './trouble.ts';

type Evaluating = Pick<Context, 'now' | 'newId' | 'publicUrl'>;

/** What labels show, and what is expected while there are none. */
const TARGETS = ['performance', 'estimate'] as const;

type Target = (typeof TARGETS)[number];

const SEVERITY = { performance: 'critical', estimate: 'warning' } as const;
const PROBLEMS = { performance: 'worse_performance', estimate: 'worse_estimate' } as const;

/** Windows that are looked at: the longest rule asks for no more. */
const LOOKED_AT = 1000;

/**
 * Feeds the alerts on performance. Labels come late, in any order and are corrected, so nothing is fed once and for
 * all: each time the windows since the last alert that ended are looked at anew, and the living alert becomes what
 * they make of it now. The caller holds the monitor's lock.
 */
export async function evaluatePerformance(
  tx: Db,
  ctx: Evaluating,
  { watched, revision }: { readonly watched: Watched; readonly revision: NamedRevision },
): Promise<void> {
  for (const target of TARGETS) {
    const rule = performanceRule(configOf(revision), target);
    const fingerprint = `monitor:${watched.monitor.id}/${target}`;
    const living = await endIfIdle(tx, ctx, { living: await lockLivingEpisode(tx, fingerprint), revision, rule });
    if (rule !== null) await become(tx, ctx, { ...watched, target, fingerprint, revision, rule, living });
  }
}

/** An alert on another reference, or that nobody wants any more, is over. */
async function endIfIdle(
  tx: Db,
  ctx: Evaluating,
  given: { readonly living: EpisodeRow | null; readonly revision: NamedRevision; readonly rule: Rule | null },
): Promise<EpisodeRow | null> {
  const { living, revision, rule } = given;
  if (living === null) return null;
  const moved = evidenceOf(living).reference.oid !== revision.referenceOid;
  if (!moved && rule !== null) return living;
  const { dataset, version, referenceOid: oid } = revision;
  const detail = moved ? { revision: revision.revision, dataset, version, oid } : {};
  const reason = moved ? 'reference_moved' : 'no_longer_watched';
  await moveEpisode(tx, ctx, {
    episode: living,
    move: { from: living.state, to: 'resolved', reason, author: 'system', detail },
  });
  return null;
}

type Subject = Watched & {
  readonly target: Target;
  readonly fingerprint: string;
  readonly revision: NamedRevision;
  readonly rule: Rule;
  readonly living: EpisodeRow | null;
};

async function become(tx: Db, ctx: Evaluating, subject: Subject): Promise<void> {
  const { monitor, target, fingerprint, revision, rule, living } = subject;
  const after = await findLastCounted(tx, monitor.id, fingerprint);
  const asked = { referenceOid: revision.referenceOid, after, limit: LOOKED_AT };
  const windows = await listJudgedPerformance(tx, monitor.id, asked);
  const verdicts = windows.map((window) => verdictOf(window, target));
  const last = windows[verdicts.findLastIndex(isDecided)];
  if (last === undefined) return;
  const present = presentEpisode(verdicts, rule);
  const streak = present?.episode?.streak ?? 0;
  if (present?.episode == null && living === null) return;
  const first = present?.transitions[0]?.index ?? windows.length;
  const from = windows[first]?.window.start ?? last.window.start;
  let episode = await save(tx, ctx, { ...subject, last, streak, recent: present?.episode?.recent ?? '', from });
  await remember(tx, ctx, { episode, windows, verdicts, first });
  for (const { index, reason, to } of stepsTo(living, present, windows)) {
    const found = windows[index] ?? last;
    const place = { windowId: found.window.id, reportId: found.window.reportId };
    const move = { from: to === 'pending' ? null : episode.state, to, reason, author: 'system', ...place };
    episode = await moveEpisode(tx, ctx, { episode, move });
  }
  const worse = verdictOf(last, target) === 'drift';
  if (target === 'performance' && worse && episode.state === 'firing') {
    await retrain(tx, ctx, { monitor, episode, kind: 'performance' });
  }
}

/** A window breaches as one that drifts does. What was expected is taken back where labels show that it did not come. */
function verdictOf({ realised, silent, estimated }: JudgedPerformance, target: Target): WindowVerdict {
  if ((target === 'performance' ? realised : estimated) === null) return 'insufficient_data';
  const worse =
    target === 'performance' ? realised === 'worse' && !silent : estimated === true && realised !== 'no_worse';
  return worse ? 'drift' : 'no_drift';
}

const isDecided = (verdict: WindowVerdict): boolean => verdict !== 'insufficient_data';

type Step = { readonly index: number; readonly to: EpisodeRow['state']; readonly reason: string };

/** The transitions that lead the living alert to what the windows make of it now. Pure. */
function stepsTo(
  living: EpisodeRow | null,
  present: PresentEpisode | null,
  windows: readonly JudgedPerformance[],
): Step[] {
  const steps = (present?.transitions ?? []).map(named);
  if (living === null) return steps;
  const end = (reason: string): Step[] => [{ index: steps.at(-1)?.index ?? windows.length, to: 'resolved', reason }];
  const fired = living.firedAt !== null;
  if (present?.episode == null) {
    const ended = present?.transitions.at(-1);
    const own = ended !== undefined && (windows[ended.index]?.window.start ?? living.from) >= living.from;
    if (!fired) return end('worsening_ended_early');
    return end(present?.fired === true && own ? 'recovered' : 'withdrawn');
  }
  if (fired && !present.fired) return end('withdrawn');
  if (!fired) return present.fired ? steps.slice(steps.findIndex(({ to }) => to === 'firing')) : [];
  const last = steps.at(-1);
  return last === undefined || last.to === living.state ? [] : [last];
}

const NAMES: Readonly<Record<PlacedTransition['reason'], string>> = {
  drift_began: 'worsening_began',
  drift_confirmed: 'worsening_confirmed',
  drift_ended_early: 'worsening_ended_early',
  clean_window: 'no_worse_window',
  drift_returned: 'worsening_returned',
  recovered: 'recovered',
};

const named = ({ index, to, reason }: PlacedTransition): Step => ({ index, to, reason: NAMES[reason] });

type Saving = Subject & {
  /** The last window that says something. */
  readonly last: JudgedPerformance;
  readonly streak: number;
  readonly recent: string;
  readonly from: Date;
};

/** Writes what the windows say of the alert; its state is written by its transitions. */
async function save(tx: Db, ctx: Evaluating, saving: Saving): Promise<EpisodeRow> {
  const { project, monitor, target, fingerprint, rule, living, last, streak, recent, from } = saving;
  const { window } = last;
  const evidence = window.reportId === null ? null : await findEvidence(tx, window.reportId);
  if (evidence === null) throw new Error(`the report of window ${window.id} vanished`);
  const id = living?.id ?? ctx.newId('al');
  const severity = SEVERITY[target];
  const { detail, metrics } = await metricsOf(tx, last, target);
  const summary = await gatherEvidence(tx, ctx, {
    ...{ project, monitor, window, evidence, episodeId: id, fingerprint, severity, metrics },
    problem: { kind: PROBLEMS[target], detail, windows: streak },
  });
  const { repeatSeconds } = rule;
  const common = { streak, recent, repeatSeconds, through: window.end, lastReportId: evidence.report.id, summary };
  // One that has ended keeps when it began.
  if (living !== null) return updateEpisode(tx, id, streak === 0 ? common : { ...common, from });
  return insertEpisode(tx, {
    ...common,
    ...{ id, fingerprint, target, severity, from, state: 'pending' },
    projectId: monitor.projectId,
    monitorId: monitor.id,
    createdAt: ctx.now(),
  });
}

/** What the window's metrics are against the reference's: by its labels where they are judged, else as expected. */
async function metricsOf(
  tx: Db,
  { window, realised }: JudgedPerformance,
  target: Target,
): Promise<{ detail: string; metrics: Estimate['comparisons'] }> {
  if (target === 'performance' || realised !== null) {
    const row = (await listPerformance(tx, [window.id])).get(window.id);
    const judgement = row === undefined ? undefined : storedPerformance.parse(row.metrics).judgement;
    if (judgement === undefined) throw new Error(`the performance of window ${window.id} vanished`);
    return { detail: judgement.why, metrics: judgement.comparisons };
  }
  const row = (await listEstimates(tx, [window.id])).get(window.id);
  if (row === undefined) throw new Error(`the estimate of window ${window.id} vanished`);
  const { comparisons, method } = storedEstimate.parse(row.estimate);
  return {
    detail: `Estimated by ${method}, without labels. ${describeComparisons(comparisons)}`,
    metrics: comparisons,
  };
}

/** Keeps what each window was taken for, and says in the timeline where labels have made something else of one. */
async function remember(
  tx: Db,
  ctx: Evaluating,
  given: {
    readonly episode: EpisodeRow;
    readonly windows: readonly JudgedPerformance[];
    readonly verdicts: readonly WindowVerdict[];
    /** Place of the window in which the alert began. */
    readonly first: number;
  },
): Promise<void> {
  const { episode, windows, verdicts, first } = given;
  const fed = new Map((await listFedWindows(tx, episode.id)).map((row) => [row.windowId, row.verdict]));
  for (const [i, { window }] of windows.entries()) {
    const verdict = WORDS[verdicts[i] ?? 'insufficient_data'];
    const former = fed.get(window.id);
    if (verdict === null || former === verdict || (former === undefined && i < first)) continue;
    const { id: windowId, start, reportId } = window;
    await putFedWindow(tx, { episodeId: episode.id, windowId, start, reportId: reportId ?? '', verdict });
    if (former === undefined) continue;
    const detail = { window: start.toISOString(), from: former, to: verdict };
    const line = { from: episode.state, to: episode.state, reason: 'window_revised', author: 'system', detail };
    await note(tx, ctx, { episode, move: { ...line, windowId, reportId } });
  }
}

const WORDS: Readonly<Record<WindowVerdict, 'worse' | 'no_worse' | null>> = {
  drift: 'worse',
  no_drift: 'no_worse',
  insufficient_data: null,
  no_data: null,
  error: null,
};
