import type { Context } from '../../context.ts';
import {
  type EpisodeRow,
  type Evidence,
  findEvidence,
  insertEpisode,
  updateEpisode,
} from '../../store/alert/alerts.ts';
import { putFedWindow } from '../../store/monitor/fed-windows.ts';
import type { NamedMonitor } from '../../store/monitor/monitors.ts';
import type { WindowRow } from '../../store/monitor/windows.ts';
import type { Db } from '../../store/postgres/db.ts';
import { verdictToAlert } from '../report/alarm.ts';
import { step } from './episode.ts';
import { escalate } from './escalate.ts';
import { evidenceOf, gatherEvidence } from './evidence.ts';
import { retrain } from './retrain.ts';
import { machineOf, ruleOf } from './rule.ts';
import { moveEpisode } from './transition.ts';

type Feeding = Pick<Context, 'now' | 'newId' | 'publicUrl'>;

export type Feed = {
  readonly project: string;
  readonly monitor: NamedMonitor;
  readonly window: WindowRow;
  /** The living episode of the monitor before this window. */
  readonly episode: EpisodeRow | null;
};

type Heard = Feed & { readonly verdict: WindowRow['verdict'] };

/** Feeds one window to the alert and returns the living episode after it, null when there is none. */
export async function feedWindow(tx: Db, ctx: Feeding, feed: Feed): Promise<EpisodeRow | null> {
  const { window } = feed;
  const verdict = await verdictToAlert(tx, window);
  const evidence = window.reportId === null ? null : await findEvidence(tx, window.reportId);
  // No data, too little or a failure: nothing that could breach or heal, or be evidence.
  if (evidence === null || !isComparison(window)) return feed.episode === null ? null : touch(tx, feed.episode, window);
  const heard = { ...feed, verdict };
  const episode = await endIfMoved(tx, ctx, { ...feed, evidence });
  const rule = ruleOf(evidence);
  const next = step(episode === null ? null : machineOf(episode), verdict ?? 'error', rule);
  if (next.episode === null) return null;
  let row = await save(tx, ctx, { ...heard, evidence, episode, ...next.episode });
  for (const transition of next.transitions) {
    const move = { ...transition, author: 'system', windowId: window.id, reportId: evidence.report.id };
    row = await moveEpisode(tx, ctx, { episode: row, move });
  }
  await keepFed(tx, row, heard);
  if (verdict === 'drift') row = await escalate(tx, ctx, { episode: row, rule, windowId: window.id });
  if (row.state === 'firing' && verdict === 'drift') {
    await retrain(tx, ctx, { monitor: feed.monitor, episode: row, kind: 'alert' });
  }
  return row.state === 'resolved' ? null : row;
}

const isComparison = ({ verdict }: WindowRow): boolean => verdict === 'drift' || verdict === 'no_drift';

/** A window judged against another reference says nothing about an alert on the former one. */
async function endIfMoved(tx: Db, ctx: Feeding, feed: Feed & { evidence: Evidence }): Promise<EpisodeRow | null> {
  const { episode, evidence } = feed;
  if (episode === null || evidenceOf(episode).reference.oid === evidence.report.referenceOid) return episode;
  const detail = { revision: evidence.revision.revision, oid: evidence.report.referenceOid };
  const move = { from: episode.state, to: 'resolved', reason: 'reference_moved', author: 'system', detail } as const;
  await moveEpisode(tx, ctx, { episode, move });
  return null;
}

type Saving = Feed & {
  readonly evidence: Evidence;
  readonly state: EpisodeRow['state'];
  readonly streak: number;
  readonly recent: string;
};

/** Writes what the window says of the episode; the state itself is written by its transitions. */
async function save(tx: Db, ctx: Feeding, saving: Saving): Promise<EpisodeRow> {
  const { project, monitor, window, evidence, episode, streak, recent } = saving;
  const id = episode?.id ?? ctx.newId('al');
  const fingerprint = episode?.fingerprint ?? fingerprintOf(monitor.id);
  const severity = episode?.severity ?? 'warning';
  const about = { project, monitor, window, evidence, episodeId: id, fingerprint, severity };
  const summary = await gatherEvidence(tx, ctx, about);
  const { repeatSeconds } = ruleOf(evidence);
  const common = { streak, recent, repeatSeconds, through: window.end, lastReportId: evidence.report.id, summary };
  if (episode !== null) return updateEpisode(tx, id, common);
  return insertEpisode(tx, {
    ...common,
    id,
    projectId: monitor.projectId,
    monitorId: monitor.id,
    fingerprint,
    target: TARGET,
    state: 'pending',
    from: window.start,
    createdAt: ctx.now(),
  });
}

async function touch(tx: Db, episode: EpisodeRow, window: WindowRow): Promise<EpisodeRow> {
  await keepFed(tx, episode, { window, verdict: window.verdict });
  return updateEpisode(tx, episode.id, { through: window.end });
}

/** Late data may make something else of the window: then it is seen that it was taken for this. */
function keepFed(tx: Db, episode: EpisodeRow, { window, verdict }: Pick<Heard, 'window' | 'verdict'>): Promise<void> {
  const { id: windowId, start, reportId } = window;
  return putFedWindow(tx, {
    episodeId: episode.id,
    windowId,
    start,
    reportId: reportId ?? '',
    verdict: verdict ?? 'error',
  });
}

/** Drift of the whole dataset. */
const TARGET = 'dataset';

export const fingerprintOf = (monitorId: number): string => `monitor:${monitorId}/${TARGET}`;
