import type { Context } from '../../context.ts';
import type { ModelRow } from '../../store/monitor/models.ts';
import type { Db } from '../../store/postgres/db.ts';
import {
  findVersionByName,
  hasMovedLater,
  type RegistryOutcome,
  type RegistryRow,
} from '../../store/retraining/registries.ts';
import { putInService } from './put-in-service.ts';

type Setting = Pick<Context, 'now' | 'newId' | 'publicUrl'>;

export type AliasSet = {
  readonly registry: RegistryRow;
  readonly model: ModelRow;
  /** The name, here, of the version that has the alias now. */
  readonly version: string;
  readonly movedAt: Date;
};

/** Puts the version that has got the alias into service, in the caller's transaction, which holds the registry's lock. */
export async function aliasSet(tx: Db, ctx: Setting, told: AliasSet): Promise<RegistryOutcome> {
  const { registry, model } = told;
  if (await hasMovedLater(tx, { registryId: registry.id, modelId: model.id, movedAt: told.movedAt })) {
    return plain('superseded', 'The alias has been moved again since.');
  }
  const version = await findVersionByName(tx, model.id, told.version);
  if (version === null) return plain('waiting', unknownVersion(told));
  const author = `${registry.kind}:${registry.id}`;
  const reason = `The alias "${registry.alias}" was set to version ${version.name} of "${model.name}".`;
  const { kind, run } = await putInService(tx, ctx, { model, version, author, reason });
  const detail = kind === 'unchanged' ? `${version.name} is in service already.` : reason;
  return { outcome: kind === 'switched' ? 'promoted' : kind, detail, modelVersionId: version.id, runId: run };
}

const plain = (outcome: RegistryOutcome['outcome'], detail: string): RegistryOutcome => ({
  outcome,
  detail,
  modelVersionId: null,
  runId: null,
});

const unknownVersion = ({ model, version }: AliasSet): string =>
  `The model "${model.name}" has no version "${version}" here yet; for a day it is waited for. Report it as the name of ` +
  'the model version that a run has made, or register it with POST /v1/models/{model}/versions.';
