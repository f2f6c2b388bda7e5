import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { listModelVersions } from '../../store/monitor/models.ts';
import { transact } from '../../store/postgres/db.ts';
import { findVersionByName } from '../../store/retraining/registries.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { resolveModel } from '../model/resolve.ts';
import { putInService, type ServiceChange } from './put-in-service.ts';

type Promoting = Pick<Context, 'db' | 'now' | 'newId' | 'publicUrl'>;

export type VersionPromotion = {
  readonly model: string;
  readonly version: string;
  readonly reason?: string | undefined;
};

const KNOWN = 10;

/**
 * Puts a version of a model into service that was named by itself: one that was trained by hand, or that a run made and
 * could not report in time. Repeating it changes nothing.
 * @throws TidemarkError `not-found`, naming the versions that the model has.
 */
export async function promoteVersion(ctx: Promoting, actor: Actor, asked: VersionPromotion): Promise<ServiceChange> {
  requireScope(actor, 'retraining:write');
  const model = await resolveModel(ctx.db, actor.projectId, asked.model);
  return transact(ctx.db, async (tx) => {
    const version = await findVersionByName(tx, model.id, asked.version);
    if (version === null) {
      const names = (await listModelVersions(tx, model.id)).map(({ name }) => name);
      throw new TidemarkError('not-found', unknownVersion(asked, names));
    }
    const reason = asked.reason ?? `${actor.author} named it.`;
    return putInService(tx, ctx, { model, version, author: actor.author, reason });
  });
}

function unknownVersion({ model, version }: VersionPromotion, names: readonly string[]): string {
  const missing = `The model "${model}" has no version "${version.slice(0, 100)}"`;
  if (names.length === 0) return `${missing}: it has none; bind one with POST /v1/models/${model}/versions.`;
  return `${missing}: known are ${names.slice(-KNOWN).join(', ')}${names.length > KNOWN ? ' and earlier ones' : ''}.`;
}
