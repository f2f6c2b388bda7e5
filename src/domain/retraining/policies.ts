import type { z } from 'zod';
import type { policyRequest } from '../../../schemas/wire/retraining.ts';
import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import type { Db } from '../../store/db.ts';
import { findPolicy, insertPolicy, listPolicies, type NamedPolicy, setPolicyEnabled } from '../../store/retraining.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { findNamed } from '../monitor/read.ts';
import { configFrom } from './policy.ts';

/**
 * Makes a retraining policy on a monitor's alert.
 * @throws TidemarkError `not-found` for the model or monitor, `invalid-body`, `conflict` when the name is taken.
 */
export async function createPolicy(
  ctx: Pick<Context, 'db' | 'newId' | 'now'>,
  actor: Actor,
  request: z.infer<typeof policyRequest>,
): Promise<NamedPolicy> {
  requireScope(actor, 'retraining:write');
  const { name, model, monitor: monitorName, ...rest } = request;
  const monitor = await findNamed(ctx.db, actor.projectId, model, monitorName);
  const row = await insertPolicy(ctx.db, {
    id: ctx.newId('pol'),
    projectId: actor.projectId,
    modelId: monitor.modelId,
    monitorId: monitor.id,
    name,
    enabled: 'on',
    config: configFrom(rest),
    createdAt: ctx.now(),
  });
  if (row === null) {
    throw new TidemarkError('conflict', `There is a policy "${name}" in this project; choose another name.`);
  }
  return { ...row, model: monitor.model, monitor: monitor.name };
}

/** The policies of the project by name. */
export async function readPolicies(ctx: Pick<Context, 'db'>, actor: Actor): Promise<NamedPolicy[]> {
  requireScope(actor, 'retraining:read');
  return listPolicies(ctx.db, actor.projectId);
}

/** @throws TidemarkError `not-found`. */
export async function readPolicy(ctx: Pick<Context, 'db'>, actor: Actor, name: string): Promise<NamedPolicy> {
  requireScope(actor, 'retraining:read');
  return requirePolicy(ctx.db, actor, name);
}

/** Switches a policy on or off. Runs that are under way go on. @throws TidemarkError `not-found`. */
export async function switchPolicy(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: { name: string; enabled: boolean },
): Promise<NamedPolicy> {
  requireScope(actor, 'retraining:write');
  const policy = await requirePolicy(ctx.db, actor, given.name);
  await setPolicyEnabled(ctx.db, policy.id, given.enabled);
  return { ...policy, enabled: given.enabled ? 'on' : 'off' };
}

/** @throws TidemarkError `not-found`, naming the policies there are. */
export async function requirePolicy(db: Db, actor: Actor, name: string): Promise<NamedPolicy> {
  const policy = await findPolicy(db, actor.projectId, name);
  if (policy !== null) return policy;
  const known = (await listPolicies(db, actor.projectId)).slice(0, 10).map((row) => row.name);
  const hint = known.length === 0 ? 'this project has none yet' : `known: ${known.join(', ')}`;
  throw new TidemarkError('not-found', `There is no policy "${name.slice(0, 100)}" (${hint}).`);
}
