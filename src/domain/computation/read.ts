import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { type ComputationRow, findComputation } from '../../store/jobs/computations.ts';
import { findJob } from '../../store/jobs/jobs.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { JOB_OF, jobKey } from './begin.ts';

/**
 * A computation and how far it is. One whose job was set aside, because it failed again and again for reasons that are
 * not its own, has failed: asking for it once more tries again.
 * @throws TidemarkError `not-found`.
 */
export async function readComputation(ctx: Pick<Context, 'db'>, actor: Actor, id: string): Promise<ComputationRow> {
  requireScope(actor, 'data:read');
  const found = await findComputation(ctx.db, actor.projectId, id);
  if (found === null) {
    const detail = `There is no computation "${id.slice(0, 60)}" (any more): send the request that began it once more.`;
    throw new TidemarkError('not-found', detail);
  }
  if (found.state !== 'waiting') return found;
  const job = await findJob(ctx.db, JOB_OF[found.kind], jobKey(id));
  if (job?.state !== 'dead') return found;
  const message = 'It failed again and again and was set aside; ask for it once more.';
  return { ...found, state: 'failed', error: { code: 'internal', message } };
}
