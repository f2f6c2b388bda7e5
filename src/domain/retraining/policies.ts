import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import type { policyRequest } from '../../../schemas/wire/retraining.ts';
import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import type { Db } from '../../store/db.ts';
import { findPolicy, insertPolicy, listPolicies, type NamedPolicy, setPolicyEnabled } from '../../store/retraining.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { findNamed } from '../monitor/read.ts';
import { configFrom, configOf } from './policy.ts';

/**
 * Makes a retraining policy on a monitor's alert. Repeating it answers with the one that exists.
 * @throws TidemarkError `not-found` for the model or monitor, `invalid-body`, `conflict` when the name stands for
 * another policy.
 */
export async function createPolicy(
  ctx: Pick<Context, 'db' | 'newId' | 'now'>,
  actor: Actor,
  request: z.infer<typeof policyRequest>,
): Promise<{ policy: NamedPolicy; created: boolean }> {
  requireScope(actor, 'retraining:write');
  const { name, model, monitor: monitorName, ...rest } = request;
  const monitor = await findNamed(ctx.db, actor.projectId, model, monitorName);
  const config = configFrom(rest);
  const row = await insertPolicy(ctx.db, {
    id: ctx.newId('pol'),
    projectId: actor.projectId,
    modelId: monitor.modelId,
    monitorId: monitor.id,
    name,
    enabled: 'on',
    config,
    createdAt: ctx.now(),
  });
  if (row !== null) return { policy: { ...row, model: monitor.model, monitor: monitor.name }, created: true };
  const existing = await requirePolicy(ctx.db, actor, name);
  if (existing.monitorId === monitor.id && isDeepStrictEqual(configOf(existing), config)) {
    return { policy: existing, created: false };
  }
  throw new TidemarkError('conflict', `The name "${name}" stands for another policy; choose another one.`);
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
