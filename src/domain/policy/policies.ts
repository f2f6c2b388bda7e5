import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import type { PolicyConfig, policyChange, policyRequest } from '../../../schemas/wire/policies.ts';
import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { holdMonitor, presentRevision } from '../../store/monitor/monitors.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import {
  findPolicy,
  insertPolicy,
  listPolicies,
  lockPolicy,
  type NamedPolicy,
  updatePolicy,
} from '../../store/retraining/policies.ts';
import { type CauseRow, type CauseState, listCauses } from '../../store/retraining/run-causes.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { configOf as monitorConfigOf } from '../configuration/config.ts';
import { findNamed } from '../monitor/read.ts';
import { type Cursor, cursorOf, presentCursor } from './causes.ts';
import { configFrom, configOf } from './policy.ts';

/**
 * Makes a retraining policy. Repeating it answers with the one that exists.
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
  await refuseOneVersion(ctx.db, monitor.id);
  refuseOwnData(config, model);
  const now = ctx.now();
  const at = { projectId: actor.projectId, modelId: monitor.modelId };
  const row = await transact(ctx.db, async (tx) => {
    await holdLiving(tx, monitor.id);
    return insertPolicy(tx, {
      id: ctx.newId('pol'),
      projectId: actor.projectId,
      modelId: monitor.modelId,
      monitorId: monitor.id,
      name,
      enabled: 'on',
      config,
      cursor: await presentCursor(tx, at, { config, now }),
      createdAt: now,
    });
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

/**
 * Changes a policy: what is not named stays. Runs that are under way go on as they began. What came while it was off, or
 * before it waited for it, is no cause.
 * @throws TidemarkError `not-found`, `invalid-body`.
 */
export async function changePolicy(
  ctx: Pick<Context, 'db' | 'now'>,
  actor: Actor,
  given: { name: string; change: z.infer<typeof policyChange> },
): Promise<NamedPolicy> {
  requireScope(actor, 'retraining:write');
  const { enabled: switched, ...wish } = given.change;
  await transact(ctx.db, async (tx) => {
    const named = await requirePolicy(tx, actor, given.name);
    if (switched === true) await holdLiving(tx, named.monitorId);
    const policy = await lockPolicy(tx, named.id);
    if (policy === null) throw new Error(`policy ${named.id} vanished`);
    const before = configOf(policy);
    const config = configFrom(wish, before);
    refuseOwnData(config, named.model);
    const enabled = switched === undefined ? policy.enabled : switched ? 'on' : 'off';
    const present = await presentCursor(tx, policy, { config, now: ctx.now() });
    const anew = enabled === 'on' && policy.enabled === 'off';
    const cursor = anew ? present : { ...(cursorOf(policy) ?? present), ...changedCursor(before, config, present) };
    await updatePolicy(tx, policy.id, { enabled, config, cursor });
  });
  return requirePolicy(ctx.db, actor, given.name);
}

/**
 * A monitor that a policy starts from is not deleted, and none starts from one that is. It is held before the policy, as
 * by its alerts.
 * @throws TidemarkError `not-found`.
 */
async function holdLiving(tx: Db, monitorId: number): Promise<void> {
  if ((await holdMonitor(tx, monitorId))?.deletedAt === null) return;
  throw new TidemarkError('not-found', 'The monitor of the policy was deleted.');
}

/** The members of the present that a changed configuration begins to look from. */
function changedCursor(before: PolicyConfig, after: PolicyConfig, present: Cursor): Partial<Cursor> {
  const same = (a: unknown, b: unknown): boolean => isDeepStrictEqual(a, b);
  const { schedule, version, tag, labels } = present;
  return {
    ...(!same([before.schedule, before.zone], [after.schedule, after.zone]) && { schedule }),
    ...(!same(before.new_data, after.new_data) && { version, tag }),
    ...(!same(before.new_labelled_rows, after.new_labelled_rows) && { labels }),
  };
}

/** A promotion moves the reference of the policy's monitor, and the rows of the new version must be among those it judges. */
async function refuseOneVersion(db: Db, monitorId: number): Promise<void> {
  const { model_version: version } = monitorConfigOf(await presentRevision(db, monitorId));
  if (version === undefined) return;
  const detail = `judges the rows of version "${version}" alone, which is over once another is promoted; name a monitor of all rows`;
  const issues = [{ code: 'not-together', pointer: '/monitor', detail }];
  throw new TidemarkError('invalid-body', `The body at /monitor: ${detail}.`, { issues });
}

/** Each run makes a version of that dataset: the policy would start itself for ever. */
function refuseOwnData(config: PolicyConfig, model: string): void {
  const own = [`${model}-retraining`, `${model}-evaluation`];
  if (config.new_data === null || !own.includes(config.new_data.dataset)) return;
  const detail = 'must be another dataset: every run makes a version of this one';
  throw new TidemarkError('invalid-body', `The body at /new_data/dataset: ${detail}.`, {
    issues: [{ code: 'own-data', pointer: '/new_data/dataset', detail }],
  });
}

/** What asked for runs of a policy and what became of each, newest first. @throws TidemarkError `not-found`. */
export async function readCauses(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  asked: { policy: string; state?: CauseState | undefined; limit: number; cursor?: string | undefined },
): Promise<{ items: CauseRow[]; next: string | null }> {
  requireScope(actor, 'retraining:read');
  const policy = await requirePolicy(ctx.db, actor, asked.policy);
  const page = { state: asked.state, before: asked.cursor, limit: asked.limit + 1 };
  const rows = await listCauses(ctx.db, policy.id, page);
  const items = rows.slice(0, asked.limit);
  return { items, next: rows.length > asked.limit ? (items.at(-1)?.id ?? null) : null };
}

/** @throws TidemarkError `not-found`, naming the policies there are. */
export async function requirePolicy(db: Db, actor: Actor, name: string): Promise<NamedPolicy> {
  const policy = await findPolicy(db, actor.projectId, name);
  if (policy !== null) return policy;
  const known = (await listPolicies(db, actor.projectId)).slice(0, 10).map((row) => row.name);
  const hint = known.length === 0 ? 'this project has none yet' : `known: ${known.join(', ')}`;
  throw new TidemarkError('not-found', `There is no policy "${name.slice(0, 100)}" (${hint}).`);
}
