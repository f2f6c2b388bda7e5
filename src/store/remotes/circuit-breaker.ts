export type BreakerOptions = {
  /** Failures in a row after which nothing is tried for a while. */
  readonly failures: number;
  /** How long nothing is tried. */
  readonly restMilliseconds: number;
  /** Whether an error means that the other side is away, and not that it said no. */
  readonly counts: (error: unknown) => boolean;
  /** What is thrown in place of a call, with the seconds until the next one is let through. */
  readonly refusal: (seconds: number) => Error;
  /** Milliseconds of a clock that only goes forward. */
  readonly clock?: () => number;
};

/**
 * Refuses calls at once while the other side is known to be away: each of them would wait for its own time-outs and
 * attempts, and hold a connection, a file and a client for as long. After the rest one call is let through; how it
 * ends decides for all.
 */
export class CircuitBreaker {
  readonly #options: BreakerOptions;
  readonly #clock: () => number;
  #failures = 0;
  #restsUntil = 0;

  constructor(options: BreakerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? (() => performance.now());
  }

  /** Whether the next call is one that only tries, or none at all. */
  get isOpen(): boolean {
    return this.#failures >= this.#options.failures;
  }

  async run<T>(call: () => Promise<T>): Promise<T> {
    const { failures, restMilliseconds, counts, refusal } = this.#options;
    const now = this.#clock();
    if (this.#failures >= failures) {
      if (now < this.#restsUntil) throw refusal(Math.ceil((this.#restsUntil - now) / 1000));
      // This one tries; the others rest on until it has ended, and again when it has not come back by then.
      this.#restsUntil = now + restMilliseconds;
    }
    try {
      const result = await call();
      this.#failures = 0;
      return result;
    } catch (error) {
      if (!counts(error)) this.#failures = 0;
      else if (++this.#failures >= failures) this.#restsUntil = this.#clock() + restMilliseconds;
      throw error;
    }
  }
}
