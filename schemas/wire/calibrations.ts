import { z } from 'zod';
import { instantShape } from './shapes.ts';

const period = z.enum(['day', 'week', 'month', 'year']);

/** How many false alarms are expected at most: windows in which nothing had changed and that are judged as drift. */
export const falseAlarmsRequest = z
  .strictObject({
    at_most: z.number().gt(0).max(1000),
    per: period,
    healthy: z.strictObject({ from: instantShape, to: instantShape }).optional().meta({
      description:
        'Event time in which all was well: its windows show the seasons. When absent, parts of the reference by its event times, or where it has none, random ones, which know of no seasons',
    }),
  })
  .meta({
    description:
      'False alarms expected at most. Limits are raised to what healthy windows, or resamples of the reference, exceed as ' +
      'rarely. When nothing is said and the reference has event times that span its seasons: one a month; null: none',
    example: { at_most: 1, per: 'month' },
  });

export const falseAlarmsConfig = z.object({
  at_most: z.number(),
  per: period,
  healthy: z.object({ from: z.string(), to: z.string() }).optional(),
});

/**
 * Windows as they were judged, parts of the reference by their event time, windows of a change that lasted held against
 * each other, or any rows.
 */
const calibrationSource = z.enum(['healthy-windows', 'reference-periods', 'adopted-windows', 'resamples']);

/** What the limits of a revision were calibrated from; kept with it, and read by every verdict under it. */
export const storedCalibration = z.object({
  method: z.enum([
    'largest-column/conformal@1',
    'largest-column/conformal@2',
    'largest-column/conformal@3',
    'largest-column/conformal@4',
    'largest-column/conformal@5',
  ]),
  windows: z.int(),
  perWindow: z.number(),
  factor: z.number(),
  tail: z.enum(['counted', 'extrapolated']),
  scales: z.record(z.string(), z.record(z.string(), z.number())),
  /** Of measures of whole rows, by name; absent where nothing showed what is usual of them, and before `@3`. */
  tables: z
    .record(
      z.string(),
      z.object({ factor: z.number(), rate: z.number(), windows: z.int(), scales: z.record(z.string(), z.number()) }),
    )
    .optional(),
  source: calibrationSource,
  /** What chance began from, and the rows of a resampled window; null for healthy windows. */
  seed: z.int().nullable(),
  windowRows: z.int().nullable(),
  why: z.string(),
  /** Event time of the change that it was made of, and of the end of its last window taken; absent: none. */
  since: z.string().optional(),
  until: z.string().optional(),
});

export type StoredCalibration = z.infer<typeof storedCalibration>;

export const calibrationView = z
  .strictObject({
    method: z.string(),
    source: calibrationSource,
    /** Healthy windows, or resamples. */
    windows: z.int(),
    seed: z.int().nullable(),
    window_rows: z.int().nullable(),
    /** Share of healthy windows that are judged as drift. */
    per_window: z.number(),
    /** A column's effect has to be this many times what healthy windows typically show. */
    factor: z.number(),
    tail: z.enum(['counted', 'extrapolated']),
    why: z.string(),
    since: z.string().nullable().meta({
      description: 'Start of the change that became what is normal and that the limits were made of; null: none did',
    }),
  })
  .meta({ id: 'Calibration' });
