import { createHash } from 'node:crypto';
import { type EventType, PAYLOAD_VERSION } from '../../../schemas/wire/events.ts';
import type { Matcher } from '../../../schemas/wire/matchers.ts';
import type { Target } from '../../../schemas/wire/targets.ts';
import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { lockProject } from '../../store/access/access.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import {
  countEndpoints,
  deleteEndpoint,
  type EndpointChange,
  type EndpointRow,
  findEndpoint,
  insertEndpoint,
  listEndpoints,
  lockEndpoint,
  updateEndpoint,
} from '../../store/webhook/webhooks.ts';
import type { SigningKey } from '../../webhook/sign.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { once } from '../access/once.ts';
import { sealContext } from './endpoint.ts';
import { chooseKey, type KeyChoice, keyOf, type Rotation, rotateKey } from './keys.ts';
import { isOwnAddress } from './own-address.ts';
import { wakeDeliveries } from './publish.ts';
import { adapterFor, eventsOf, gatheringOf, inspectUrl, keepTarget, openTarget, urlOf } from './target.ts';

const MAX_ENDPOINTS = 100;
const MAX_IN_FLIGHT = 4;

/** What an endpoint wants, and how fast. What is absent stays, or is its default. */
type Wishes = {
  readonly description?: string | undefined;
  /** Types it wants; empty: all. */
  readonly events?: readonly EventType[] | undefined;
  readonly matchers?: readonly Matcher[] | undefined;
  readonly maxInFlight?: number | undefined;
  readonly ratePerMinute?: number | null | undefined;
  /** Alerts are told together, so long after the first of them; null: each by itself. */
  readonly digestSeconds?: number | null | undefined;
};

export type NewEndpoint = Wishes &
  KeyChoice & {
    /** May be left out for a system that has one address for everybody. */
    readonly url?: string | undefined;
    /** Another system, to be called in its own way; absent: a receiver of the events as they are. */
    readonly target?: Target | undefined;
    readonly idempotencyKey?: string | undefined;
  };

type Issued = { readonly endpoint: EndpointRow; readonly key: SigningKey };
type Issuing = Pick<Context, 'db' | 'newId' | 'randomBytes' | 'secrets' | 'send' | 'mail' | 'publicUrl' | 'config'>;

/**
 * Registers a receiver. The answer is the only time that its secret is shown, unless the request is repeated under
 * its idempotency key.
 * @throws TidemarkError `blocked-address` or `invalid-body` for a URL that may not be called,
 * `idempotency-key-reused`, `gone` for a repetition after the receiver was deleted.
 */
export async function createEndpoint(ctx: Issuing, actor: Actor, given: NewEndpoint): Promise<Issued> {
  requireScope(actor, 'webhooks:write');
  const url = urlOf(given);
  await inspectUrl(ctx, { url, target: given.target });
  if (isOwnAddress(url, { ...ctx.config, publicUrl: ctx.publicUrl() })) throw callsItself();
  const request = {
    projectId: actor.projectId,
    key: given.idempotencyKey,
    route: 'webhook',
    content: [JSON.stringify({ ...given, idempotencyKey: undefined })],
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
  await lockProject(tx, actor.projectId);
  if ((await countEndpoints(tx, actor.projectId)) >= MAX_ENDPOINTS) {
    throw new TidemarkError('conflict', `A project has at most ${MAX_ENDPOINTS} webhooks; delete one first.`);
  }
  const id = ctx.newId('ep');
  const kind = given.target?.kind ?? 'standard';
  const key = chooseKey(ctx, given, 'v1');
  const endpoint = await insertEndpoint(tx, {
    id,
    projectId: actor.projectId,
    ...keepTarget(ctx, { projectId: actor.projectId, id }, { target: given.target, url: new URL(urlOf(given)).href }),
    description: given.description ?? '',
    events: eventsOf(kind, given.events),
    matchers: given.matchers ?? [],
    maxInFlight: given.maxInFlight ?? MAX_IN_FLIGHT,
    ratePerMinute: given.ratePerMinute === undefined ? (adapterFor({ kind })?.rate ?? null) : given.ratePerMinute,
    digestSeconds: gatheringOf(kind, given.digestSeconds ?? null),
    payloadVersion: PAYLOAD_VERSION,
    scheme: key.scheme,
    secret: ctx.secrets.seal(key.bytes, sealContext({ projectId: actor.projectId, id })),
    state: 'enabled',
  });
  return { endpoint, key };
}

async function recallEndpoint(
  tx: Db,
  ctx: Pick<Context, 'secrets'>,
  { actor, id }: { actor: Actor; id: string },
): Promise<Issued> {
  const endpoint = await findEndpoint(tx, actor.projectId, id);
  if (endpoint === null) {
    throw new TidemarkError('gone', `The webhook that this idempotency key made (${id}) was deleted; take a new key.`);
  }
  return { endpoint, key: keyOf(ctx, endpoint) };
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

export type EndpointEdit = Wishes & {
  readonly state?: EndpointRow['state'] | undefined;
  /** Options and credentials anew; the system stays the same. */
  readonly target?: Target | undefined;
};

/** Changes what is named. Enabling forgets the failures; disabling leaves what is still to be sent to be discarded. */
export async function changeEndpoint(
  ctx: Pick<Context, 'db' | 'secrets'>,
  actor: Actor,
  edit: EndpointEdit & { readonly id: string },
): Promise<EndpointRow> {
  requireScope(actor, 'webhooks:write');
  return transact(ctx.db, async (tx) => {
    const known = await requireEndpoint(tx, actor, edit.id);
    // What is not named stays as it is now, whoever else changes something else of it.
    const before = (await lockEndpoint(tx, known.id)) ?? known;
    const after = await updateEndpoint(tx, before.id, {
      ...changeOf(before, edit),
      ...retarget(ctx, before, edit.target),
    });
    if (edit.state !== undefined) await wakeDeliveries(tx, before);
    return after ?? before;
  });
}

function retarget(
  ctx: Pick<Context, 'secrets'>,
  before: EndpointRow,
  target: Target | undefined,
): Pick<EndpointChange, 'options' | 'credentials'> {
  if (target === undefined) return {};
  if (target.kind !== before.kind) {
    const detail = `must be of the kind "${before.kind}"; register another webhook for another system`;
    throw new TidemarkError('invalid-body', `The body at /target/kind: ${detail}.`, {
      issues: [{ code: 'other-kind', pointer: '/target/kind', detail }],
    });
  }
  const { options, credentials } = keepTarget(ctx, before, { target, url: openTarget(ctx, before).url });
  return { options, credentials };
}

function changeOf(before: EndpointRow, edit: EndpointEdit): EndpointChange {
  const change = {
    description: edit.description ?? before.description,
    events: edit.events === undefined ? before.events : eventsOf(before.kind, edit.events),
    matchers: edit.matchers ?? before.matchers,
    maxInFlight: edit.maxInFlight ?? before.maxInFlight,
    ratePerMinute: edit.ratePerMinute === undefined ? before.ratePerMinute : edit.ratePerMinute,
    digestSeconds:
      edit.digestSeconds === undefined ? before.digestSeconds : gatheringOf(before.kind, edit.digestSeconds),
  };
  if (edit.state === 'enabled') {
    return { ...change, state: 'enabled', disabledReason: null, failingSince: null, nextSendAt: null };
  }
  if (edit.state === 'disabled') return { ...change, state: 'disabled', disabledReason: 'Switched off by hand.' };
  return change;
}

/** Removes a receiver with the record of its deliveries. Repeating it is `not-found`. */
export async function removeEndpoint(ctx: Pick<Context, 'db'>, actor: Actor, id: string): Promise<void> {
  requireScope(actor, 'webhooks:write');
  await transact(ctx.db, async (tx) => {
    await requireEndpoint(tx, actor, id);
    await deleteEndpoint(tx, id);
  });
}

/**
 * Gives a receiver another key; the former one signs beside it until the overlap is over. The answer is the only
 * time that the key is shown, unless the request is repeated under its idempotency key.
 * @throws TidemarkError `not-found`, `invalid-body`, `conflict`, `idempotency-key-reused`, `gone` for a repetition
 * after yet another rotation.
 */
export async function rotateSecret(
  ctx: Issuing & Pick<Context, 'now'>,
  actor: Actor,
  asked: Rotation & { readonly id: string; readonly idempotencyKey?: string | undefined },
): Promise<Issued> {
  requireScope(actor, 'webhooks:write');
  const { id, idempotencyKey, ...rotation } = asked;
  const content = [id, JSON.stringify(rotation)];
  const request = { projectId: actor.projectId, key: idempotencyKey, route: 'rotate-secret', content };
  return transact(ctx.db, async (tx) => {
    await requireEndpoint(tx, actor, id);
    return once<Issued, { endpoint: string; key: string }>(tx, request, {
      make: async () => {
        const endpoint = await rotateKey(tx, ctx, { id, rotation });
        return { endpoint, key: keyOf(ctx, endpoint) };
      },
      keep: ({ endpoint, key }) => ({ status: 200, answer: { endpoint: endpoint.id, key: digestOf(key) } }),
      recall: async (kept) => {
        const issued = await recallEndpoint(tx, ctx, { actor, id: kept.endpoint });
        if (digestOf(issued.key) === kept.key) return issued;
        throw new TidemarkError(
          'gone',
          'The secret that this idempotency key made was replaced by another one; take a new key to make one.',
        );
      },
    });
  });
}

/** Tells one key from another without telling it. */
const digestOf = ({ bytes }: SigningKey): string => createHash('sha256').update(bytes).digest('hex');

/** @throws TidemarkError `not-found`. */
export async function requireEndpoint(db: Db, actor: Actor, id: string): Promise<EndpointRow> {
  const endpoint = await findEndpoint(db, actor.projectId, id);
  if (endpoint !== null) return endpoint;
  throw new TidemarkError('not-found', `There is no webhook "${id.slice(0, 60)}" in this project.`);
}

/** A disabled endpoint is sent nothing until somebody enables it. */
export const isDisabled = (): TidemarkError =>
  new TidemarkError('conflict', 'The webhook is disabled; enable it first.');

const callsItself = (): TidemarkError =>
  new TidemarkError('blocked-address', "The URL is this service's own address; messages to itself would go round.");
