import { setTimeout as wait } from 'node:timers/promises';
import { databaseFailure } from './db.ts';

export type Patience = {
  /** How long a database is waited for that is not there yet, as when both are started at once. */
  readonly milliseconds: number;
  /** Called before each wait. */
  readonly onWait: (failure: Error) => void;
};

/** Waits for nothing. */
export const NO_PATIENCE: Patience = { milliseconds: 0, onWait: () => {} };
const BETWEEN_TRIES = 500;

/** `withPatience` of some patience. */
export type Patiently = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Does what may be done again, until the database is there for it: one that is starting, or is lost meanwhile, is waited
 * for. What was done may have been kept all the same.
 * @throws TidemarkError `database-unavailable` when patience has ended.
 */
export async function withPatience<T>(patience: Patience, work: () => Promise<T>): Promise<T> {
  for (let left = patience.milliseconds; ; left -= BETWEEN_TRIES) {
    try {
      return await work();
    } catch (error) {
      const failure = databaseFailure(error);
      if (failure === null) throw error;
      if (left <= 0) throw failure;
      patience.onWait(failure);
      await wait(BETWEEN_TRIES);
    }
  }
}
