import { z } from 'zod';

/** A closed window with what its report says of the schema. */
export type ClosedWindow = {
  readonly start: Date;
  readonly end: Date;
  readonly verdict: string | null;
  readonly rows: number;
  /** Columns that lack, or whose values are of another type, by the number of rows that do. */
  readonly violations: readonly { readonly column: string; readonly code: string; readonly count: number }[];
};

/** Violations as reports keep them; a window without a report has none. */
const violationsShape = z
  .array(z.looseObject({ column: z.string(), code: z.string(), count: z.int() }))
  .nullable()
  .catch(null);

export function withViolations(
  window: Omit<ClosedWindow, 'violations'> & { readonly violations: unknown },
): ClosedWindow {
  const violations = violationsShape.parse(window.violations) ?? [];
  // Features are known to people by their own names.
  const named = violations.map((found) => ({ ...found, column: found.column.replace(/^feature\./, '') }));
  return { ...window, violations: named };
}

/** A column lacks, or has another type, when so many of a window's rows say so: less is dirt, not a broken schema. */
export const BROKEN_SHARE = 0.1;

/** The columns in which the schema is broken. Pure. */
export function brokenColumns({ violations, rows }: Pick<ClosedWindow, 'violations' | 'rows'>) {
  return violations.filter(({ code, count }) => (code === 'missing' || code === 'type') && count > BROKEN_SHARE * rows);
}
