const SECOND = 1;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Waits between tries, the example schedule of Standard Webhooks: ten tries over about 75 hours. */
const WAITS = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
] as const;

/** Part of a wait by which it may be shorter or longer, so that the messages of an outage do not return as one. */
const JITTER = 0.2;
const LONGEST = 24 * HOUR;

export const MAX_TRIES = WAITS.length + 1;

/**
 * Seconds until the next try, or null when the message is given up.
 * @param tries made so far, from 1.
 * @param random in [0, 1).
 * @param retryAfter seconds the receiver asked for: may lengthen the wait up to a day, never shorten it.
 */
export function nextDelay(tries: number, random: number, retryAfter: number | null): number | null {
  const wait = WAITS[tries - 1];
  if (wait === undefined) return null;
  const jittered = wait * (1 - JITTER + 2 * JITTER * random);
  return Math.max(jittered, Math.min(retryAfter ?? 0, LONGEST));
}
