import type { Context } from '../../context.ts';
import { type EpisodeRow, findEvidence, updateEpisode } from '../../store/alert/alerts.ts';
import {
  type FedWindow,
  hasOpenWindow,
  listFedWindows,
  listRevisedWindows,
  putFedWindow,
} from '../../store/monitor/fed-windows.ts';
import type { NamedMonitor } from '../../store/monitor/monitors.ts';
import type { WindowRow } from '../../store/monitor/windows.ts';
import type { Db } from '../../store/postgres/db.ts';
import { verdictToAlert } from '../report/alarm.ts';
import { type Episode, step, type WindowVerdict } from './episode.ts';
import { escalate } from './escalate.ts';
import { evidenceOf, gatherEvidence } from './evidence.ts';
import { retrain } from './retrain.ts';
import { type Rule, ruleOf } from './rule.ts';
import { moveEpisode, note } from './transition.ts';

type Reconciling = Pick<Context, 'now' | 'newId' | 'publicUrl'>;

export type Living = { readonly project: string; readonly monitor: NamedMonitor; readonly episode: EpisodeRow };

/**
 * Looks at a living episode again in the light of late data: where windows that it was fed have another verdict by
 * now, the machine is fed all of them anew, and the episode becomes what it would have been. One that would not have
 * fired is withdrawn; whoever was told of it is told so.
 * @returns the living episode, null when it has ended by this.
 */
export async function reconcile(tx: Db, ctx: Reconciling, living: Living): Promise<EpisodeRow | null> {
  let { episode } = living;
  const { reference, window: shown } = evidenceOf(episode);
  const revised = await listRevisedWindows(tx, episode.id, reference.oid);
  // Judged one after another: what they make of the episode together is seen once the last of them is.
  if (revised.length === 0 || (await hasOpenWindow(tx, episode.id))) return episode;
  let changed = false;
  for (const { window, former } of revised) {
    const { id: windowId, start, reportId } = window;
    const verdict = await verdictToAlert(tx, window);
    if (reportId === null || verdict === null) continue;
    await putFedWindow(tx, { episodeId: episode.id, windowId, start, reportId, verdict });
    if (start.toISOString() === shown.start) episode = await showAnew(tx, ctx, { ...living, episode, window });
    if (verdict === former) continue;
    changed = true;
    const detail = { window: start.toISOString(), from: former, to: verdict };
    const line = { from: episode.state, to: episode.state, reason: 'window_revised', author: 'system', detail };
    await note(tx, ctx, { episode, move: { ...line, windowId, reportId } });
  }
  if (!changed) return episode;
  const last = await findEvidence(tx, episode.lastReportId);
  if (last === null) throw new Error(`report ${episode.lastReportId} vanished`);
  const rule = ruleOf(last);
  const windows = await listFedWindows(tx, episode.id);
  // An episode from before its windows were kept cannot be told anew from the beginning.
  if (windows[0]?.start.getTime() !== episode.from.getTime()) return episode;
  const { monitor } = living;
  return become(tx, ctx, { monitor, episode, rule, replayed: replay(windows, rule) });
}

/** The window that the alert shows was judged anew: it shows what is in force. */
async function showAnew(tx: Db, ctx: Reconciling, given: Living & { readonly window: WindowRow }): Promise<EpisodeRow> {
  const { project, monitor, episode, window } = given;
  const evidence = window.reportId === null ? null : await findEvidence(tx, window.reportId);
  if (evidence === null) return episode;
  const { id: episodeId, fingerprint, severity } = episode;
  const summary = await gatherEvidence(tx, ctx, {
    project,
    monitor,
    window,
    evidence,
    episodeId,
    fingerprint,
    severity,
  });
  return updateEpisode(tx, episodeId, { summary, lastReportId: evidence.report.id });
}

type Replayed = { readonly episode: Episode | null; readonly fired: boolean };

function replay(windows: readonly FedWindow[], rule: Rule): Replayed {
  let episode: Episode | null = null;
  let fired = false;
  for (const { verdict } of windows) {
    // Only verdicts of windows are kept.
    const next = step(episode, verdict as WindowVerdict, rule);
    fired ||= next.transitions.some(({ to }) => to === 'firing');
    episode = next.episode?.state === 'resolved' ? null : next.episode;
  }
  return { episode, fired };
}

async function become(
  tx: Db,
  ctx: Reconciling,
  given: Pick<Living, 'monitor' | 'episode'> & { readonly rule: Rule; readonly replayed: Replayed },
): Promise<EpisodeRow | null> {
  const { episode, rule, replayed } = given;
  const { state } = episode;
  const now = replayed.episode;
  const hasFired = episode.firedAt !== null;
  if (now === null || (hasFired && !replayed.fired)) {
    const reason = replayed.fired ? 'recovered' : 'withdrawn';
    await moveEpisode(tx, ctx, { episode, move: { from: state, to: 'resolved', reason, author: 'system' } });
    return null;
  }
  const { streak, recent } = now;
  let row = await updateEpisode(tx, episode.id, { streak, recent });
  if (now.state !== state) {
    const reason = !hasFired && replayed.fired ? 'drift_confirmed' : 'revised';
    row = await moveEpisode(tx, ctx, { episode: row, move: { from: state, to: now.state, reason, author: 'system' } });
  }
  row = await escalate(tx, ctx, { episode: row, rule, windowId: null });
  // It fires by what came late as it would by a window that has just been judged.
  if (row.state === 'firing' && state !== 'firing') {
    await retrain(tx, ctx, { monitor: given.monitor, episode: row, kind: 'alert' });
  }
  return row;
}
