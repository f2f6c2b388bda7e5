import { z } from 'zod';

/** Reasons why a window has no verdict on drift. */
const NOT_JUDGED_CODES = [
  'monitor-off',
  'batches-unsettled',
  'batches-unsorted',
  'events-before-end',
  'lateness-not-over',
  'rows-missing',
  'reference-not-profiled',
  'reference-not-judged',
  'not-calibrated',
  'queued',
  'set-aside',
  'failed',
  'no-rows',
  'too-few-rows',
  'too-few-reference-windows',
  'nothing-comparable',
] as const;

export const notJudgedReason = z
  .strictObject({
    code: z.enum(NOT_JUDGED_CODES),
    message: z.string(),
    /** What there is and what it takes: points in event time, or numbers. */
    have: z.union([z.string(), z.number()]).nullable(),
    need: z.union([z.string(), z.number()]).nullable(),
    remedy: z.string(),
  })
  .meta({ id: 'NotJudgedReason' });
