import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { listLivingEpisodes } from '../../store/alert/alerts.ts';
import { listComparedWith, lockMonitor, markDeleted, type NamedMonitor } from '../../store/monitor/monitors.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import { lockPolicies } from '../../store/retraining/policies.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { findNamed, type MonitorName } from '../monitor/read.ts';
import { moveEpisode } from './transition.ts';

/**
 * Takes a monitor away: it judges nothing any more and its name is free. Its reports stay, can be read and replayed by
 * their ids, and keep what they were computed from.
 * @throws TidemarkError `not-found`; `conflict` while an alert of it is open, an enabled policy starts from it, or another
 * monitor is compared with its windows, naming those.
 */
export async function deleteMonitor(
  ctx: Pick<Context, 'db' | 'now' | 'newId'>,
  actor: Actor,
  given: MonitorName,
): Promise<void> {
  requireScope(actor, 'monitors:write');
  const monitor = await findNamed(ctx.db, actor.projectId, given.model, given.monitor);
  await transact(ctx.db, async (tx) => {
    // Somebody else was faster: it is gone, as was wanted.
    if ((await lockMonitor(tx, monitor.id))?.deletedAt !== null) return;
    await requireUnused(tx, monitor);
    const living = await listLivingEpisodes(tx, monitor.id);
    const open = living.filter(({ firedAt }) => firedAt !== null).map(({ id }) => id);
    if (open.length > 0) throw conflict(monitor, `alerts of it are open: ${open.join(', ')}; resolve them first`);
    for (const episode of living) {
      // Nobody was told of it yet.
      const move = { from: episode.state, to: 'resolved', reason: 'monitor_deleted', author: actor.author } as const;
      await moveEpisode(tx, ctx, { episode, move });
    }
    await markDeleted(tx, monitor.id, ctx.now());
  });
}

async function requireUnused(tx: Db, monitor: NamedMonitor): Promise<void> {
  const policies = (await lockPolicies(tx, monitor.id)).map(({ name }) => name);
  if (policies.length > 0) {
    throw conflict(monitor, `policies start retraining from it: ${policies.join(', ')}; switch them off first`);
  }
  const others = await listComparedWith(tx, monitor);
  if (others.length > 0) {
    throw conflict(monitor, `other monitors are compared with its windows: ${others.join(', ')}; change those first`);
  }
}

const conflict = ({ name }: NamedMonitor, why: string): TidemarkError =>
  new TidemarkError('conflict', `The monitor "${name}" cannot be deleted: ${why}.`);
