import { z } from 'zod';

const currencyShape = z
  .string()
  .regex(/^[A-Z]{3}$/, 'must be three capital letters such as "EUR"')
  .meta({ example: 'EUR' });

/** What the runs of a policy may cost in a month of the calendar: no start with which they would cost more. */
export const budgetShape = z.strictObject({
  per_month: z.number().positive().max(1e12).meta({ description: 'What the runs of a month of the calendar may cost' }),
  run_estimate: z.number().min(0).max(1e12).meta({
    description: 'What a run is taken to cost until it has reported its own `cost`',
  }),
  currency: currencyShape.optional(),
});

/** As it is kept. */
export const budgetConfig = z.object({
  per_month: z.number(),
  run_estimate: z.number(),
  currency: z.string().nullable(),
});
