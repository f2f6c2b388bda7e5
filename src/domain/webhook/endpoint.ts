import { type Matcher, matchersShape } from '../../../schemas/wire/matchers.ts';
import type { EndpointRow } from '../../store/webhook/webhooks.ts';
import type { Made } from './converse.ts';

/** An endpoint that has failed without a break for so long is switched off. */
const LONGEST_FAILURE = 5 * 24 * 3600 * 1000;

/** A receiver that fails is tried once a second at most, however many messages wait for it. */
const FAILURE_REST = 1;

/** A receiver that asks to be left alone is, but not for ever. */
const LONGEST_REST = 3600;

/** Statuses by which a receiver says that it is overwhelmed, not that this one message is wrong. */
const THROTTLING: ReadonlySet<number | null> = new Set([429, 502, 503, 504]);

/** What one try says of its endpoint. Pure. */
export type Health = Pick<EndpointRow, 'state' | 'disabledReason' | 'failingSince' | 'nextSendAt'>;

/** Any success ends a failure; 410 and five days of failure switch the endpoint off. */
export function healthAfter(
  before: Health,
  result: Pick<Made, 'outcome' | 'status' | 'retryAfter'>,
  now: Date,
): Health {
  if (before.state === 'disabled') return before;
  if (result.outcome === 'delivered') {
    return { state: 'enabled', disabledReason: null, failingSince: null, nextSendAt: null };
  }
  const failingSince = before.failingSince ?? now;
  const asked = THROTTLING.has(result.status) ? Math.min(result.retryAfter ?? 0, LONGEST_REST) : 0;
  const rest = new Date(now.getTime() + Math.max(asked, FAILURE_REST) * 1000);
  const nextSendAt = before.nextSendAt !== null && before.nextSendAt > rest ? before.nextSendAt : rest;
  if (result.outcome === 'refused') return disabled('The receiver answered 410 (gone).', failingSince);
  if (now.getTime() - failingSince.getTime() >= LONGEST_FAILURE) {
    return disabled(`Every try since ${failingSince.toISOString()} has failed.`, failingSince);
  }
  return { state: 'enabled', disabledReason: null, failingSince, nextSendAt };
}

const disabled = (disabledReason: string, failingSince: Date): Health => ({
  state: 'disabled',
  disabledReason,
  failingSince,
  nextSendAt: null,
});

/** What a secret of an endpoint is sealed with, so that it opens in no other place. */
export const sealContext = (endpoint: Pick<EndpointRow, 'projectId' | 'id'>): string =>
  `webhook/${endpoint.projectId}/${endpoint.id}`;

/** The matchers as they were kept; nothing but a parsed request writes them. */
export const matchersOf = (endpoint: Pick<EndpointRow, 'matchers'>): readonly Matcher[] =>
  matchersShape.parse(endpoint.matchers);
