/**
 * Runs work on all items, `width` of them at once. After the first failure nothing more is begun, and what is under
 * way is told by the signal; so it is when the signal `within` which all of this is done says so.
 */
export async function inParallel<T>(
  items: Iterable<T>,
  width: number,
  work: (item: T, signal: AbortSignal) => Promise<void>,
  within?: AbortSignal,
): Promise<void> {
  const queue = items[Symbol.iterator]();
  const stop = new AbortController();
  within?.addEventListener('abort', () => stop.abort(), { once: true });
  const runner = async (): Promise<void> => {
    for (let step = queue.next(); step.done !== true && !stop.signal.aborted; step = queue.next()) {
      await work(step.value, stop.signal);
    }
  };
  try {
    await Promise.all(Array.from({ length: width }, runner));
    within?.throwIfAborted();
  } catch (error) {
    stop.abort();
    throw error;
  }
}
