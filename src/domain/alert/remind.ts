import type { Context } from '../../context.ts';
import { findEpisode, findEpisodeMonitor, listToRemind, lockLivingEpisode } from '../../store/alert/alerts.ts';
import { listSilentMonitors } from '../../store/alert/trouble.ts';
import { enqueue } from '../../store/jobs/jobs.ts';
import { lockMonitor } from '../../store/monitor/monitors.ts';
import { transact } from '../../store/postgres/db.ts';
import { tellAlert } from './tell.ts';

const TOLD: ReadonlySet<string> = new Set(['firing', 'no_data', 'error']);

type Reminding = Pick<Context, 'db' | 'now' | 'newId'>;

/** Alerts that are read at a time. */
const AT_ONCE = 500;

/**
 * Job: tells once more of alerts that fire, that nobody has acknowledged, and whose monitor wants them repeated; and
 * at last of those that were muted or silenced when they began. Each is its own transaction under the locks that the
 * evaluation takes, and looked at again there: run twice, it tells once.
 */
export async function remindAlerts(ctx: Reminding): Promise<void> {
  let after = '';
  for (;;) {
    const page = await listToRemind(ctx.db, ctx.now(), { after, limit: AT_ONCE });
    for (const due of page) await remindOne(ctx, due);
    const last = page.at(-1);
    if (last === undefined || page.length < AT_ONCE) return;
    after = last.id;
  }
}

async function remindOne(ctx: Reminding, due: { readonly id: string; readonly projectId: number }): Promise<void> {
  await transact(ctx.db, async (tx) => {
    const monitorId = await findEpisodeMonitor(tx, due.projectId, due.id);
    if (monitorId === null) return;
    await lockMonitor(tx, monitorId);
    const known = await findEpisode(tx, due.projectId, due.id);
    const episode = known === null ? null : await lockLivingEpisode(tx, known.fingerprint);
    if (episode?.id !== due.id || !TOLD.has(episode.state) || episode.acknowledgedAt !== null) return;
    const { heldSince, notifiedAt, repeatSeconds } = episode;
    const next = repeatSeconds === null ? null : (notifiedAt?.getTime() ?? 0) + repeatSeconds * 1000;
    if (heldSince === null && (next === null || next > ctx.now().getTime())) return;
    const reason = heldSince === null ? 'repeated' : 'no_longer_held_back';
    await tellAlert(tx, ctx, { episode, telling: { type: 'alert.firing', reason } });
  });
}

/** Once a minute: has the monitors looked at for which no data has come, or has come again. */
export async function watchSilence(ctx: Pick<Context, 'db'>): Promise<void> {
  for (const monitorId of await listSilentMonitors(ctx.db)) {
    await enqueue(ctx.db, { name: 'evaluate-alert', key: `monitor:${monitorId}`, payload: { monitorId } });
  }
}
