import { z } from 'zod';

/** A closed window with what its report says of the schema. */
export type ClosedWindow = {
  readonly start: Date;
  readonly end: Date;
  readonly verdict: string | null;
  readonly rows: number;
  /** What its rows break of the schema, by the number of rows that do. */
  readonly violations: readonly { readonly column: string; readonly code: string; readonly count: number }[];
  /** The violations are those that its report found too many, by the limit of its monitor. */
  readonly checked: boolean;
};

/** Violations as reports keep them; a window without a report has none. */
const violationsShape = z
  .array(z.looseObject({ column: z.string(), code: z.string(), count: z.int() }))
  .nullable()
  .catch(null);

/** What the check of a report keeps of its columns: those that are nothing new are not among them. */
const schemaShape = z
  .looseObject({
    verdict: z.string(),
    limit: z.number().nullable(),
    columns: z
      .array(z.looseObject({ column: z.string(), code: z.string(), rows: z.int(), share: z.number() }))
      .optional(),
  })
  .nullable()
  .catch(null);

/** The window as far as its schema is broken: by the check of its report, else by all that its rows break. */
export function withViolations({
  violations: stored,
  schema,
  ...window
}: Omit<ClosedWindow, 'violations' | 'checked'> & {
  readonly violations: unknown;
  readonly schema: unknown;
}): ClosedWindow {
  const check = schemaShape.parse(schema);
  if (check !== null) {
    const broken = (check.verdict === 'unsound' ? (check.columns ?? []) : [])
      .filter(({ code, share }) => code !== 'unexpected' && share > (check.limit ?? BROKEN_SHARE))
      .map(({ column, code, rows }) => ({ column, code, count: rows }));
    return { ...window, violations: broken, checked: true };
  }
  const violations = violationsShape.parse(stored) ?? [];
  // Features are known to people by their own names.
  const named = violations.map((found) => ({ ...found, column: found.column.replace(/^feature\./, '') }));
  return { ...window, violations: named, checked: false };
}

/** A column lacks, or has another type, when so many of a window's rows say so: less is dirt, not a broken schema. */
export const BROKEN_SHARE = 0.1;

/** The columns in which the schema is broken. Pure. */
export function brokenColumns({ violations, rows, checked }: Pick<ClosedWindow, 'violations' | 'rows' | 'checked'>) {
  if (checked) return violations;
  return violations.filter(({ code, count }) => (code === 'missing' || code === 'type') && count > BROKEN_SHARE * rows);
}
