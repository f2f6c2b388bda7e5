import type { Context } from '../../context.ts';
import { type EpisodeRow, insertEpisodeEvent, updateEpisode } from '../../store/alerts.ts';
import type { Db } from '../../store/db.ts';
import { publishEvent } from '../webhook/publish.ts';
import type { EpisodeState } from './episode.ts';
import { evidenceOf } from './evidence.ts';

export type Move = {
  readonly from: EpisodeState | null;
  readonly to: EpisodeState;
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
  const fires = move.to === 'firing' && episode.firedAt === null;
  const ends = move.to === 'resolved';
  const moved = await updateEpisode(tx, episode.id, {
    state: move.to,
    ...(fires ? { firedAt: now } : {}),
    ...(ends ? { resolvedAt: now } : {}),
  });
  await note(tx, ctx, { episode, move });
  if (fires || (ends && episode.firedAt !== null)) {
    const state = fires ? 'firing' : 'resolved';
    await publishEvent(tx, ctx, {
      projectId: episode.projectId,
      type: `alert.${state}`,
      subject: episode.id,
      data: { ...evidenceOf(moved), state, reason: move.reason },
    });
  }
  return moved;
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
