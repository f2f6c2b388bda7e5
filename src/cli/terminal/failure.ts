import { z } from 'zod';
import { isTidemarkError, TidemarkError } from '../../errors.ts';

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

/** The same of a file below a folder. A write that finds the disk full does not say which file, and so not which disk. */
export const unwritten = (error: unknown, folder: string): unknown =>
  failureOf(error, `A file cannot be written below ${folder}`);

/** What an error that nobody foresaw is told as, in one line. */
export function lastResort(error: unknown): string {
  if (isTidemarkError(error)) return error.message;
  if (isSystemError(error)) return `${wordsOf(error)}.`;
  const message = error instanceof Error ? error.message : String(error);
  return `unexpected: ${message} (TIDEMARK_DEBUG=on shows where)`;
}

/**
 * How a command says why it failed, on standard error: for people in lines, for a machine as one object of JSON with
 * the problem's code, its words, and the places that are wrong.
 */
export function failureText(error: unknown, asJson: boolean): string {
  const message = lastResort(error);
  const errors = isTidemarkError(error) && Array.isArray(error.details.errors) ? error.details.errors : [];
  if (asJson) {
    const code = isTidemarkError(error) ? error.code : 'internal';
    return `${JSON.stringify({ error: { code, message, errors } })}\n`;
  }
  const shown = errors.slice(0, 10).flatMap((issue: unknown) => issueLine(issue, message));
  return `tidemark: ${message}${keyHint(error)}\n${shown.join('')}`;
}

/** How whoever types says a key: a service speaks of the header that programs send. */
export const keyHint = (error: unknown): string =>
  isTidemarkError(error, 'unauthenticated') ? ' Say it by --key or TIDEMARK_KEY.' : '';

const issueShape = z.looseObject({
  pointer: z.string().optional(),
  field: z.string().optional(),
  line: z.number().optional(),
  detail: z.string().default(''),
});

/** Where something is wrong and what, for people; nothing where the message has said so. */
function issueLine(issue: unknown, message: string): string[] {
  const { pointer, field, line, detail } = issueShape.catch({ detail: JSON.stringify(issue) }).parse(issue);
  if (detail !== '' && message.includes(detail)) return [];
  const place = [line === undefined ? undefined : `line ${line}`, pointer ?? field].filter(Boolean).join(' ');
  return [`  ${[place, detail].filter((part) => part !== '').join(': ')}\n`];
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

/** `EACCES: permission denied, open 'x'` → `x: permission denied (EACCES)`; of two paths the one that it goes to. */
function wordsOf({ message, code }: SystemError): string {
  const [, why = message, from, to] = /^[A-Z0-9]+: (.*?), [a-z]+(?: '(.*?)'(?: -> '(.*)')?)?$/s.exec(message) ?? [];
  const path = to ?? from;
  return `${path === undefined ? '' : `${path}: `}${why} (${code})`;
}
