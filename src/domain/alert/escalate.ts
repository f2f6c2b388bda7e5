import type { Context } from '../../context.ts';
import { type EpisodeRow, updateEpisode } from '../../store/alert/alerts.ts';
import type { Db } from '../../store/postgres/db.ts';
import { evidenceOf } from './evidence.ts';
import type { Rule } from './rule.ts';
import { note, tellAndNote } from './transition.ts';

/** Makes a critical alert of a warning, once, when drift has gone on for as many windows as the monitor allows. */
export async function escalate(
  tx: Db,
  ctx: Pick<Context, 'now' | 'newId'>,
  { episode, rule, windowId }: { episode: EpisodeRow; rule: Rule; windowId: number | null },
): Promise<EpisodeRow> {
  const { state, severity, streak } = episode;
  const lasting = rule.escalateAfter !== null && streak >= rule.escalateAfter;
  if (state !== 'firing' || severity === 'critical' || !lasting) return episode;
  const summary = { ...evidenceOf(episode), severity: 'critical' };
  const risen = await updateEpisode(tx, episode.id, { severity: 'critical', summary });
  const detail = { severity: 'critical', windows: streak };
  const line = { from: state, to: state, reason: 'escalated', author: 'system', windowId, detail };
  await note(tx, ctx, { episode, move: line });
  return tellAndNote(tx, ctx, { episode: risen, telling: { type: 'alert.escalated', reason: 'drift_goes_on' } });
}
