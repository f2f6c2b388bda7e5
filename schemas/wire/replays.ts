import { z } from 'zod';

export const replayView = z
  .strictObject({
    report: z.string(),
    agrees: z.boolean(),
    methods_changed: z.array(z.strictObject({ stored: z.string(), recomputed: z.string() })).meta({
      description:
        'Methods that the report names and that have changed since: what they give is computed as it is now, so that numbers which rest on it may differ',
    }),
    /** At most 100 places where the stored and the recomputed body differ. */
    differences: z.array(z.strictObject({ pointer: z.string(), stored: z.unknown(), recomputed: z.unknown() })),
    differences_total: z.int(),
    /** Why it could not be computed again, else null. */
    error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
  })
  .meta({ id: 'Replay' });
