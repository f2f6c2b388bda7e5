import type { Context } from '../../context.ts';
import { type EpisodeRow, findLastCounted } from '../../store/alert/alerts.ts';
import { listComparedWindows } from '../../store/monitor/fed-windows.ts';
import type { NamedMonitor, NamedRevision } from '../../store/monitor/monitors.ts';
import type { Db } from '../../store/postgres/db.ts';
import { configOf } from '../configuration/config.ts';
import { verdictToAlert } from '../report/alarm.ts';
import type { WindowVerdict } from './episode.ts';
import { feedWindow, fingerprintOf } from './feed.ts';
import { presentEpisode } from './present-episode.ts';
import { ruleFrom } from './rule.ts';

type Raising = Pick<Context, 'now' | 'newId' | 'publicUrl'>;

/** Windows that are looked back at: what drifted longer ago is over. */
const LOOKED_AT = 60;

/**
 * The alert that windows make which were fed when they had not drifted, and were found to have once rows came late; null
 * where they make none that goes on. What is over is no alert any more, and what an alert was told of makes no other.
 * The caller holds the monitor's lock, and no alert on drift is living.
 */
export async function raiseLate(
  tx: Db,
  ctx: Raising,
  given: { readonly project: string; readonly monitor: NamedMonitor; readonly revision: NamedRevision },
): Promise<EpisodeRow | null> {
  const { project, monitor, revision } = given;
  const { evaluatedThrough: before } = monitor;
  if (before === null) return null;
  const after = await findLastCounted(tx, monitor.id, fingerprintOf(monitor.id));
  const asked = { referenceOid: revision.referenceOid, after, before, limit: LOOKED_AT };
  const windows = await listComparedWindows(tx, monitor.id, asked);
  const isLate = (i: number): boolean => windows[i]?.verdict === 'drift' && (windows[i]?.revision ?? 1) > 1;
  const settled = windows.every(({ state }) => state === 'judged');
  if (!settled || !windows.some((_, i) => isLate(i))) return null;
  const verdicts: WindowVerdict[] = [];
  for (const window of windows) verdicts.push((await verdictToAlert(tx, window)) ?? 'error');
  const present = presentEpisode(verdicts, ruleFrom(configOf(revision)));
  const first = present?.transitions[0]?.index ?? 0;
  const late = verdicts.some((verdict, i) => i >= first && verdict === 'drift' && isLate(i));
  if (present?.episode == null || !late) return null;
  let episode: EpisodeRow | null = null;
  for (const window of windows.slice(first)) {
    episode = await feedWindow(tx, ctx, { project, monitor, window, episode });
  }
  return episode;
}
