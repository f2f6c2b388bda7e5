import { TidemarkError } from '../errors.ts';

const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

/** An error of writing a temporary file: `storage-full` where that has no room, else as it is. `what` begins the message. */
export function roomFailure(cause: unknown, what: string): unknown {
  const full = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' && FULL.has(cause.code);
  if (!full) return cause;
  return new TidemarkError('storage-full', `${what} Free some, or set TMPDIR to a folder on a larger disk.`, { cause });
}
