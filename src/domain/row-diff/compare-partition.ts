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
  const rows = new Map<string, Rows>();
  for await (const lines of linesOf(pair.from)) eachRow(lines, (key, values) => takeOld(rows, key, values));
  for await (const lines of linesOf(pair.to)) {
    eachRow(lines, (key, values) => {
      if (takeNew(rows, key, values)) changes.unchanged();
    });
  }
  removeFile(pair.from);
  removeFile(pair.to);
  for (const [key, found] of rows) {
    if (typeof found === 'string') changes.removed(key, found);
    else if (found !== MATCHED) settle(key, found, changes);
  }
}

/** Rows of a key that are not paired yet, and how many are. */
type Several = { readonly from: string[]; readonly to: string[]; readonly matched: number };

const MATCHED: unique symbol = Symbol('one row on either side, equal');

/** Nearly every key has one row on a side, for which a text is enough: the old row, until an equal new one comes. */
type Rows = string | typeof MATCHED | Several;

function eachRow(lines: readonly string[], take: (key: string, values: string) => void): void {
  for (let i = 0; i + 1 < lines.length; i += 2) take(lines[i] ?? '', lines[i + 1] ?? '');
}

function takeOld(rows: Map<string, Rows>, key: string, values: string): void {
  const known = rows.get(key);
  if (known === undefined) rows.set(key, values);
  else if (typeof known === 'string') rows.set(key, { from: [known, values], to: [], matched: 0 });
  else if (known !== MATCHED) known.from.push(values);
}

/** True when it is the only old row of its key. */
function takeNew(rows: Map<string, Rows>, key: string, values: string): boolean {
  const known = rows.get(key);
  if (known === values) {
    rows.set(key, MATCHED);
    return true;
  }
  if (known === undefined) rows.set(key, { from: [], to: [values], matched: 0 });
  else if (known === MATCHED) rows.set(key, { from: [], to: [values], matched: 1 });
  else if (typeof known === 'string') rows.set(key, { from: [known], to: [values], matched: 0 });
  else known.to.push(values);
  return false;
}

function settle(key: string, { from, to, matched }: Several, changes: RowChanges): void {
  if (from.length + matched > 1) changes.repeated('from');
  if (to.length + matched > 1) changes.repeated('to');
  const single = from.length <= 1 && to.length <= 1 && from[0] !== to[0];
  const [before, after] = single ? [from, to] : unequal(from, to, changes);
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
    for await (const lines of linesOf(path)) eachRow(lines, parts.add);
    removeFile(path);
    return parts.close();
  };
  const [before, after] = [await spread(from), await spread(to)];
  for (const [i, path] of before.entries()) {
    await comparePartition({ from: path, to: after[i] ?? '', level: level + 1 }, changes, largest);
  }
}
