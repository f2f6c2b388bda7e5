import type { EpisodeRow } from '../../store/alert/alerts.ts';
import { countFired } from '../../store/alert/trouble.ts';
import type { Db } from '../../store/postgres/db.ts';
import { evidenceOf } from './evidence.ts';

/** An alert flaps when this many others of its kind fired within so many windows before it began. */
const OTHERS = 4;
const WINDOWS = 20;

/** Whether an alert that fires comes and goes: `begins` when it is the first of its kind that is found to. */
export async function countFlaps(tx: Db, episode: EpisodeRow): Promise<'calm' | 'begins' | 'goes on'> {
  const since = new Date(episode.from.getTime() - WINDOWS * lengthOf(episode));
  const others = await countFired(tx, { fingerprint: episode.fingerprint, since, but: episode.id });
  if (others < OTHERS) return 'calm';
  return others === OTHERS ? 'begins' : 'goes on';
}

/** One that has lasted longer than the span in which it flapped does so no more. */
export function isFlapping(episode: EpisodeRow): boolean {
  const lasted = episode.through.getTime() - episode.from.getTime();
  return episode.flapping && lasted < WINDOWS * lengthOf(episode);
}

/** Milliseconds of the window that an alert was last fed. */
function lengthOf(episode: EpisodeRow): number {
  const { start, end } = evidenceOf(episode).window;
  return Date.parse(end) - Date.parse(start);
}
