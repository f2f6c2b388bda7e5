import type { Context } from '../../context.ts';
import { recordTaken, type Taken } from '../../store/webhook/attempts.ts';

/**
 * Writes down the tries of one endpoint that were taken, while others are made: those that end while one statement is
 * under way are written together by the next. Who dies before has what was not written delivered once more.
 */
export class TakenLedger {
  readonly #ctx: Pick<Context, 'db' | 'now'>;
  #waiting: Taken[] = [];
  #writing: Promise<void> = Promise.resolve();
  #busy = false;

  constructor(ctx: Pick<Context, 'db' | 'now'>) {
    this.#ctx = ctx;
  }

  /** Has a try written. `settle` says whether it was. */
  write(taken: Taken): void {
    this.#waiting.push(taken);
    if (this.#busy) return;
    this.#writing = this.#writeAll();
    // A failure is told by `settle`; until somebody asks, nobody hears of it.
    this.#writing.catch(() => {});
  }

  /** Resolves when everything is durable. */
  settle(): Promise<void> {
    return this.#writing;
  }

  async #writeAll(): Promise<void> {
    this.#busy = true;
    // After a failure it stays busy: what follows is not written either, and no `settle` overlooks it.
    while (this.#waiting.length > 0) await recordTaken(this.#ctx.db, this.#waiting.splice(0), this.#ctx.now());
    this.#busy = false;
  }
}
