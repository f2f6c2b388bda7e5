/**
 * Calls that come while one is at work wait for it and are then done together: one costs what it costs alone, many at
 * once cost little more. Nobody waits for others to come. What a call sees began after it was made.
 */
export class Gathering<T, R> {
  readonly #run: Together<T, R>;
  readonly #most: number;
  readonly #beside: number;
  readonly #lines = new Map<string, Line<T, R>>();

  /**
   * @param run answers each item in its place; what it throws is thrown to all of them. An item that it answers by a
   * promise holds up nobody else.
   * @param most how many are done together
   * @param beside how many have to wait for them to be done beside the one at work, which may spend its time waiting
   * too. No more than two are at work for a key. By default they wait for its end, however many they are.
   */
  constructor(run: Together<T, R>, most: number, beside = Number.POSITIVE_INFINITY) {
    this.#run = run;
    this.#most = most;
    this.#beside = beside;
  }

  /** Does the item together with others of the same key. */
  add(key: string, item: T): Promise<R> {
    return new Promise((resolve, reject) => {
      const line = this.#lines.get(key) ?? { waiting: [], running: 0 };
      this.#lines.set(key, line);
      line.waiting.push({ item, resolve, reject });
      if (line.running === 0 || (line.running === 1 && line.waiting.length >= this.#beside)) {
        void this.#drain(key, line);
      }
    });
  }

  async #drain(key: string, line: Line<T, R>): Promise<void> {
    line.running++;
    // The second of two leaves the rest to the first, unless they are many again.
    while (line.waiting.length >= (line.running === 1 ? 1 : this.#beside)) {
      await this.#runTogether(line.waiting.splice(0, this.#most));
    }
    line.running--;
    if (line.running === 0) this.#lines.delete(key);
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

/** Calls of one key: those that wait, and how many runs are at work. */
type Line<T, R> = { readonly waiting: Waiting<T, R>[]; running: number };

type Waiting<T, R> = {
  readonly item: T;
  readonly resolve: (result: R | Promise<R>) => void;
  readonly reject: (error: unknown) => void;
};
