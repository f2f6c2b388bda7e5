import type { z } from 'zod';
import type { selectRequest } from '../../../schemas/wire/predictions.ts';
import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { enqueue } from '../../store/jobs.ts';
import { transact } from '../../store/postgres/db.ts';
import { findNewestBatch } from '../../store/retraining.ts';
import { findSelection, insertSelection, type SelectionRow } from '../../store/selections.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { once } from '../access/once.ts';
import { checkPath } from '../dataset/dataset-path.ts';
import { checkTag } from '../dataset/ref.ts';
import { resolveModel } from '../model/resolve.ts';
import { readSelection } from './selection.ts';

/** What a selection is to become, as it crosses a border and as it is kept. */
export type SelectionRequest = z.output<typeof selectRequest>;

/**
 * Has logged predictions made a version of a dataset, by a worker: those that were accepted until now, joined with the
 * labels there are when it is made.
 * @throws TidemarkError `not-found`, `invalid-body` for a condition that cannot be read, `bad-path`,
 * `idempotency-key-reused`.
 */
export async function selectPredictions(
  ctx: Pick<Context, 'db' | 'newId'>,
  actor: Actor,
  given: { readonly model: string; readonly request: SelectionRequest; readonly idempotencyKey: string | undefined },
): Promise<SelectionRow> {
  requireScope(actor, 'logs:read');
  requireScope(actor, 'data:write');
  const { projectId, author } = actor;
  const { request } = given;
  const model = await resolveModel(ctx.db, projectId, given.model);
  readSelection(request.selection);
  if (request.path !== undefined) checkPath(request.path);
  if (request.tag !== undefined) checkTag(request.tag);
  const asked = {
    projectId,
    key: given.idempotencyKey,
    route: 'select-predictions',
    content: [model.name, JSON.stringify(request)],
  };
  const id = await transact(ctx.db, (tx) =>
    once<string, { readonly id: string }>(tx, asked, {
      make: async () => {
        const throughBatch = await findNewestBatch(tx, model.id);
        const row = { id: ctx.newId('sel'), projectId, modelId: model.id, author, request, throughBatch };
        const made = await insertSelection(tx, { ...row, state: 'waiting' });
        await enqueue(tx, {
          name: 'derive-selection',
          key: `selection:${made.id}`,
          payload: { selectionId: made.id },
        });
        return made.id;
      },
      keep: (made) => ({ status: 202, answer: { id: made } }),
      recall: (kept) => Promise.resolve(kept.id),
    }),
  );
  return readSelected(ctx, actor, { model: given.model, id });
}

/** @throws TidemarkError `not-found`. */
export async function readSelected(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: { readonly model: string; readonly id: string },
): Promise<SelectionRow> {
  requireScope(actor, 'logs:read');
  const model = await resolveModel(ctx.db, actor.projectId, given.model);
  const found = await findSelection(ctx.db, actor.projectId, given.id);
  if (found !== null && found.modelId === model.id) return found;
  throw new TidemarkError('not-found', `The model "${model.name}" has no selection "${given.id.slice(0, 60)}".`);
}
