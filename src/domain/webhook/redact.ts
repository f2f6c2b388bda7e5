import type { KnownEvent } from '../../../schemas/wire/events.ts';

/** A message's body as people may see it: the callback's token is for its receiver alone. */
export function shownBody(body: string): Record<string, unknown> {
  // Every body was made by `publishEvent`, which writes an object.
  return JSON.parse(body, (key, value: unknown) =>
    key === 'token' && typeof value === 'string' ? HIDDEN : value,
  ) as Record<string, unknown>;
}

export const HIDDEN = '[hidden]';

/** Shorter texts are no secrets, and would strike out half of what is shown. */
const SHORTEST_SECRET = 6;

/** Everything that must not be seen again in what another system says. */
export function secretsOf({ credentials, event }: { credentials: unknown; event: KnownEvent }): string[] {
  const token = event.type === 'retraining.requested' ? [event.data.callback.token] : [];
  return [...textsIn(credentials), ...token].filter((text) => text.length >= SHORTEST_SECRET);
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** Strikes secrets out of a text. */
export const hide = (text: string, secrets: readonly string[]): string =>
  secrets.reduce((left, one) => left.replaceAll(one, HIDDEN), text);
