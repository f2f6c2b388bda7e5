import type { Db } from '../../store/postgres/db.ts';
import type { Finding, StorageRunRow } from '../../store/storage/storage-runs.ts';

/** Counters by name. */
export type Progress = Readonly<Record<string, number>>;

/**
 * A piece of work that is written at once: what it found and changed, and the cursor from which the next one goes on.
 * Killed before it is written, it is done again.
 */
export type Step = {
  readonly cursor: unknown;
  /** Added to the counters. */
  readonly counted: Progress;
  readonly findings?: readonly Finding[];
  /** Changes that belong to the step, in its transaction. */
  readonly apply?: (tx: Db) => Promise<void>;
  /** Added to the counters too, when `apply` has run and knows what it did. */
  readonly tally?: () => Progress;
  /** Seconds that the bytes it read are worth at the rate that is allowed. */
  readonly costSeconds?: number;
};

export type Advancing = Pick<StorageRunRow, 'id' | 'projectId' | 'author' | 'request' | 'cursor' | 'startedAt'> & {
  readonly project: string;
};

export function addProgress(sum: Progress, counted: Progress): Progress {
  const names = new Set([...Object.keys(sum), ...Object.keys(counted)]);
  return Object.fromEntries([...names].map((name) => [name, (sum[name] ?? 0) + (counted[name] ?? 0)]));
}
