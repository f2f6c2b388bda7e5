import type { z } from 'zod';
import type { monitorPut } from '../../../schemas/wire/monitors.ts';
import type { Context } from '../../context.ts';
import { type MonitorRow, presentRevision } from '../../store/monitor/monitors.ts';
import type { Actor } from '../access/actor.ts';
import { configOf } from '../configuration/config.ts';
import { enable, fromNowOn, lockForChange, requireSameWindows } from './change.ts';
import { carryOut, holdPlanned, insertPlanned, isSame, type Plan, planMonitor } from './create.ts';
import { findNamed, type LintedMonitor, type MonitorName, readLinted } from './read.ts';
import { reviseFrom } from './revise.ts';

export type PutRequest = MonitorName & {
  readonly wanted: z.output<typeof monitorPut>;
  /** The revision that the change was made on; another one in force refuses it. */
  readonly onRevision?: number | undefined;
};

/**
 * Makes a monitor what is asked for: a new one, or from its watermark on a new revision of the one that there is, also in
 * the place of what is scheduled. What is not said has its standard, so that the same request leaves the same monitor,
 * and one that is so already as it is.
 * @throws TidemarkError as making and changing one does.
 */
export async function putMonitor(
  ctx: Pick<Context, 'db' | 'config'>,
  actor: Actor,
  given: PutRequest,
): Promise<LintedMonitor & { created: boolean }> {
  const { enabled, reason, ...asked } = given.wanted;
  const planned = async () => [await planMonitor(ctx, actor, { ...asked, model: given.model, name: given.monitor })];
  const [created = false] = await carryOut(ctx.db, planned, async (tx, plan) => {
    const made = await insertPlanned(tx, actor, plan);
    const { id } = made ?? (await findNamed(tx, actor.projectId, given.model, given.monitor));
    const locked = await lockForChange(tx, id, given.onRevision);
    if (made === null) await revise(tx, { actor, plan, locked, reason });
    await enable(tx, locked, enabled ?? true);
    return made !== null;
  });
  const monitor = await findNamed(ctx.db, actor.projectId, given.model, given.monitor);
  return { ...(await readLinted(ctx.db, monitor)), created };
}

async function revise(
  tx: Parameters<typeof fromNowOn>[0],
  given: { actor: Actor; plan: Plan; locked: MonitorRow; reason: string | undefined },
): Promise<void> {
  const { actor, plan, locked, reason = 'put' } = given;
  requireSameWindows(configOf(await presentRevision(tx, locked.id)), plan.config);
  await holdPlanned(tx, plan);
  await reviseFrom(tx, {
    ...{ monitorId: locked.id, effectiveFrom: await fromNowOn(tx, locked), author: actor.author, reason },
    change: async (before) => (isSame(before, plan) ? null : { config: plan.config, version: plan.version }),
  });
}
