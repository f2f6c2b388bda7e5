import { z } from 'zod';
import { durationShape } from './shapes.ts';

const period = z.enum(['hour', 'day', 'week', 'month']);
const weekday = z.enum(['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']);

/** How event time is cut: exactly one of `length`, `period` and `rows`; which go together is checked where it is used. */
export const windowRequest = z
  .strictObject({
    length: durationShape.optional(),
    step: durationShape
      .optional()
      .meta({ description: 'With "length": a window begins every step, which "length" is a whole multiple of' }),
    period: period.optional().meta({ description: 'Hours, days, weeks or months of a calendar in "zone"' }),
    zone: z.string().min(1).max(64).optional().meta({
      example: 'Europe/Berlin',
      description: 'With "period": a time zone of the IANA database; UTC when absent',
    }),
    week_start: weekday.optional().meta({ description: 'With the period "week"; monday when absent' }),
    rows: z
      .int()
      .min(10)
      .max(10_000_000)
      .optional()
      .meta({ description: 'Every so many predictions in order of their event time, those of one instant together' }),
  })
  .meta({
    id: 'WindowChoice',
    description: 'Exactly one of "length" (with or without "step"), "period" and "rows"',
    example: { period: 'day', zone: 'Europe/Berlin' },
  });

/** The stored form of every kind but windows of one fixed length, each right after the other. */
export const windowingConfig = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('sliding'), length_seconds: z.int(), step_seconds: z.int() }),
  z.object({ kind: z.literal('calendar'), period, zone: z.string(), week_start: weekday }),
  z.object({ kind: z.literal('rows'), rows: z.int() }),
]);

export type WindowRequest = z.infer<typeof windowRequest>;

/** As it was asked for, durations in their shortest notation. */
export const windowingView = z.strictObject({
  length: z.string().optional(),
  step: z.string().optional(),
  period: period.optional(),
  zone: z.string().optional(),
  week_start: weekday.optional(),
  rows: z.int().optional(),
});
