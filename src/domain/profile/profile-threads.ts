import { extname } from 'node:path';
import { workThreads } from '../../compute/work-threads.ts';
import type { OnRows } from './kept-columns.ts';
import { buffersOf, type Part, type PartRequest } from './profile-part.ts';

const MODULE = new URL(`./profile-work${extname(import.meta.url)}`, import.meta.url);

/** Of more columns so many arrays are alive that a share of them, as much again unused, would be hundreds of megabytes. */
const MOST_COLUMNS = 512;

/**
 * Runs parts of a table with so many columns in at most `count` threads, which all callers of the process share.
 * @throws TidemarkError what the part threw; `unreadable-data` when a thread ran out of memory.
 */
export function profileThreads(
  count: number,
  { columns }: { readonly columns: number },
): (request: PartRequest, onRows?: OnRows) => Promise<Part> {
  const run = workThreads({ threads: count, byShare: columns <= MOST_COLUMNS });
  return async (request, onRows) => {
    const merging = request.kind === 'merge';
    const moved = merging ? request.columns.flatMap(({ states }) => buffersOf(states)) : [];
    // Merging frees what ranges fill, so it never waits behind them. Of progress rows are told.
    const onProgress = onRows && ((rows: unknown) => onRows(Number(rows)));
    return (await run({ module: MODULE, request, moved, urgent: merging, onProgress })) as Part;
  };
}
