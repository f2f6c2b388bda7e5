import type { Context } from '../context.ts';
import type { Actor } from '../domain/access/actor.ts';
import { noteConflict } from '../domain/access/audit.ts';
import { databaseFailure, whyAway } from '../domain/operations/database-failure.ts';
import { isTidemarkError, TidemarkError } from '../errors.ts';
import { problemHeaders, problemOf } from './problem.ts';

/** How a failure is told. */
export type ProblemAnswer = {
  readonly known: TidemarkError;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** Every failure leaves as a problem document; what was not foreseen is logged whole and told as `internal`. */
export function problemAnswer(
  error: unknown,
  { path, id, log }: { readonly path: string; readonly id: string; readonly log: Context['log'] },
): ProblemAnswer {
  const known = isTidemarkError(error)
    ? error
    : (databaseFailure(error) ??
      new TidemarkError('internal', `Something went wrong on our side; the log has it under ${id}.`, { cause: error }));
  const problem = problemOf(known, { path, id });
  if (known.code === 'database-unavailable') {
    log.warn({ request: id, code: known.code, why: whyAway(known) }, 'request failed');
  } else if (problem.status >= 500) {
    log.error({ request: id, code: known.code, err: known.cause ?? known }, 'request failed');
  }
  return {
    known,
    status: problem.status,
    headers: { ...problemHeaders(known), 'x-request-id': id, 'x-content-type-options': 'nosniff', ...allowOf(known) },
    body: JSON.stringify(problem),
  };
}

const allowOf = (error: TidemarkError): Record<string, string> =>
  typeof error.details.allow === 'string' ? { allow: error.details.allow } : {};

/** What may have been an attempt to swap bytes stays known, whatever way it came. */
export async function noteRefusal(
  ctx: Context,
  { actor, id }: { readonly actor: Actor; readonly id: string },
  error: unknown,
): Promise<void> {
  if (!isTidemarkError(error)) return;
  const conflicts = [error, ...error.issues].some(({ code }) => code === 'digest-conflict');
  if (!conflicts) return;
  try {
    await noteConflict(ctx, actor, error);
  } catch (failure) {
    // The refusal stands, and is told.
    ctx.log.error({ request: id, err: failure }, 'a refusal could not be noted');
  }
}
