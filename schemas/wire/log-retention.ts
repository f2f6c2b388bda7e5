import { z } from 'zod';
import { instantShape } from './shapes.ts';

/** A thousand years. */
const SECONDS_MAX = 31_557_600_000;

export const logRuleRequest = z
  .strictObject({
    keep_seconds: z
      .int()
      .min(3600)
      .max(SECONDS_MAX)
      .nullable()
      .default(null)
      .meta({ description: 'Batches whose newest event is older are let go; null: however old' }),
    keep_rows: z
      .int()
      .min(0)
      .max(Number.MAX_SAFE_INTEGER)
      .nullable()
      .default(null)
      .meta({ description: 'Batches before the newest so many rows are let go; null: however many' }),
    reports: z
      .enum(['keep', 'release'])
      .default('keep')
      .meta({
        description:
          'keep: what a report was computed from stays, so that it can be computed again. release: it goes too; the ' +
          'report stays as it is, and says that it can no longer be replayed.',
      }),
  })
  .meta({ id: 'LogRule' });

const sum = z.strictObject({ batches: z.int(), rows: z.int(), bytes: z.int() });

export const logRetentionView = z
  .strictObject({
    model: z.string(),
    keep_seconds: z.int().nullable(),
    keep_rows: z.int().nullable(),
    reports: z.enum(['keep', 'release']),
    author: z.string().nullable(),
    updated_at: instantShape.nullable().meta({ description: 'null: no rule was ever set, and everything is kept' }),
    last_run_at: instantShape.nullable(),
    let_go: sum.meta({ description: 'So far' }),
  })
  .meta({ id: 'LogRetention' });

export const logPlanView = z
  .strictObject({
    drop: sum,
    kept_for_reports: sum.meta({ description: 'Beyond the rule, and needed to compute reports again' }),
    kept_for_windows: sum.meta({ description: 'Beyond the rule, and in windows that have no verdict yet' }),
    reports: z
      .strictObject({ total: z.int(), ids: z.array(z.string()) })
      .meta({ description: 'Reports that could no longer be replayed; the first 1,000 by id' }),
  })
  .meta({ id: 'LogPlan' });
