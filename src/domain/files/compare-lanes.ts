import { extname } from 'node:path';
import { workThreads } from '../../compute/work-threads.ts';
import type { ColumnProfile } from '../../stats/profile.ts';
import { type ComparePart, type CompareRequest, comparePart } from './compare-part.ts';

const MODULE = new URL(`./compare-work${extname(import.meta.url)}`, import.meta.url);

/** Values of both tables for which starting threads takes longer than comparing them. */
const LEAST_VALUES = 2 ** 20;
/** Rows of both tables that are compared by more than one thread: each holds a column of them several times over. */
const MOST_ROWS_APART = 2 ** 25;

/**
 * Compares columns, as many at once as there are threads. @returns the parts in the order of the requests, which
 * threads have no say in.
 */
export async function compareInLanes(
  requests: readonly CompareRequest<ColumnProfile>[],
  { threads, rows }: { readonly threads: number; readonly rows: number },
): Promise<ComparePart[]> {
  if (!isWorthThreads({ rows, columns: requests.length }, threads)) return requests.map(comparePart);
  const run = workThreads({ threads, byShare: true });
  // What takes longest first: begun last, it would keep one lane while the others have nothing left to do.
  const order = [...requests.keys()].sort((a, b) => textsOf(requests[b]!) - textsOf(requests[a]!) || a - b);
  const parts: ComparePart[] = [];
  const compared = order.map(async (i) => {
    // A comparison is answered by one.
    parts[i] = (await run({ module: MODULE, request: requests[i] })) as ComparePart;
  });
  // After a failure nothing may run on: the files of the columns are about to be removed.
  await Promise.allSettled(compared);
  await Promise.all(compared);
  return parts;
}

type Size = {
  /** Of both tables. */
  readonly rows: number;
  readonly columns: number;
};

/** Whether so many threads compare columns faster than one, and hold no more than may be held. */
export const isWorthThreads = ({ rows, columns }: Size, threads: number): boolean =>
  Math.min(threads, columns) > 1 && rows <= MOST_ROWS_APART && rows * columns >= LEAST_VALUES;

/** How many texts a column has: of these the time depends, and of the rows, which are as many in all columns. */
const textsOf = ({ column: { reference, current } }: CompareRequest<ColumnProfile>): number =>
  reference.kind === 'category' ? reference.distinct.value + current.distinct.value : 0;
