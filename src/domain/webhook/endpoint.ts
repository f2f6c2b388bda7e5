import type { EndpointRow } from '../../store/webhooks.ts';

/** An endpoint that has failed without a break for so long is switched off. */
const LONGEST_FAILURE = 5 * 24 * 3600 * 1000;

export type Outcome = 'delivered' | 'retryable' | 'refused' | 'blocked';

/** What one try says of its endpoint. Pure. */
export type Health = Pick<EndpointRow, 'state' | 'disabledReason' | 'failingSince'>;

/** Any success ends a failure; 410 and five days of failure switch the endpoint off. */
export function healthAfter(before: Health, outcome: Outcome, now: Date): Health {
  if (before.state === 'disabled') return before;
  if (outcome === 'delivered') return { state: 'enabled', disabledReason: null, failingSince: null };
  const failingSince = before.failingSince ?? now;
  if (outcome === 'refused') return disabled('The receiver answered 410 (gone).', failingSince);
  if (now.getTime() - failingSince.getTime() >= LONGEST_FAILURE) {
    return disabled(`Every try since ${failingSince.toISOString()} has failed.`, failingSince);
  }
  return { state: 'enabled', disabledReason: null, failingSince };
}

const disabled = (disabledReason: string, failingSince: Date): Health => ({
  state: 'disabled',
  disabledReason,
  failingSince,
});

/** What a secret of an endpoint is sealed with, so that it opens in no other place. */
export const sealContext = (endpoint: Pick<EndpointRow, 'projectId' | 'id'>): string =>
  `webhook/${endpoint.projectId}/${endpoint.id}`;
