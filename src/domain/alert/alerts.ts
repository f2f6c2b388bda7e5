import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import {
  type EpisodeEventRow,
  type EpisodeFilter,
  type EpisodeRow,
  findEpisode,
  findEpisodeMonitor,
  listEpisodeEvents,
  listEpisodes,
  lockLivingEpisode,
  type NamedEpisode,
  updateEpisode,
} from '../../store/alert/alerts.ts';
import { lockMonitor } from '../../store/monitor/monitors.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import { listRunsOfEpisode, type NamedRun } from '../../store/retraining/retraining.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { messagesAbout } from '../webhook/messages.ts';
import { moveEpisode, note } from './transition.ts';

/** Alerts of the project, newest first. `next` is the cursor of the following page, null on the last. */
export async function readAlerts(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  asked: EpisodeFilter & { limit: number; cursor?: string | undefined },
): Promise<{ items: NamedEpisode[]; next: string | null }> {
  requireScope(actor, 'monitors:read');
  const { limit, cursor, ...filter } = asked;
  const rows = await listEpisodes(ctx.db, actor.projectId, { ...filter, before: cursor, limit: limit + 1 });
  const items = rows.slice(0, limit);
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}

export type AlertRecord = {
  readonly alert: NamedEpisode;
  /** The timeline, oldest first. */
  readonly events: readonly EpisodeEventRow[];
  readonly runs: readonly NamedRun[];
  /** Messages about the alert and its runs, with every try. */
  readonly messages: Awaited<ReturnType<typeof messagesAbout>>;
};

/** An alert with its timeline, its messages and the runs it started. @throws TidemarkError `not-found`. */
export async function readAlert(ctx: Pick<Context, 'db'>, actor: Actor, id: string): Promise<AlertRecord> {
  requireScope(actor, 'monitors:read');
  const alert = await requireAlert(ctx.db, actor, id);
  const runs = await listRunsOfEpisode(ctx.db, actor.projectId, id);
  const subjects = [id, ...runs.map((run) => run.id)];
  return {
    alert,
    runs,
    events: await listEpisodeEvents(ctx.db, id),
    messages: await messagesAbout(ctx.db, actor.projectId, subjects),
  };
}

/**
 * Says that somebody has seen the alert. It goes on; it is told of no more until it changes.
 * @throws TidemarkError `not-found`, `conflict` when it is resolved.
 */
export async function acknowledgeAlert(
  ctx: Pick<Context, 'db' | 'now'>,
  actor: Actor,
  given: { readonly id: string; readonly by?: string | undefined; readonly comment?: string | undefined },
): Promise<NamedEpisode> {
  requireScope(actor, 'alerts:write');
  await onLiving(ctx.db, actor, given.id, async (tx, episode) => {
    const by = given.by ?? actor.author;
    await updateEpisode(tx, episode.id, { acknowledgedAt: ctx.now(), acknowledgedBy: by });
    const detail = { by, ...(given.comment === undefined ? {} : { comment: given.comment }) };
    await remark(tx, ctx, { episode, actor, reason: 'acknowledged', detail });
  });
  return requireAlert(ctx.db, actor, given.id);
}

/**
 * Says who looks after the alert; null: nobody any more.
 * @throws TidemarkError `not-found`, `conflict` when it is resolved.
 */
export async function assignAlert(
  ctx: Pick<Context, 'db' | 'now'>,
  actor: Actor,
  given: { readonly id: string; readonly to: string | null },
): Promise<NamedEpisode> {
  requireScope(actor, 'alerts:write');
  await onLiving(ctx.db, actor, given.id, async (tx, episode) => {
    await updateEpisode(tx, episode.id, { assignedTo: given.to });
    await remark(tx, ctx, { episode, actor, reason: 'assigned', detail: { to: given.to } });
  });
  return requireAlert(ctx.db, actor, given.id);
}

/**
 * Adds a comment to the alert's history, whatever its state.
 * @throws TidemarkError `not-found`.
 */
export async function commentAlert(
  ctx: Pick<Context, 'db' | 'now'>,
  actor: Actor,
  given: { readonly id: string; readonly comment: string },
): Promise<NamedEpisode> {
  requireScope(actor, 'alerts:write');
  const { id, comment } = given;
  await transact(ctx.db, async (tx) => {
    // The line says how the alert stands: it must not end beside it.
    await lockMonitorOf(tx, actor, id);
    const episode = await requireAlert(tx, actor, id);
    await remark(tx, ctx, { episode, actor, reason: 'commented', detail: { comment } });
  });
  return requireAlert(ctx.db, actor, id);
}

/**
 * Has nobody told of the alert until then; null: from now on they are told again. Those who were told before are
 * told of its end in any case.
 * @throws TidemarkError `not-found`, `conflict` when it is resolved, `invalid-body` for a time that is over.
 */
export async function muteAlert(
  ctx: Pick<Context, 'db' | 'now'>,
  actor: Actor,
  given: { readonly id: string; readonly until: Date | null; readonly comment?: string | undefined },
): Promise<NamedEpisode> {
  requireScope(actor, 'alerts:write');
  const { id, until, comment } = given;
  if (until !== null && until <= ctx.now()) {
    const detail = 'must lie after now';
    throw new TidemarkError('invalid-body', `The body at /until: ${detail}.`, {
      issues: [{ code: 'out-of-range', pointer: '/until', detail }],
    });
  }
  await onLiving(ctx.db, actor, id, async (tx, episode) => {
    await updateEpisode(tx, episode.id, { mutedUntil: until });
    const detail = { until: until?.toISOString() ?? null, ...(comment === undefined ? {} : { comment }) };
    await remark(tx, ctx, { episode, actor, reason: until === null ? 'unmuted' : 'muted', detail });
  });
  return requireAlert(ctx.db, actor, id);
}

type Remark = {
  readonly episode: EpisodeRow;
  readonly actor: Actor;
  readonly reason: string;
  readonly detail: Readonly<Record<string, unknown>>;
};

/** A line of the timeline that changes no state. */
function remark(tx: Db, ctx: Pick<Context, 'now'>, { episode, actor, reason, detail }: Remark): Promise<void> {
  const { state } = episode;
  return note(tx, ctx, { episode, move: { from: state, to: state, reason, author: actor.author, detail } });
}

/**
 * Ends an alert by hand. Drift that goes on opens another one by the same rule.
 * @throws TidemarkError `not-found`, `conflict` when it is resolved.
 */
export async function resolveAlert(
  ctx: Pick<Context, 'db' | 'now' | 'newId'>,
  actor: Actor,
  given: { readonly id: string; readonly reason: string },
): Promise<NamedEpisode> {
  requireScope(actor, 'alerts:write');
  await onLiving(ctx.db, actor, given.id, async (tx, episode) => {
    const detail = { reason: given.reason };
    const move = { from: episode.state, to: 'resolved', reason: 'by_hand', author: actor.author, detail } as const;
    await moveEpisode(tx, ctx, { episode, move });
  });
  return requireAlert(ctx.db, actor, given.id);
}

/** Works on an episode under the locks that the evaluation takes, in its order: monitor, then episode. */
async function onLiving(
  db: Db,
  actor: Actor,
  id: string,
  work: (tx: Db, episode: EpisodeRow) => Promise<void>,
): Promise<void> {
  await transact(db, async (tx) => {
    await lockMonitorOf(tx, actor, id);
    const known = await requireAlert(tx, actor, id);
    const living = await lockLivingEpisode(tx, known.fingerprint);
    if (living?.id !== id) throw new TidemarkError('conflict', 'The alert is resolved already.');
    await work(tx, living);
  });
}

async function lockMonitorOf(tx: Db, actor: Actor, id: string): Promise<void> {
  const monitorId = await findEpisodeMonitor(tx, actor.projectId, id);
  if (monitorId === null) throw unknown(id);
  await lockMonitor(tx, monitorId);
}

async function requireAlert(db: Db, actor: Actor, id: string): Promise<NamedEpisode> {
  const found = await findEpisode(db, actor.projectId, id);
  if (found === null) throw unknown(id);
  return found;
}

const unknown = (id: string): TidemarkError =>
  new TidemarkError('not-found', `There is no alert "${id.slice(0, 60)}" in this project.`);
