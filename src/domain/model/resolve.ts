import { TidemarkError } from '../../errors.ts';
import { findLoggedModel, findModel, type LoggedModel, listModels, type ModelRow } from '../../store/monitor/models.ts';
import type { Db } from '../../store/postgres/db.ts';

/** The model of that name in the project. @throws TidemarkError `not-found`, naming the models there are. */
export async function resolveModel(db: Db, projectId: number, name: string): Promise<ModelRow> {
  return (await findModel(db, projectId, name)) ?? (await noModel(db, projectId, name));
}

/** As `resolveModel`, with what each batch of rows asks for. */
export async function resolveLoggedModel(db: Db, projectId: number, name: string): Promise<LoggedModel> {
  return (await findLoggedModel(db, projectId, name)) ?? (await noModel(db, projectId, name));
}

async function noModel(db: Db, projectId: number, name: string): Promise<never> {
  const known = (await listModels(db, projectId)).map((row) => row.model.name);
  const hint =
    known.length === 0
      ? 'this project has none; make it with POST /v1/models'
      : `known here: ${known.slice(0, 10).join(', ')}${known.length > 10 ? ', …' : ''}`;
  throw new TidemarkError('not-found', `There is no model "${name.slice(0, 100)}": ${hint}.`);
}
