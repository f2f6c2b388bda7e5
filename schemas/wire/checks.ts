import { z } from 'zod';

/** What is looked at of a window besides drift: whether its rows are what they should be, as many as usual, and in time. */

const durationShape = z.union([z.string().max(40), z.number()]).meta({ example: 'PT6H' });

export const checksRequest = z
  .strictObject({
    schema: z.number().gt(0).max(1).nullable().optional().meta({
      description:
        'Share of the rows in which a column may lack or have another type, or which may name a version that the model does not have, before the schema is broken. Default 0.1; null: not looked at',
    }),
    volume: z.number().gt(1).max(1000).nullable().optional().meta({
      description:
        'How many times more or fewer rows than usual matter, where chance does not explain them. Default 1.5; null: not looked at',
    }),
    freshness: durationShape.nullable().optional().meta({
      description:
        'How long after their event times rows may come, where they usually come sooner. Default: the lateness, at least an hour; null: not looked at',
    }),
  })
  .nullable();

/** As stored: what was not chosen is absent, null where it is not looked at. */
export const checksConfig = z.object({
  schema: z.number().nullable().optional(),
  volume: z.number().nullable().optional(),
  freshness_seconds: z.int().nullable().optional(),
});

export const checkName = z.enum(['schema', 'volume', 'freshness']);

/** One of them on one window. `value` is in rows of the worst column's share, in rows, or in seconds. */
export const checkView = z
  .strictObject({
    check: checkName,
    verdict: z.enum(['sound', 'unsound', 'not_judged']),
    /** How `p` and the bounds are found, with its version; null where nothing was judged. */
    method: z.string().nullable(),
    /** So seldom is a window like the earlier ones out of bounds; null where no chance is in it. */
    level: z.number().nullable(),
    /** One plain sentence. */
    why: z.string(),
    value: z.number().nullable(),
    /** What is usual; null where nothing is. */
    expected: z.number().nullable(),
    /** Within these it is sound. */
    low: z.number().nullable(),
    high: z.number().nullable(),
    /** That a window like the earlier ones is as far from them. */
    p: z.number().nullable(),
    /** The smallest change that matters: see the monitor's `checks`. */
    limit: z.number().nullable(),
    /** Earlier windows that say what is usual. */
    windows: z.int(),
    /** Columns that lack, that have values of another type or unknown names, or that are new. */
    columns: z
      .array(z.strictObject({ column: z.string(), code: z.string(), rows: z.int(), share: z.number() }))
      .optional(),
  })
  .meta({ id: 'WindowCheck' });

export type ChecksRequest = z.infer<typeof checksRequest>;
export type ChecksConfig = z.infer<typeof checksConfig>;
export type CheckName = z.infer<typeof checkName>;
export type WindowCheck = z.infer<typeof checkView>;
