import type { Context } from '../../context.ts';
import { findEpisode, findEpisodeMonitor, listToRemind, lockLivingEpisode } from '../../store/alerts.ts';
import { transact } from '../../store/db.ts';
import { lockMonitor } from '../../store/monitors.ts';
import { tellAlert } from './tell.ts';

/** Alerts that one job tells of; the next minute sees to the rest. */
const AT_ONCE = 500;

/**
 * Job: tells once more of alerts that fire, that nobody has acknowledged, and whose monitor wants them repeated; and
 * at last of those that were muted or silenced when they began. Each is its own transaction under the locks that the
 * evaluation takes, and looked at again there: run twice, it tells once.
 */
export async function remindAlerts(ctx: Pick<Context, 'db' | 'now' | 'newId'>): Promise<void> {
  for (const due of await listToRemind(ctx.db, ctx.now(), AT_ONCE)) {
    await transact(ctx.db, async (tx) => {
      const monitorId = await findEpisodeMonitor(tx, due.projectId, due.id);
      if (monitorId === null) return;
      await lockMonitor(tx, monitorId);
      const known = await findEpisode(tx, due.projectId, due.id);
      const episode = known === null ? null : await lockLivingEpisode(tx, known.fingerprint);
      if (episode?.id !== due.id || episode.state !== 'firing' || episode.acknowledgedAt !== null) return;
      const { heldSince, notifiedAt, repeatSeconds } = episode;
      const next = repeatSeconds === null ? null : (notifiedAt?.getTime() ?? 0) + repeatSeconds * 1000;
      if (heldSince === null && (next === null || next > ctx.now().getTime())) return;
      const reason = heldSince === null ? 'repeated' : 'no_longer_held_back';
      await tellAlert(tx, ctx, { episode, telling: { type: 'alert.firing', reason } });
    });
  }
}
