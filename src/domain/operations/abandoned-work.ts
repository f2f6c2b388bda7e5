import type { Context } from '../../context.ts';
import { endLeases } from '../../store/jobs/jobs.ts';

/**
 * Hands out again what a killed process had in hand, without waiting for its leases. Only for a process that is
 * alone on its database.
 */
export async function takeAbandonedWork(ctx: Pick<Context, 'db' | 'log'>): Promise<void> {
  const held = await endLeases(ctx.db);
  if (held > 0) ctx.log.info({ jobs: held }, 'took over jobs that an earlier process did not finish');
}
