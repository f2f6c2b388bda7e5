import type { Context } from '../../context.ts';
import { type EpisodeRow, insertEpisodeEvent, updateEpisode } from '../../store/alert/alerts.ts';
import type { Db } from '../../store/postgres/db.ts';
import { countFlaps } from './flapping.ts';
import { type Telling, tellAlert } from './tell.ts';

export type Move = {
  readonly from: EpisodeRow['state'] | null;
  readonly to: EpisodeRow['state'];
  readonly reason: string;
  readonly author: string;
  readonly windowId?: number | null;
  readonly reportId?: string | null;
  readonly detail?: Readonly<Record<string, unknown>>;
};

/**
 * Makes one transition of an episode with everything that belongs to it: its row, its place in the timeline and
 * the messages. A resolution is told only to those who were told of the alert.
 */
export async function moveEpisode(
  tx: Db,
  ctx: Pick<Context, 'now' | 'newId'>,
  given: { readonly episode: EpisodeRow; readonly move: Move },
): Promise<EpisodeRow> {
  const { episode, move } = given;
  const now = ctx.now();
  const fires = FIRING.has(move.to) && episode.firedAt === null;
  const flaps = fires ? await countFlaps(tx, episode) : 'calm';
  const ends = move.to === 'resolved';
  const moved = await updateEpisode(tx, episode.id, {
    state: move.to,
    ...(fires ? { firedAt: now, flapping: flaps !== 'calm' } : {}),
    ...(ends ? { resolvedAt: now } : {}),
  });
  await note(tx, ctx, { episode, move });
  if (!fires && !(ends && episode.firedAt !== null)) return moved;
  const type = fires ? 'alert.firing' : 'alert.resolved';
  const reason = flaps === 'begins' ? 'flapping' : move.reason;
  return tellAndNote(tx, ctx, { episode: moved, telling: { type, reason } });
}

/** The states in which somebody is told of an alert. */
const FIRING: ReadonlySet<Move['to']> = new Set(['firing', 'no_data', 'error']);

/** Tells the receivers; what holds that back stands in the timeline, as who spoke with nobody should be seen too. */
export async function tellAndNote(
  tx: Db,
  ctx: Pick<Context, 'now' | 'newId'>,
  given: { readonly episode: EpisodeRow; readonly telling: Telling },
): Promise<EpisodeRow> {
  const { episode, held } = await tellAlert(tx, ctx, given);
  if (held !== null) {
    const { state } = episode;
    const move = { from: state, to: state, reason: 'held_back', author: 'system', detail: { because: held } };
    await note(tx, ctx, { episode, move });
  }
  return episode;
}

/** Adds a line to the timeline. */
export async function note(
  tx: Db,
  ctx: Pick<Context, 'now'>,
  given: { readonly episode: Pick<EpisodeRow, 'id'>; readonly move: Move },
): Promise<void> {
  const { episode, move } = given;
  await insertEpisodeEvent(tx, {
    episodeId: episode.id,
    at: ctx.now(),
    fromState: move.from,
    toState: move.to,
    reason: move.reason,
    author: move.author,
    windowId: move.windowId ?? null,
    reportId: move.reportId ?? null,
    detail: move.detail ?? {},
  });
}
