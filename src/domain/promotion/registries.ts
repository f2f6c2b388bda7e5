import { createHash } from 'node:crypto';
import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { lockProject } from '../../store/access/access.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import {
  countRegistries,
  deleteRegistry,
  findRegistryById,
  insertRegistry,
  listRegistries,
  listRegistryEvents,
  lockRegistry,
  type NamedRegistryEvent,
  type RegistryRow,
} from '../../store/retraining/registries.ts';
import { SECRET_BYTES, writeSecret } from '../../webhook/sign.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { once } from '../access/once.ts';

const MAX_REGISTRIES = 20;

/** The alias that means "in service" unless another one is named. */
const IN_SERVICE = 'champion';

export type NewRegistry = {
  readonly kind: RegistryRow['kind'];
  readonly alias?: string | undefined;
  readonly versionPrefix?: string | undefined;
  /** Names of models there → names here, where they differ. */
  readonly models?: Readonly<Record<string, string>> | undefined;
  readonly secret?: string | undefined;
  readonly idempotencyKey?: string | undefined;
};

export type IssuedRegistry = { readonly registry: RegistryRow; readonly secret: string };

type Issuing = Pick<Context, 'db' | 'newId' | 'randomBytes' | 'secrets'>;

/**
 * Registers a model registry whose alias promotes. The answer is the only time that the secret is shown, unless the
 * request is repeated under its idempotency key.
 * @throws TidemarkError `conflict` when there are too many, `idempotency-key-reused`, `gone` for a repetition after it
 * was deleted.
 */
export async function createRegistry(ctx: Issuing, actor: Actor, given: NewRegistry): Promise<IssuedRegistry> {
  requireScope(actor, 'retraining:write');
  const { idempotencyKey: key, ...wanted } = given;
  const { projectId } = actor;
  // The secret is not among what is kept of the request, which stands in the database as it is.
  const content = [createHash('sha256').update(JSON.stringify(wanted)).digest('hex')];
  return transact(ctx.db, (tx) =>
    once<IssuedRegistry, { registry: string }>(
      tx,
      { projectId, key, route: 'registry', content },
      {
        make: () => issue(tx, ctx, { actor, given }),
        keep: ({ registry }) => ({ status: 201, answer: { registry: registry.id } }),
        recall: async (kept) => {
          const registry = await findRegistryById(tx, kept.registry);
          if (registry === null) {
            const detail = `The registry that this idempotency key made (${kept.registry}) was deleted; take a new key.`;
            throw new TidemarkError('gone', detail);
          }
          return { registry, secret: secretOf(ctx, registry) };
        },
      },
    ),
  );
}

async function issue(
  tx: Db,
  ctx: Issuing,
  { actor, given }: { actor: Actor; given: NewRegistry },
): Promise<IssuedRegistry> {
  const { projectId } = actor;
  await lockProject(tx, projectId);
  if ((await countRegistries(tx, projectId)) >= MAX_REGISTRIES) {
    throw new TidemarkError('conflict', `A project has at most ${MAX_REGISTRIES} registries; delete one first.`);
  }
  const id = ctx.newId('reg');
  const secret = given.secret ?? writeSecret(ctx.randomBytes(SECRET_BYTES));
  const registry = await insertRegistry(tx, {
    id,
    projectId,
    kind: given.kind,
    alias: given.alias ?? IN_SERVICE,
    versionPrefix: given.versionPrefix ?? '',
    models: given.models ?? {},
    secret: ctx.secrets.seal(Buffer.from(secret), sealContext({ projectId, id })),
  });
  return { registry, secret };
}

/** What a registry signs with. */
export const secretOf = (ctx: Pick<Context, 'secrets'>, registry: RegistryRow): string =>
  Buffer.from(ctx.secrets.open(registry.secret, sealContext(registry))).toString();

/** So that a sealed secret opens in no other place. */
const sealContext = ({ projectId, id }: Pick<RegistryRow, 'projectId' | 'id'>): string => `registry/${projectId}/${id}`;

/** Where a registry's webhook is to be sent. */
export const registryUrl = (ctx: Pick<Context, 'publicUrl'>, { id }: Pick<RegistryRow, 'id'>): string =>
  `${ctx.publicUrl()}/v1/registries/${id}/events`;

/** The registries of the actor's project, oldest first. */
export async function readRegistries(ctx: Pick<Context, 'db'>, actor: Actor): Promise<RegistryRow[]> {
  requireScope(actor, 'retraining:read');
  return listRegistries(ctx.db, actor.projectId);
}

/** @throws TidemarkError `not-found`. */
export async function readRegistry(ctx: Pick<Context, 'db'>, actor: Actor, id: string): Promise<RegistryRow> {
  requireScope(actor, 'retraining:read');
  return requireRegistry(ctx.db, actor, id);
}

/** Removes a registry with what it has said; promotions stay. Repeating it is `not-found`. */
export async function removeRegistry(ctx: Pick<Context, 'db'>, actor: Actor, id: string): Promise<void> {
  requireScope(actor, 'retraining:write');
  await transact(ctx.db, async (tx) => {
    await requireRegistry(tx, actor, id);
    await lockRegistry(tx, id);
    await deleteRegistry(tx, id);
  });
}

/** What a registry has said, newest first, from the one before the id `before`; null begins with the newest. */
export async function readRegistryEvents(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  asked: { readonly registry: string; readonly limit: number; readonly before: number | null },
): Promise<{ items: NamedRegistryEvent[]; next: number | null }> {
  requireScope(actor, 'retraining:read');
  const { registry, limit, before } = asked;
  await requireRegistry(ctx.db, actor, registry);
  const rows = await listRegistryEvents(ctx.db, registry, { before, limit: limit + 1 });
  const items = rows.slice(0, limit);
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}

async function requireRegistry(db: Db, actor: Actor, id: string): Promise<RegistryRow> {
  const registry = await findRegistryById(db, id);
  if (registry?.projectId === actor.projectId) return registry;
  throw new TidemarkError('not-found', `There is no registry "${id.slice(0, 60)}" in this project.`);
}
