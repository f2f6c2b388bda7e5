import { z } from 'zod';

/** When a monitor's alerts fire and end, and how often they are told. */

const durationShape = z
  .union([z.string().max(40), z.number()])
  .meta({ example: 'P1D', description: 'An ISO 8601 duration of weeks, days, hours, minutes and seconds, or seconds' });

/** After how many windows of a kind an alert is raised. */
const windowsInARow = (which: string, more: string) =>
  z
    .int()
    .min(1)
    .max(1000)
    .nullable()
    .optional()
    .meta({ description: `Windows in a row ${which}, that raise an alert. ${more}` });

export const alertRequest = z
  .strictObject({
    fire_after: z.int().min(1).max(1000).optional(),
    resolve_after: z.int().min(1).max(1000).optional(),
    minimum_drifted_columns: z.int().min(1).max(10_000).optional(),
    /** `fire_after` of so many windows, instead of so many in a row; null: in a row again. */
    fire_within: z.int().min(1).max(100).nullable().optional(),
    /** Drifting windows in a row after which the alert is critical; null: never. */
    escalate_after: z.int().min(1).max(1000).nullable().optional(),
    fire_for: durationShape.nullable().optional().meta({
      description: 'It fires after drift of so long, instead of `fire_after` windows; null: by windows again',
    }),
    resolve_for: durationShape.nullable().optional().meta({
      description: 'It ends after so long without drift, instead of `resolve_after` windows; null: by windows again',
    }),
    no_data_after: windowsInARow(
      'without data, or so long without any prediction',
      'Default: as many as fill a day, at least 2, of a monitor that has judged 5 windows, where predictions come about when they are made and have come to an end; null: never',
    ),
    error_after: windowsInARow('that cannot be judged', 'Default 1; null: never'),
    schema_after: windowsInARow(
      'in which columns lack or have another type',
      'Drift of the model is told to nobody meanwhile, since it follows from that. Default 1; null: never',
    ),
    volume_after: windowsInARow('with far more or fewer rows than usual', 'Default 2; null: never'),
    freshness_after: windowsInARow('whose rows came far later than usual', 'Default 2; null: never'),
    performance_after: windowsInARow(
      'whose performance by their labels is worse than that of the reference',
      'The alert is critical. Default: as many as for drift; null: never',
    ),
    estimate_after: windowsInARow(
      'whose performance is expected to be worse, as estimated without labels',
      'The alert is a warning. Default null: never',
    ),
    /** An alert that nobody has acknowledged is told again after so long; null: never. */
    repeat_every: durationShape.nullable().optional(),
  })
  .meta({ id: 'AlertRule' });

/** Members that were not chosen are absent: configurations from before there was a choice stay as they are. */
export const alertConfig = {
  fire_after: z.int(),
  resolve_after: z.int(),
  minimum_drifted_columns: z.int(),
  fire_within: z.int().optional(),
  escalate_after: z.int().optional(),
  repeat_seconds: z.int().optional(),
  fire_seconds: z.int().optional(),
  resolve_seconds: z.int().optional(),
  /** Null: never; absent: once a feed has stopped. */
  no_data_after: z.int().nullable().optional(),
  /** Null: never; absent: after one. */
  error_after: z.int().nullable().optional(),
  schema_after: z.int().nullable().optional(),
  /** Null: never; absent: after two. */
  volume_after: z.int().nullable().optional(),
  freshness_after: z.int().nullable().optional(),
  /** Null: never; absent: as for drift. */
  performance_after: z.int().nullable().optional(),
  estimate_after: z.int().optional(),
};
