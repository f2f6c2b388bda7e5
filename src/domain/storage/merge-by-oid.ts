import type { ListedObject } from '../../store/remotes/remote.ts';
import type { StatedObject } from '../../store/storage/consistency.ts';

/** One name as both sides know it; null where a side does not. */
export type Pair = { readonly stated: StatedObject | null; readonly listed: ListedObject | null };

/** Two sequences in ascending order of oid, side by side; of each no more than one item is held. */
export async function* mergeByOid(
  stated: AsyncIterable<StatedObject>,
  listed: AsyncIterable<ListedObject>,
): AsyncGenerator<Pair> {
  const left = stated[Symbol.asyncIterator]();
  const right = listed[Symbol.asyncIterator]();
  try {
    let [a, b] = await Promise.all([left.next(), right.next()]);
    while (a.done !== true || b.done !== true) {
      const l = a.done === true ? null : a.value;
      const r = b.done === true ? null : b.value;
      const order = l === null ? 1 : r === null ? -1 : l.oid < r.oid ? -1 : l.oid > r.oid ? 1 : 0;
      yield { stated: order <= 0 ? l : null, listed: order >= 0 ? r : null };
      [a, b] = await Promise.all([order <= 0 ? left.next() : a, order >= 0 ? right.next() : b]);
    }
  } finally {
    await Promise.all([left.return?.(), right.return?.()]);
  }
}
