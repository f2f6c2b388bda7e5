import { z } from 'zod';
import { type EventType, eventTypeShape } from '../../../schemas/wire/events.ts';
import { type Target, type TargetKind, targetShape } from '../../../schemas/wire/targets.ts';
import type { Context } from '../../context.ts';
import { isTidemarkError, TidemarkError } from '../../errors.ts';
import type { EndpointRow } from '../../store/webhook/webhooks.ts';
import { type AnyAdapter, adapterOf } from '../../webhook/adapters/index.ts';

/** What the credentials of another system are sealed with, so that they open in no other place. */
const credentialsContext = (endpoint: Pick<EndpointRow, 'projectId' | 'id'>): string =>
  `webhook-credentials/${endpoint.projectId}/${endpoint.id}`;

/** What is sealed of an endpoint: what the other system wants to be shown, and the URL where that is a secret. */
const sealedShape = z.object({ credentials: z.record(z.string(), z.unknown()), url: z.string().nullable() });

/** An endpoint of another system with everything that a call needs. */
export type OpenTarget = { readonly target: Target; readonly url: string };

/** How an endpoint is called; null for one that takes the events as they are. */
export function adapterFor(endpoint: Pick<EndpointRow, 'kind'>): AnyAdapter | null {
  // Nothing but a parsed request writes the kind.
  return endpoint.kind === 'standard' ? null : adapterOf(endpoint.kind as TargetKind);
}

/** Whether what an endpoint is sent is signed: other systems have ways of their own to know us. */
export function isSigned(endpoint: Pick<EndpointRow, 'kind'>): boolean {
  const adapter = adapterFor(endpoint);
  return adapter === null || adapter.signed === true;
}

type Kept = Pick<EndpointRow, 'kind' | 'url' | 'options' | 'credentials'>;

/** The part of an endpoint's row that says how it is called: what is secret of it is sealed. */
export function keepTarget(
  ctx: Pick<Context, 'secrets'>,
  endpoint: Pick<EndpointRow, 'projectId' | 'id'>,
  { target, url }: { target: Target | undefined; url: string },
): Kept {
  if (target === undefined) return { kind: 'standard', url, options: {}, credentials: null };
  const secret = adapterOf(target.kind).secretUrl === true;
  const sealed: z.input<typeof sealedShape> = { credentials: { ...target.credentials }, url: secret ? url : null };
  return {
    kind: target.kind,
    url: secret ? `${new URL(url).origin}/…` : url,
    options: target.options,
    credentials: ctx.secrets.seal(Buffer.from(JSON.stringify(sealed)), credentialsContext(endpoint)),
  };
}

/** @throws TidemarkError `internal` when it was sealed with another key. */
export function openTarget(ctx: Pick<Context, 'secrets'>, endpoint: EndpointRow): OpenTarget {
  const plain = ctx.secrets.open(endpoint.credentials ?? Buffer.of(), credentialsContext(endpoint));
  const { credentials, url } = sealedShape.parse(JSON.parse(Buffer.from(plain).toString()));
  const target = targetShape.parse({ kind: endpoint.kind, options: endpoint.options, credentials });
  return { target, url: url ?? endpoint.url };
}

/** Where an endpoint is called: its own URL, or the one by which its system is known. */
export function urlOf(given: { url?: string | undefined; target?: Target | undefined }): string {
  const url = given.url ?? (given.target === undefined ? undefined : knownUrl(given.target));
  if (url !== undefined) return url;
  throw new TidemarkError('invalid-body', 'The body at /url: is required.', {
    issues: [{ code: 'invalid-type', pointer: '/url', detail: 'is required' }],
  });
}

/**
 * Judges where an endpoint is to be called before it is stored.
 * @throws TidemarkError `invalid-body` or `blocked-address`.
 */
export async function inspectUrl(
  ctx: Pick<Context, 'send' | 'mail'>,
  { url, target }: { readonly url: string; readonly target: Target | undefined },
): Promise<void> {
  if (target?.kind !== 'email') return ctx.send.inspect(url);
  await ctx.mail.inspect({ url, tls: target.options.tls ?? 'required' });
  const { credentials } = target;
  if ('oauth' in credentials) await inspectTokenUrl(ctx, credentials.oauth.token_url);
}

async function inspectTokenUrl(ctx: Pick<Context, 'send'>, url: string): Promise<void> {
  try {
    await ctx.send.inspect(url);
  } catch (error) {
    if (!isTidemarkError(error)) throw error;
    const issue = { code: error.code, pointer: '/target/credentials/oauth/token_url', detail: error.message };
    throw new TidemarkError(error.code, `The URL of the access token: ${error.message}`, { issues: [issue] });
  }
}

function knownUrl(target: Target): string | undefined {
  const { url } = adapterOf(target.kind);
  return typeof url === 'function' ? (url as (target: Target) => string)(target) : url;
}

/**
 * How long an endpoint's alerts are gathered.
 * @throws TidemarkError `invalid-body` for a system that keeps count of alerts one by one.
 */
export function gatheringOf(kind: string, seconds: number | null): number | null {
  const events = adapterFor({ kind })?.events ?? null;
  if (seconds === null || events === null || events.includes('alert.digest')) return seconds;
  const detail = `"${kind}" takes alerts one by one`;
  throw new TidemarkError('invalid-body', `The body at /digest_seconds: ${detail}.`, {
    issues: [{ code: 'unusable-event', pointer: '/digest_seconds', detail }],
  });
}

/**
 * The events that an endpoint gets: the chosen ones, or what its system usually gets.
 * @throws TidemarkError `invalid-body` for one that the system has no use for.
 */
export function eventsOf(kind: string, chosen: readonly EventType[] | undefined): EventType[] {
  const adapter = adapterFor({ kind });
  if (chosen === undefined || chosen.length === 0) return [...(adapter?.usual ?? [])];
  const unknown = chosen.find((type) => adapter !== null && adapter.events !== null && !adapter.events.includes(type));
  if (unknown === undefined) return [...new Set(chosen)];
  const possible = adapter?.events ?? eventTypeShape.options;
  const detail = `"${kind}" has no use for "${unknown}"; it takes ${possible.join(', ')}`;
  throw new TidemarkError('invalid-body', `The body at /events: ${detail}.`, {
    issues: [{ code: 'unusable-event', pointer: '/events', detail }],
  });
}
