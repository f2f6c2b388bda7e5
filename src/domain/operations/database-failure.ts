/** What `http` and `web` tell when the database is away. */
export { databaseFailure } from '../../store/postgres/db.ts';

/**
 * Why the database is away, in the words of the driver alone: while it is restarted everything fails, and the statement
 * and the stack of each would fill the log.
 */
export function whyAway(failure: Error): string {
  const { cause } = failure;
  if (cause instanceof Error) return whyAway(cause);
  // Of several addresses that were tried, the driver says no more than the code.
  return failure.message || ('code' in failure ? String(failure.code) : failure.name);
}
