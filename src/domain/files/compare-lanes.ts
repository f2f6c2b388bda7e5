import { extname } from 'node:path';
import { createThreadPool } from '../../compute/thread-pool.ts';
import { type ComparePart, type CompareRequest, comparePart } from './compare-part.ts';

/** Values of both tables for which starting threads takes longer than comparing them. */
const LEAST_VALUES = 2 ** 20;
/** Rows of both tables that are compared by more than one thread: each holds a column of them several times over. */
const MOST_ROWS_APART = 2 ** 25;

/**
 * Compares columns, as many at once as there are threads. @returns the parts in the order of the requests, which
 * threads have no say in.
 */
export async function compareInLanes(
  requests: readonly CompareRequest[],
  { threads, rows }: { readonly threads: number; readonly rows: number },
): Promise<ComparePart[]> {
  const lanes = Math.min(threads, requests.length);
  const apart = lanes > 1 && rows <= MOST_ROWS_APART && rows * requests.length >= LEAST_VALUES;
  if (!apart) return requests.map(comparePart);
  const entry = new URL(`./compare-thread${extname(import.meta.url)}`, import.meta.url);
  const pool = createThreadPool<CompareRequest, ComparePart>(entry, lanes);
  const parts: ComparePart[] = [];
  // What takes longest first: begun last, it would keep one lane while the others have nothing left to do.
  const order = [...requests.keys()].sort((a, b) => textsOf(requests[b]!) - textsOf(requests[a]!) || a - b);
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let i = order[next++]; i !== undefined; i = order[next++]) parts[i] = await pool.ask(requests[i]!);
  };
  try {
    await Promise.all(Array.from({ length: lanes }, lane));
  } finally {
    await pool.close();
  }
  return parts;
}

/** How many texts a column has: of these the time depends, and of the rows, which are as many in all columns. */
const textsOf = ({ column: { reference, current } }: CompareRequest): number =>
  reference.kind === 'category' ? reference.distinct.value + current.distinct.value : 0;
