import { matchersShape } from '../../../schemas/wire/matchers.ts';
import type { Context } from '../../context.ts';
import { type EpisodeRow, listSilences, type SilenceRow, updateEpisode } from '../../store/alert/alerts.ts';
import { findTroubled } from '../../store/alert/trouble.ts';
import type { Db } from '../../store/postgres/db.ts';
import { labelsOf, matches } from '../webhook/matcher.ts';
import { publishEvent } from '../webhook/publish.ts';
import { evidenceOf } from './evidence.ts';
import { isFlapping } from './flapping.ts';
import { holds } from './recurrence.ts';

export type Telling = {
  readonly type: 'alert.firing' | 'alert.escalated' | 'alert.resolved';
  readonly reason: string;
};

/** Why nobody is told of an alert. */
export type Held =
  | { readonly by: 'mute'; readonly until: string }
  | { readonly by: 'silence'; readonly silence: string }
  /** The model's data is broken or missing, and drift follows from that. */
  | { readonly by: 'inhibition'; readonly alert: string }
  /** It comes and goes: its receivers were told that it does. */
  | { readonly by: 'flapping' };

/**
 * Tells the receivers of an alert, unless it is muted or silenced. The end of an alert that they were told of is told
 * in any case: they would wait for it for ever.
 * @returns the episode, and what held it back; null when it was told or never had to be.
 */
export async function tellAlert(
  tx: Db,
  ctx: Pick<Context, 'now' | 'newId'>,
  given: { readonly episode: EpisodeRow; readonly telling: Telling },
): Promise<{ episode: EpisodeRow; held: Held | null }> {
  const { episode, telling } = given;
  const now = ctx.now();
  const ended = telling.type === 'alert.resolved';
  if (ended && episode.notifiedAt === null && episode.heldSince !== null) return { episode, held: null };
  const state = ended ? 'resolved' : 'firing';
  const data = { ...evidenceOf(episode), severity: episode.severity, state, reason: telling.reason } as const;
  const held = ended ? null : await heldBy(tx, episode, { now, data, telling });
  if (held !== null) {
    return { episode: await updateEpisode(tx, episode.id, { heldSince: episode.heldSince ?? now }), held };
  }
  const told = await updateEpisode(tx, episode.id, { notifiedAt: now, heldSince: null });
  await publishEvent(tx, ctx, { projectId: episode.projectId, type: telling.type, subject: episode.id, data });
  return { episode: told, held: null };
}

async function heldBy(
  tx: Db,
  episode: EpisodeRow,
  { now, data, telling }: { now: Date; data: Readonly<Record<string, unknown>>; telling: Telling },
): Promise<Held | null> {
  const { mutedUntil } = episode;
  if (mutedUntil !== null && mutedUntil > now) return { by: 'mute', until: mutedUntil.toISOString() };
  const labels = labelsOf(data);
  const silences = await listSilences(tx, episode.projectId, now);
  const silence = silences.find((one) => holds(one, now) && matches(silenceMatchers(one), labels));
  if (silence !== undefined) return { by: 'silence', silence: silence.id };
  const upstream = FOLLOWS.has(episode.target) ? await findTroubled(tx, episode.monitorId) : null;
  if (upstream !== null) return { by: 'inhibition', alert: upstream };
  return telling.type === 'alert.firing' && telling.reason !== 'flapping' && isFlapping(episode) ? FLAPS : null;
}

/** What comes of broken or missing data. That the model does worse by its labels is told in any case. */
const FOLLOWS: ReadonlySet<string> = new Set(['dataset', 'estimate']);

const FLAPS: Held = { by: 'flapping' };

/** The matchers as they were kept; nothing but a parsed request writes them. */
export const silenceMatchers = (silence: Pick<SilenceRow, 'matchers'>) => matchersShape.parse(silence.matchers);
