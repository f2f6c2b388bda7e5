import { TidemarkError } from '../../errors.ts';
import { linesOf, openPartitions, removeFile, sizeOf } from './partitions.ts';

/** What becomes of the rows of two tables; rows are told as the lines that the partitions hold. */
export type RowChanges = {
  readonly added: (key: string, values: string) => void;
  readonly removed: (key: string, values: string) => void;
  readonly changed: (key: string, from: string, to: string) => void;
  readonly unchanged: () => void;
  /** A key that stands more than once on a side. */
  readonly repeated: (side: 'from' | 'to') => void;
};

/** Bytes of a partition that are compared at once. */
const LARGEST = 48 * 2 ** 20;
const SPREAD = 16;
/** Spreading again and again does not help where one key has all the rows. */
const LEVELS = 3;

type Pair = { readonly from: string; readonly to: string; readonly level: number };

/**
 * Compares two files of lines whose keys are not in any other. Rows with the same key are paired, equal ones first,
 * the others in the order of their texts; so what is counted does not depend on the order of the tables. A pair that
 * is too large to hold is spread over smaller ones.
 * @param largest bytes of a pair that are held at once.
 * @throws TidemarkError `too-large` when too many rows share one key.
 */
export async function comparePartition(pair: Pair, changes: RowChanges, largest = LARGEST): Promise<void> {
  if (sizeOf(pair.from) + sizeOf(pair.to) > largest) return spreadAgain(pair, changes, largest);
  const entries = new Map<string, Entry>();
  for await (const [key, values] of linesOf(pair.from)) entryOf(entries, key).from.push(values);
  for await (const [key, values] of linesOf(pair.to)) entryOf(entries, key).to.push(values);
  removeFile(pair.from);
  removeFile(pair.to);
  for (const [key, entry] of entries) settle(key, entry, changes);
}

type Entry = { readonly from: string[]; readonly to: string[] };

function entryOf(entries: Map<string, Entry>, key: string): Entry {
  const known = entries.get(key);
  if (known !== undefined) return known;
  const entry: Entry = { from: [], to: [] };
  entries.set(key, entry);
  return entry;
}

function settle(key: string, { from, to }: Entry, changes: RowChanges): void {
  if (from.length > 1) changes.repeated('from');
  if (to.length > 1) changes.repeated('to');
  const [before, after] =
    from.length <= 1 && to.length <= 1 && from[0] !== to[0] ? [from, to] : unequal(from, to, changes);
  for (let i = 0; i < Math.max(before.length, after.length); i++) {
    const [old, now] = [before[i], after[i]];
    if (old === undefined) changes.added(key, now ?? '');
    else if (now === undefined) changes.removed(key, old);
    else changes.changed(key, old, now);
  }
}

/** What is left of both sides when equal rows are paired, in the order of their texts. */
function unequal(from: readonly string[], to: readonly string[], changes: RowChanges): [string[], string[]] {
  const [a, b] = [from.toSorted(), to.toSorted()];
  const [before, after]: [string[], string[]] = [[], []];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [old, now] = [a[i], b[j]];
    if (old === now) {
      changes.unchanged();
      i++;
      j++;
    } else if (now === undefined || (old !== undefined && old < now)) {
      before.push(old ?? '');
      i++;
    } else {
      after.push(now);
      j++;
    }
  }
  return [before, after];
}

async function spreadAgain({ from, to, level }: Pair, changes: RowChanges, largest: number): Promise<void> {
  if (level >= LEVELS) {
    throw new TidemarkError('too-large', 'Too many rows share one key to be compared; name more columns as the key.');
  }
  const spread = async (path: string): Promise<readonly string[]> => {
    const parts = openPartitions(`${path}.parts`, { count: SPREAD, level: level + 1 });
    for await (const [key, values] of linesOf(path)) parts.add(key, values);
    removeFile(path);
    return parts.close();
  };
  const [before, after] = [await spread(from), await spread(to)];
  for (const [i, path] of before.entries()) {
    await comparePartition({ from: path, to: after[i] ?? '', level: level + 1 }, changes, largest);
  }
}
