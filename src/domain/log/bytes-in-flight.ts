import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import type { Db } from '../../store/postgres/db.ts';

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

  constructor(limit: number) {
    this.#limit = limit;
  }

  get used(): number {
    return this.#used;
  }

  reserve(announced: number): Reservation {
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
export function reserveBytes(ctx: Pick<Context, 'config' | 'db'>, announced: number): Reservation {
  const inFlight = known.get(ctx.db) ?? new BytesInFlight(ctx.config.limits.inFlightBytes);
  known.set(ctx.db, inFlight);
  return inFlight.reserve(announced);
}

/** Whether rows are being received, parsed or made durable at this moment, in this process. */
export const rowsInFlight = (ctx: Pick<Context, 'db'>): boolean => (known.get(ctx.db)?.used ?? 0) > 0;

function tooMuch(limit: number): TidemarkError {
  return new TidemarkError(
    'too-many-requests',
    `Rows of other requests fill the ${limit} bytes that may be in flight at once; nothing was stored. Send this again in a moment.`,
    { retryAfter: RETRY_SECONDS, details: { limit } },
  );
}
