/**
 * Calls that come while one is at work wait for it and are then done together: one costs what it costs alone, many at
 * once cost little more. Nobody waits for others to come. What a call sees began after it was made.
 */
export class Gathering<T, R> {
  readonly #run: Together<T, R>;
  readonly #most: number;
  readonly #waiting = new Map<string, Waiting<T, R>[]>();

  /**
   * @param run answers each item in its place; what it throws is thrown to all of them. An item that it answers by a
   * promise holds up nobody else.
   * @param most how many are done together
   */
  constructor(run: Together<T, R>, most: number) {
    this.#run = run;
    this.#most = most;
  }

  /** Does the item together with others of the same key. */
  add(key: string, item: T): Promise<R> {
    return new Promise((resolve, reject) => {
      const entry = { item, resolve, reject };
      const queue = this.#waiting.get(key);
      if (queue !== undefined) {
        queue.push(entry);
        return;
      }
      const made = [entry];
      this.#waiting.set(key, made);
      void this.#drain(key, made);
    });
  }

  async #drain(key: string, queue: Waiting<T, R>[]): Promise<void> {
    while (queue.length > 0) await this.#runTogether(queue.splice(0, this.#most));
    this.#waiting.delete(key);
  }

  async #runTogether(entries: readonly Waiting<T, R>[]): Promise<void> {
    try {
      const results = await this.#run(entries.map(({ item }) => item));
      entries.forEach(({ resolve, reject }, i) => {
        const result = results[i];
        if (result === undefined) reject(new Error('a gathered call was not answered'));
        else resolve(result);
      });
    } catch (error) {
      for (const { reject } of entries) reject(error);
    }
  }
}

type Together<T, R> = (items: readonly T[]) => Promise<readonly (R | Promise<R>)[]>;

type Waiting<T, R> = {
  readonly item: T;
  readonly resolve: (result: R | Promise<R>) => void;
  readonly reject: (error: unknown) => void;
};
