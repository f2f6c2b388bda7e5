import { TidemarkError } from '../../errors.ts';
import { findModel, listModels, type ModelRow } from '../../store/models.ts';
import type { Db } from '../../store/postgres/db.ts';

/** The model of that name in the project. @throws TidemarkError `not-found`, naming the models there are. */
export async function resolveModel(db: Db, projectId: number, name: string): Promise<ModelRow> {
  const model = await findModel(db, projectId, name);
  if (model !== null) return model;
  const known = (await listModels(db, projectId)).map((row) => row.model.name);
  const hint =
    known.length === 0
      ? 'this project has none; make it with POST /v1/models'
      : `known here: ${known.slice(0, 10).join(', ')}${known.length > 10 ? ', …' : ''}`;
  throw new TidemarkError('not-found', `There is no model "${name.slice(0, 100)}": ${hint}.`);
}
