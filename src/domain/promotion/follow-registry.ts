import { createHash } from 'node:crypto';
import type { RegistryNotice } from '../../../schemas/wire/registries.ts';
import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { enqueue } from '../../store/jobs/jobs.ts';
import { findModel } from '../../store/monitor/models.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import {
  findDelivery,
  findRegistryById,
  insertRegistryEvent,
  lockRegistry,
  type NamedRegistryEvent,
  type RegistryRow,
} from '../../store/retraining/registries.ts';
import { isSignedBy, isTimely, type SignedDelivery, TOLERANCE_SECONDS } from '../../webhook/mlflow-signature.ts';
import { refuseInDeleted } from '../access/deleted-project.ts';
import { aliasSet } from './alias-set.ts';
import { FIRST_LOOK } from './await-version.ts';
import { secretOf } from './registries.ts';

/** A delivery as it came; null where a header is missing. */
export type RegistryDelivery = {
  readonly [K in keyof SignedDelivery]: SignedDelivery[K] | null;
} & { readonly registry: string; readonly signature: string | null; readonly body: string };

const DELIVERY_ID = /^[\x21-\x7e]{1,200}$/;

/**
 * Whether a delivery is a registry's own, sent now.
 * @throws TidemarkError `unauthenticated`; which registries there are is not told.
 */
export async function checkDelivery(
  ctx: Pick<Context, 'db' | 'now' | 'secrets'>,
  delivery: RegistryDelivery,
): Promise<void> {
  const { id, timestamp, signature, body } = delivery;
  if (id === null || !DELIVERY_ID.test(id) || timestamp === null || signature === null) {
    throw new TidemarkError(
      'unauthenticated',
      'The delivery is not signed: X-MLflow-Delivery-Id, X-MLflow-Timestamp and X-MLflow-Signature are all needed. Give the webhook a secret.',
    );
  }
  if (!isTimely(timestamp, ctx.now())) {
    throw new TidemarkError(
      'unauthenticated',
      `X-MLflow-Timestamp must be Unix seconds within ${TOLERANCE_SECONDS / 60} minutes of this service's clock.`,
    );
  }
  const registry = await findRegistryById(ctx.db, delivery.registry);
  if (registry !== null && isSignedBy(secretOf(ctx, registry), { id, timestamp, body }, signature)) return;
  throw new TidemarkError('unauthenticated', 'The signature is not one of this registry.');
}

export type Taken = {
  readonly outcome: NamedRegistryEvent['outcome'] | 'ignored';
  readonly detail: string;
  readonly event: NamedRegistryEvent | null;
};

type Following = Pick<Context, 'db' | 'now' | 'newId' | 'publicUrl'>;

/**
 * Takes what a registry says, once for each of its delivery ids: a version that has got the alias goes into service. A
 * version that is not known yet is waited for, since a pipeline may move the alias before it reports.
 * @throws TidemarkError `unauthenticated` when the registry was deleted meanwhile, `idempotency-key-reused` for a
 * delivery id that came before with something else, `gone` where the project was deleted.
 */
export async function followRegistry(
  ctx: Following,
  given: { readonly registry: string; readonly id: string; readonly body: string; readonly notice: RegistryNotice },
): Promise<Taken> {
  return transact(ctx.db, async (tx) => {
    const registry = await lockRegistry(tx, given.registry);
    if (registry === null) throw new TidemarkError('unauthenticated', 'The signature is not one of this registry.');
    const bodySha256 = createHash('sha256').update(given.body).digest('hex');
    await refuseInDeleted(tx, registry.projectId);
    const first = await findDelivery(tx, registry.id, given.id);
    if (first !== null && first.bodySha256 !== bodySha256) {
      throw new TidemarkError('idempotency-key-reused', 'The delivery id came before with another body.');
    }
    if (first !== null) return { outcome: first.outcome, detail: first.detail, event: first };
    const move = moveIn(registry, given.notice);
    if (typeof move === 'string') return { outcome: 'ignored', detail: move, event: null };
    const model = await findModel(tx, registry.projectId, move.model);
    if (model === null) return ignored(`There is no model "${move.model.slice(0, 100)}" in this project.`);
    const told = { registry, model, version: move.version, movedAt: new Date(given.notice.timestamp) };
    const outcome = await aliasSet(tx, ctx, told);
    const event = await insertRegistryEvent(tx, {
      registryId: registry.id,
      deliveryId: given.id,
      bodySha256,
      at: ctx.now(),
      movedAt: told.movedAt,
      modelId: model.id,
      version: move.version,
      ...outcome,
    });
    if (event.outcome === 'waiting') await lookAgain(tx, event.id);
    return { outcome: event.outcome, detail: event.detail, event: { ...event, model: model.name } };
  });
}

/** Has a version that is not known yet looked for. */
function lookAgain(tx: Db, eventId: number): Promise<void> {
  return enqueue(tx, {
    name: 'await-version',
    key: `registry-event:${eventId}`,
    payload: { eventId },
    delaySeconds: FIRST_LOOK,
  });
}

const ignored = (detail: string): Taken => ({ outcome: 'ignored', detail, event: null });

type Move = { readonly model: string; readonly version: string };

/** Which version has got the alias, by the names that both have here; else why the notice says nothing of that. */
function moveIn(registry: RegistryRow, { entity, action, data }: RegistryNotice): Move | string {
  if (entity !== 'model_version_alias' || action !== 'created') return `${entity} ${action} promotes nothing.`;
  const { name, alias, version } = data;
  if (alias !== registry.alias) return `The alias that promotes is "${registry.alias}".`;
  if (name === undefined || version === undefined) return 'It names no version of a model.';
  // Nothing but a parsed request writes the names.
  const names = registry.models as Readonly<Record<string, string>>;
  const model = Object.hasOwn(names, name) ? (names[name] ?? name) : name;
  return { model, version: `${registry.versionPrefix}${version}` };
}
