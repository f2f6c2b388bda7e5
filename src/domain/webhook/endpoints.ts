import type { EventType } from '../../../schemas/wire/events.ts';
import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { type Db, transact } from '../../store/db.ts';
import {
  countEndpoints,
  countMessagesSince,
  deleteEndpoint,
  type EndpointChange,
  type EndpointRow,
  findEndpoint,
  insertEndpoint,
  listEndpoints,
  lockEndpoint,
  updateEndpoint,
} from '../../store/webhooks.ts';
import { SECRET_BYTES, writeSecret } from '../../webhook/sign.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { once } from '../access/once.ts';
import { sealContext } from './endpoint.ts';
import { publishEvent } from './publish.ts';

const MAX_ENDPOINTS = 100;
const TESTS_A_MINUTE = 10;

export type NewEndpoint = {
  readonly url: string;
  readonly description?: string | undefined;
  /** Types it wants; empty or absent: all. */
  readonly events?: readonly EventType[] | undefined;
  readonly idempotencyKey?: string | undefined;
};

type Issued = { readonly endpoint: EndpointRow; readonly secret: string };
type Issuing = Pick<Context, 'db' | 'newId' | 'randomBytes' | 'secrets' | 'send' | 'publicUrl'>;

/**
 * Registers a receiver. The answer is the only time that its secret is shown, unless the request is repeated under
 * its idempotency key.
 * @throws TidemarkError `blocked-address` or `invalid-body` for a URL that may not be called,
 * `idempotency-key-reused`, `gone` for a repetition after the receiver was deleted.
 */
export async function createEndpoint(ctx: Issuing, actor: Actor, given: NewEndpoint): Promise<Issued> {
  requireScope(actor, 'webhooks:write');
  await ctx.send.inspect(given.url);
  if (new URL(given.url).host === new URL(ctx.publicUrl()).host) throw callsItself();
  const request = {
    projectId: actor.projectId,
    key: given.idempotencyKey,
    route: 'webhook',
    content: [given.url, given.description ?? '', ...(given.events ?? [])],
  };
  return transact(ctx.db, (tx) =>
    once<Issued, KeptEndpoint>(tx, request, {
      make: () => issueEndpoint(tx, ctx, { actor, given }),
      keep: ({ endpoint }) => ({ status: 201, answer: { endpoint: endpoint.id } }),
      recall: (kept) => recallEndpoint(tx, ctx, { actor, id: kept.endpoint }),
    }),
  );
}

/** The secret is not among it: it is kept sealed with the endpoint alone. */
type KeptEndpoint = { readonly endpoint: string };

async function issueEndpoint(
  tx: Db,
  ctx: Issuing,
  { actor, given }: { actor: Actor; given: NewEndpoint },
): Promise<Issued> {
  if ((await countEndpoints(tx, actor.projectId)) >= MAX_ENDPOINTS) {
    throw new TidemarkError('conflict', `A project has at most ${MAX_ENDPOINTS} webhooks; delete one first.`);
  }
  const id = ctx.newId('ep');
  const bytes = ctx.randomBytes(SECRET_BYTES);
  const endpoint = await insertEndpoint(tx, {
    id,
    projectId: actor.projectId,
    url: new URL(given.url).href,
    description: given.description ?? '',
    events: [...new Set(given.events ?? [])],
    secret: ctx.secrets.seal(bytes, sealContext({ projectId: actor.projectId, id })),
    state: 'enabled',
  });
  return { endpoint, secret: writeSecret(bytes) };
}

async function recallEndpoint(
  tx: Db,
  ctx: Pick<Context, 'secrets'>,
  { actor, id }: { actor: Actor; id: string },
): Promise<Issued> {
  const endpoint = await findEndpoint(tx, actor.projectId, id);
  if (endpoint === null) {
    throw new TidemarkError('gone', `The webhook that this idempotency key made (${id}) was deleted.`);
  }
  const context = sealContext({ projectId: actor.projectId, id });
  return { endpoint, secret: writeSecret(ctx.secrets.open(endpoint.secret, context)) };
}

/** The receivers of the actor's project, oldest first. */
export async function readEndpoints(ctx: Pick<Context, 'db'>, actor: Actor): Promise<EndpointRow[]> {
  requireScope(actor, 'webhooks:read');
  return listEndpoints(ctx.db, actor.projectId);
}

/** @throws TidemarkError `not-found`. */
export async function readEndpoint(ctx: Pick<Context, 'db'>, actor: Actor, id: string): Promise<EndpointRow> {
  requireScope(actor, 'webhooks:read');
  return requireEndpoint(ctx.db, actor, id);
}

export type EndpointEdit = {
  readonly state?: EndpointRow['state'] | undefined;
  readonly description?: string | undefined;
  readonly events?: readonly EventType[] | undefined;
};

/** Changes what is named. Enabling forgets the failures; disabling leaves what is still to be sent to be discarded. */
export async function changeEndpoint(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  edit: EndpointEdit & { readonly id: string },
): Promise<EndpointRow> {
  requireScope(actor, 'webhooks:write');
  return transact(ctx.db, async (tx) => {
    const before = await requireEndpoint(tx, actor, edit.id);
    const after = await updateEndpoint(tx, before.id, {
      ...changeOf(edit),
      description: edit.description ?? before.description,
    });
    return after ?? before;
  });
}

function changeOf(edit: EndpointEdit): EndpointChange {
  const events = edit.events === undefined ? {} : { events: [...new Set(edit.events)] };
  if (edit.state === 'enabled') return { ...events, state: 'enabled', disabledReason: null, failingSince: null };
  if (edit.state === 'disabled') return { ...events, state: 'disabled', disabledReason: 'Switched off by hand.' };
  return events;
}

/** Removes a receiver with the record of its deliveries. Repeating it is `not-found`. */
export async function removeEndpoint(ctx: Pick<Context, 'db'>, actor: Actor, id: string): Promise<void> {
  requireScope(actor, 'webhooks:write');
  await transact(ctx.db, async (tx) => {
    await requireEndpoint(tx, actor, id);
    await lockEndpoint(tx, id);
    await deleteEndpoint(tx, id);
  });
}

/**
 * Sends a `webhook.test` by the very path that every message takes.
 * @returns the message's id.
 * @throws TidemarkError `too-many-requests`, `conflict` for a disabled endpoint.
 */
export async function testEndpoint(
  ctx: Pick<Context, 'db' | 'now' | 'newId'>,
  actor: Actor,
  id: string,
): Promise<string> {
  requireScope(actor, 'webhooks:write');
  return transact(ctx.db, async (tx) => {
    await requireEndpoint(tx, actor, id);
    const endpoint = await lockEndpoint(tx, id);
    if (endpoint?.state !== 'enabled') throw isDisabled();
    const since = new Date(ctx.now().getTime() - 60_000);
    if ((await countMessagesSince(tx, id, { type: 'webhook.test', since })) >= TESTS_A_MINUTE) {
      throw new TidemarkError('too-many-requests', `At most ${TESTS_A_MINUTE} tests a minute.`, { retryAfter: 60 });
    }
    const [messageId = ''] = await publishEvent(tx, ctx, {
      projectId: actor.projectId,
      type: 'webhook.test',
      subject: id,
      data: { endpoint: id, message: 'This is a test. Whoever can read it and verify its signature is ready.' },
      endpointId: id,
    });
    return messageId;
  });
}

async function requireEndpoint(db: Db, actor: Actor, id: string): Promise<EndpointRow> {
  const endpoint = await findEndpoint(db, actor.projectId, id);
  if (endpoint !== null) return endpoint;
  throw new TidemarkError('not-found', `There is no webhook "${id.slice(0, 60)}" in this project.`);
}

/** A disabled endpoint is sent nothing until somebody enables it. */
export const isDisabled = (): TidemarkError =>
  new TidemarkError('conflict', 'The webhook is disabled; enable it first.');

const callsItself = (): TidemarkError =>
  new TidemarkError('blocked-address', "The URL is this service's own address; messages to itself would go round.");
