/** Lets runners sleep until there may be work. */
export class Wake {
  readonly #sleeping = new Set<() => void>();
  /** Calls so far: a runner that saw fewer when it last looked must look again. */
  count = 0;

  /** Wakes one that sleeps, or has one that is looking look again. */
  one(): void {
    this.count++;
    const [wake] = this.#sleeping;
    wake?.();
  }

  /** As `one`, after a while. */
  oneIn(milliseconds: number): void {
    if (milliseconds <= 0) this.one();
    else setTimeout(() => this.one(), milliseconds).unref();
  }

  all(): void {
    this.count++;
    for (const wake of [...this.#sleeping]) wake();
  }

  /** Resolves when it is woken, at once when there was a call since `seen`, or when the time is over. */
  after(seen: number, milliseconds: number): Promise<void> {
    if (this.count !== seen) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#sleeping.delete(done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      this.#sleeping.add(done);
    });
  }
}
