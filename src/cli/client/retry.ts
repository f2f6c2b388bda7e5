import { setTimeout as pause } from 'node:timers/promises';

/**
 * Waits of about 0.25, 0.5, 1, 2, 4 and then 8 seconds each, a minute or two together: long enough for a service to be
 * started anew that has to mend its database first.
 */
const TRIES = 20;
const FIRST_WAIT_MILLISECONDS = 250;
const MOST_DOUBLINGS = 5;
/** What a service may ask for; whoever wants a longer wait is told to come back instead. */
const LONGEST_WAIT_MILLISECONDS = 30_000;

/** A failure that another try may mend, with the wait that the service asked for. */
export class Passing extends Error {
  readonly waitMilliseconds: number | null;

  constructor(cause: unknown, waitMilliseconds: number | null = null) {
    super('a passing failure', { cause });
    this.waitMilliseconds = waitMilliseconds;
  }
}

export type Retrying = {
  /** A number in [0, 1): waits differ, so that clients which failed together do not come back together. */
  readonly random: () => number;
  /** Told before each wait. */
  readonly onWait: (milliseconds: number, cause: unknown) => void;
  readonly signal?: AbortSignal | undefined;
  /** Whether trying again makes sense now; asked after each passing failure. */
  readonly worthIt?: () => boolean;
};

/**
 * Does something that can be repeated safely until it is done or has failed for good.
 * @throws whatever caused the last `Passing` failure, or what was thrown besides.
 */
export async function withRetries<T>(attempt: () => Promise<T>, retrying: Retrying): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof Passing)) throw error;
      const wait = error.waitMilliseconds ?? backoff(tried, retrying.random());
      const over = tried === TRIES || wait > LONGEST_WAIT_MILLISECONDS || retrying.worthIt?.() === false;
      if (over || retrying.signal?.aborted === true) throw error.cause;
      retrying.onWait(wait, error.cause);
      await pause(wait, undefined, retrying.signal === undefined ? {} : { signal: retrying.signal });
    }
  }
}

/** Between half of the doubled wait and all of it. */
const backoff = (tried: number, random: number): number =>
  FIRST_WAIT_MILLISECONDS * 2 ** Math.min(tried - 1, MOST_DOUBLINGS) * (0.5 + random / 2);

/** The wait of a Retry-After in seconds; the form of a date is not what a Tidemark service sends. */
export function waitOf(header: string | undefined): number | null {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : null;
}
