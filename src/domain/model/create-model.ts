import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import {
  findModelVersionById,
  insertModel,
  listModels,
  type ModelRow,
  updateModel,
} from '../../store/monitor/models.ts';
import type { Db } from '../../store/postgres/db.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { differences, type ModelDescription } from './model.ts';
import { resolveModel } from './resolve.ts';

export type ModelWithVersion = { readonly model: ModelRow; readonly currentVersion: string | null };

/**
 * Makes a model; repeating it answers with the one that exists.
 * @throws TidemarkError `conflict` when the name is taken by a model that is described otherwise, `invalid-body`
 * for a positive label where the task is not binary.
 */
export async function createModel(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: ModelDescription,
): Promise<ModelWithVersion & { created: boolean }> {
  requireScope(actor, 'data:write');
  if (given.positiveLabel !== undefined && given.task !== 'binary') {
    const detail = 'only a binary task has a positive label; say "task": "binary"';
    throw new TidemarkError('invalid-body', `The body at /positive_label: ${detail}.`, {
      issues: [{ code: 'not-binary', pointer: '/positive_label', detail }],
    });
  }
  const made = await insertModel(ctx.db, {
    projectId: actor.projectId,
    name: given.name,
    task: given.task ?? 'other',
    positiveLabel: given.positiveLabel ?? null,
    description: given.description ?? '',
    strict: given.strict ?? false,
  });
  if (made !== null) return { model: made, currentVersion: null, created: true };
  const existing = await loadModel(ctx.db, actor.projectId, given.name);
  const differing = differences(existing.model, given);
  if (differing.length === 0) return { ...existing, created: false };
  throw new TidemarkError(
    'conflict',
    `A model "${given.name}" exists with another ${differing.join(' and ')}; choose another name.`,
    { details: { fields: differing } },
  );
}

/**
 * Changes what may change of a model: how it is described, and whether rows are refused whose values do not have the types
 * of the training data, which holds for what is logged from then on.
 * @throws TidemarkError `not-found`.
 */
export async function changeModel(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: { readonly model: string; readonly change: Pick<ModelDescription, 'description' | 'strict'> },
): Promise<ModelWithVersion> {
  requireScope(actor, 'data:write');
  const { id } = await resolveModel(ctx.db, actor.projectId, given.model);
  const { description, strict } = given.change;
  const change = { ...(description !== undefined && { description }), ...(strict !== undefined && { strict }) };
  if (Object.keys(change).length > 0) await updateModel(ctx.db, id, change);
  return loadModel(ctx.db, actor.projectId, given.model);
}

/** One model of the actor's project. @throws TidemarkError `not-found`. */
export async function readModel(ctx: Pick<Context, 'db'>, actor: Actor, name: string): Promise<ModelWithVersion> {
  requireScope(actor, 'data:read');
  return loadModel(ctx.db, actor.projectId, name);
}

async function loadModel(db: Db, projectId: number, name: string): Promise<ModelWithVersion> {
  const model = await resolveModel(db, projectId, name);
  const current = model.currentVersionId === null ? null : await findModelVersionById(db, model.currentVersionId);
  return { model, currentVersion: current?.name ?? null };
}

/** The models of the actor's project by name. */
export async function readModels(ctx: Pick<Context, 'db'>, actor: Actor): Promise<ModelWithVersion[]> {
  requireScope(actor, 'data:read');
  return listModels(ctx.db, actor.projectId);
}
