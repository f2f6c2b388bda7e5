import type { Context } from '../../../context.ts';
import type { Db } from '../../../store/postgres/db.ts';
import { momentWithoutRows, rowsLately } from './bytes-in-flight.ts';

/** Longer than this no step of what nobody waits for is put off: where rows come without a pause it goes on all the same. */
const PATIENCE_MILLISECONDS = 100;

/**
 * Puts off a step for as long as rows are on their way in, though no longer than its patience. Their senders wait, and each
 * step takes as much of the service's thread and of the database as a thousand rows do.
 */
export const letRowsPass = (ctx: Pick<Context, 'db'>): Promise<void> => momentWithoutRows(ctx, PATIENCE_MILLISECONDS);

/** Nor does a rest between them take longer. */
const LONGEST_REST_MILLISECONDS = 1000;

/** Jobs that run, and those that wait for one of them to end. */
class Few {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  /** @param most how many may run now */
  async run(most: () => number, work: () => Promise<void>): Promise<void> {
    if (this.#running >= most()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running++;
    try {
      await work();
    } finally {
      this.#running--;
      // Who waits is counted before it goes on. One always may, so that none waits for ever.
      while (this.#waiting.length > 0 && this.#running < most()) {
        this.#running++;
        this.#waiting.shift()?.();
      }
    }
  }
}

/** By connection pool. */
const known = new WeakMap<Db, Few>();

/**
 * The job, giving way to rows that come in. While they do, no more such jobs are under way than keep the compute children
 * busy: one more, which is prepared or written meanwhile. More of them would not be done sooner, and whenever rows come
 * they would all be in their way. And after each comes a rest as long as it took, since what wakes for a row waits for the
 * slice of whoever has the processor: where windows were judged without a pause, every batch of rows took twice as long.
 */
export const behindRows =
  <P>(job: (ctx: Context, payload: P) => Promise<void>) =>
  async (ctx: Context, payload: P): Promise<void> => {
    const few = known.get(ctx.db) ?? new Few();
    known.set(ctx.db, few);
    const most = () => (rowsLately(ctx) ? ctx.compute.children + 1 : Number.POSITIVE_INFINITY);
    await few.run(most, async () => {
      await letRowsPass(ctx);
      const begun = ctx.now().getTime();
      await job(ctx, payload);
      const took = ctx.now().getTime() - begun;
      if (took > 0 && rowsLately(ctx)) await rest(Math.min(took, LONGEST_REST_MILLISECONDS));
    });
  };

const rest = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
