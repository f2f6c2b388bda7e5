import type { Context } from '../../../context.ts';
import { TidemarkError } from '../../../errors.ts';
import type { Db } from '../../../store/postgres/db.ts';

/** What a request costs beside its body, so that many tiny ones are bounded too. */
const REQUEST_BYTES = 4096;
const RETRY_SECONDS = 1;

/** A request's share of the bytes that may be in flight. */
export type Reservation = {
  /**
   * Says how many plain bytes have arrived, when they are more than was said before.
   * @throws TidemarkError `too-many-requests` when they do not fit beside those of others.
   */
  readonly arrived: (total: number) => void;
  /** Gives the share back. */
  readonly release: () => void;
};

/** Bodies that are being received, parsed or made durable, whether in memory or in temporary files. */
class BytesInFlight {
  readonly #limit: number;
  #used = 0;
  /** When something was held last (epoch ms). */
  #heldAt = Number.NEGATIVE_INFINITY;
  /** Who waits until nothing is. */
  readonly #waiting = new Set<() => void>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get used(): number {
    return this.#used;
  }

  /** Whether anything has been held within so many milliseconds. */
  within(milliseconds: number, now: number): boolean {
    return this.#used > 0 || now - this.#heldAt < milliseconds;
  }

  /** Resolves once nothing is held, or after so many milliseconds. */
  empty(milliseconds: number): Promise<void> {
    if (this.#used === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      this.#waiting.add(done);
    });
  }

  reserve(announced: number, now: () => number): Reservation {
    let held = 0;
    const check = (bytes: number): void => {
      const others = this.#used - held;
      // Alone, a body within its own limit is always taken: it would otherwise never be.
      if (others > 0 && others + bytes > this.#limit) throw tooMuch(this.#limit);
    };
    const hold = (bytes: number): void => {
      if (bytes <= held) return;
      check(bytes);
      this.#used += bytes - held;
      held = bytes;
    };
    // Announced bytes are not held: whoever announces much and sends little would shut everybody else out.
    check(announced + REQUEST_BYTES);
    hold(REQUEST_BYTES);
    return {
      arrived: (total) => hold(total + REQUEST_BYTES),
      release: () => {
        this.#used -= held;
        held = 0;
        this.#heldAt = now();
        if (this.#used === 0) for (const done of [...this.#waiting]) done();
      },
    };
  }
}

/** By connection pool. */
const known = new WeakMap<Db, BytesInFlight>();

/**
 * Takes a share of the bytes that may be in flight, before any of them is read.
 * @param announced bytes; 0 where the sender did not say
 * @throws TidemarkError `too-many-requests` when there is no room.
 */
export function reserveBytes(ctx: Pick<Context, 'config' | 'db' | 'now'>, announced: number): Reservation {
  const inFlight = known.get(ctx.db) ?? new BytesInFlight(ctx.config.limits.inFlightBytes);
  known.set(ctx.db, inFlight);
  return inFlight.reserve(announced, () => ctx.now().getTime());
}

/** Whether rows are being received, parsed or made durable at this moment, in this process. */
export const rowsInFlight = (ctx: Pick<Context, 'db'>): boolean => (known.get(ctx.db)?.used ?? 0) > 0;

/** So long after the last rows others may come at any moment. */
const LATELY_MILLISECONDS = 1000;

/** The same, or a moment ago. */
export const rowsLately = (ctx: Pick<Context, 'db' | 'now'>): boolean =>
  known.get(ctx.db)?.within(LATELY_MILLISECONDS, ctx.now().getTime()) ?? false;

/** Resolves once no rows are on their way in, in this process, or after so many milliseconds. */
export const momentWithoutRows = (ctx: Pick<Context, 'db'>, milliseconds: number): Promise<void> =>
  known.get(ctx.db)?.empty(milliseconds) ?? Promise.resolve();

function tooMuch(limit: number): TidemarkError {
  return new TidemarkError(
    'too-many-requests',
    `Rows of other requests fill the ${limit} bytes that may be in flight at once; nothing was stored. Send this again in a moment.`,
    { retryAfter: RETRY_SECONDS, details: { limit } },
  );
}
