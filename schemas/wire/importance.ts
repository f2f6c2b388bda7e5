import { z } from 'zod';

/** How much each feature matters to what a model predicts. */

export const importanceRequest = z
  .record(z.string().min(1).max(500), z.number().min(0).max(1e9))
  .nullable()
  .meta({
    description:
      'How much each feature matters to the model, in any unit; what is not named does not matter. When nothing is said it ' +
      "is learnt from the reference's predictions, or its labels; null: learnt again",
    example: { income: 3, age: 1 },
  });

export const importanceConfig = z.record(z.string(), z.number());

/** As it was learnt, once for a revision. Shares add up to 1; empty, with the reason, where nothing could be learnt. */
export const storedImportance = z.object({
  method: z.string(),
  seed: z.int(),
  rows: z.int(),
  target: z.enum(['score', 'prediction', 'label']).nullable(),
  shares: z.record(z.string(), z.number()),
  reason: z.string().nullable(),
});

/** A column that drifted, and whether that matters to the model. */
const matteringColumn = z
  .strictObject({
    column: z.string(),
    /** Its share of what the model's predictions rest on; null where that is not known. */
    importance: z.number().nullable(),
    /** Its effect in units of its limit. */
    drift: z.number().nullable(),
    /** The one times the other: columns are in this order. */
    weight: z.number().nullable(),
    /** Spearman's rank correlation of its drift with how much worse the model did, over the windows up to this one. */
    correlation: z
      .strictObject({
        method: z.string(),
        metric: z.string(),
        value: z.number(),
        p: z.number(),
        windows: z.int(),
        estimated: z.boolean(),
      })
      .nullable(),
  })
  .meta({ id: 'MatteringColumn' });

export const matteringView = z
  .strictObject({
    /** `declared`: by the monitor's configuration; else what it was learnt from; null where it is not known. */
    importance_from: z.enum(['declared', 'score', 'prediction', 'label']).nullable(),
    reason: z.string().nullable(),
    columns: z.array(matteringColumn),
  })
  .meta({ id: 'Mattering' });

export type StoredImportance = z.infer<typeof storedImportance>;
export type MatteringColumn = z.infer<typeof matteringColumn>;
export type Mattering = z.infer<typeof matteringView>;
