import type { z } from 'zod';
import type { selectRequest } from '../../../schemas/wire/predictions.ts';
import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { findSelection, insertSelection, type SelectionRow } from '../../store/dataset/selections.ts';
import { enqueue, findJob } from '../../store/jobs/jobs.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import { findNewestBatch } from '../../store/retraining/retraining.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { once } from '../access/once.ts';
import { checkPath } from '../dataset/dataset-path.ts';
import { checkTag } from '../dataset/ref.ts';
import { resolveModel } from '../model/resolve.ts';
import { readSelection } from './selection.ts';

/** What a selection is to become, as it crosses a border and as it is kept. */
export type SelectionRequest = z.output<typeof selectRequest>;

/** The job that makes a selection. */
export const derivation = (selectionId: string) => ({
  name: 'derive-selection' as const,
  key: `selection:${selectionId}`,
  payload: { selectionId },
});

/**
 * Has logged predictions made a version of a dataset, by a worker: those that were accepted until now, joined with the
 * labels there are when it is made. One that was set aside is begun again when it is asked for under its key.
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
        await enqueue(tx, derivation(made.id));
        return made.id;
      },
      keep: (made) => ({ status: 202, answer: { id: made } }),
      recall: async (kept) => {
        if (await isSetAside(tx, kept.id)) await enqueue(tx, derivation(kept.id));
        return kept.id;
      },
    }),
  );
  return readSelected(ctx, actor, { model: given.model, id });
}

/**
 * A selection and what became of it. One whose job was set aside, because it failed again and again for reasons that are
 * not its own, has failed: asking for it once more tries again.
 * @throws TidemarkError `not-found`.
 */
export async function readSelected(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: { readonly model: string; readonly id: string },
): Promise<SelectionRow> {
  requireScope(actor, 'logs:read');
  const model = await resolveModel(ctx.db, actor.projectId, given.model);
  const found = await findSelection(ctx.db, actor.projectId, given.id);
  if (found === null || found.modelId !== model.id) {
    throw new TidemarkError('not-found', `The model "${model.name}" has no selection "${given.id.slice(0, 60)}".`);
  }
  if (found.state !== 'waiting' || !(await isSetAside(ctx.db, found.id))) return found;
  const message = 'It failed again and again and was set aside; ask for it once more.';
  return { ...found, state: 'failed', error: { code: 'internal', message } };
}

async function isSetAside(db: Db, id: string): Promise<boolean> {
  const { name, key } = derivation(id);
  return (await findJob(db, name, key))?.state === 'dead';
}
