import { z } from 'zod';
import { ERROR_CODES, type ErrorCode } from '../../errors.ts';

const problem = z.looseObject({ type: z.string(), detail: z.string(), errors: z.array(z.unknown()).default([]) });

/** What a service says is wrong, as RFC 9457 has it. */
export type ProblemDocument = {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly errors: readonly unknown[];
};

/** Reads the body of an answer as a problem of ours, with `internal` for a code that is unknown here; null for anything else. */
export function parseProblem(text: string): ProblemDocument | null {
  try {
    const { type, detail, errors } = problem.parse(JSON.parse(text));
    const name = type.slice(type.lastIndexOf('/') + 1);
    return { code: ERROR_CODES.find((known) => known === name) ?? 'internal', detail, errors };
  } catch {
    return null;
  }
}
