import { z } from 'zod';

const LINT_CODES = [
  'reference-empty',
  'healthy-empty',
  'few-reference-rows',
  'few-window-rows',
  'windows-below-minimum',
  'constant-column',
  'identifier-column',
  'many-values',
  'column-never-logged',
  'values-never-seen',
  'values-beyond',
  'few-window-values',
  'few-numbers',
  'limit-below-noise',
  'limit-below-usual',
  'reference-unlike',
  'reference-stale',
  'reference-short',
  'reference-incomplete',
  'reference-old',
  'change-adopted',
  'alarms-throughout',
  'slow-change-hidden',
  'seasons-mixed',
  'seasons-unknown',
  'late-data',
  'never-fires',
] as const;

/** What is wrong with a monitor's configuration as far as its data shows, and how to mend it. */
export const lintView = z
  .strictObject({
    code: z.enum(LINT_CODES),
    /** The column it is about; null when it is about all of them. */
    column: z.string().nullable(),
    what: z.string(),
    how_to_mend: z.string(),
  })
  .meta({ id: 'Lint' });

export type Lint = z.infer<typeof lintView>;
