import { isTidemarkError, TidemarkError } from '../errors.ts';

/**
 * What befell a file of this machine, in words for whoever runs the command.
 * @param doing what was tried, like "A file cannot be written".
 */
export function failureOf(error: unknown, doing: string): unknown {
  if (isTidemarkError(error) || !(error instanceof Error)) return error;
  const code = 'code' in error && error.code === 'ENOSPC' ? 'storage-full' : 'bad-path';
  const why = isSystemError(error) ? `${wordsOf(error)}.` : error.message;
  return new TidemarkError(code, `${doing}: ${why}`, { cause: error });
}

/** What an error that nobody foresaw is told as, in one line. */
export function lastResort(error: unknown): string {
  if (isTidemarkError(error)) return error.message;
  if (isSystemError(error)) return `${wordsOf(error)}.`;
  const message = error instanceof Error ? error.message : String(error);
  return `unexpected: ${message} (TIDEMARK_DEBUG=on shows where)`;
}

type SystemError = Error & { readonly code: string };

/** Also one that came from a thread, which keeps only its code and message. */
function isSystemError(error: unknown): error is SystemError {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    error.message.startsWith(`${error.code}: `)
  );
}

/** `EACCES: permission denied, open 'x'` → `x: permission denied (EACCES)`. */
function wordsOf({ message, code }: SystemError): string {
  const [, why = message, path] = /^[A-Z0-9]+: (.*?), [a-z]+(?: '(.*)')?$/s.exec(message) ?? [];
  return `${path === undefined ? '' : `${path}: `}${why} (${code})`;
}
