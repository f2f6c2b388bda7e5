import { z } from 'zod';
import { addressedShape, instantShape, orNull } from './shapes.ts';

export const computationKind = z.enum(['compare', 'diff-rows', 'derive-rows']);

export const progressShape = z
  .strictObject({
    phase: z.enum(['copying', 'reading', 'judging', 'writing']),
    done: z.number(),
    of: z.number().nullable().meta({ description: 'Null where it is not known before' }),
    unit: z.enum(['bytes', 'files', 'columns', 'rows']),
    rows: z.number().optional().meta({ description: 'Rows read so far, of files that may be large' }),
  })
  .meta({ id: 'ComputationProgress' });

export type ComputationProgress = z.infer<typeof progressShape>;

export const computationErrorShape = z.strictObject({ code: z.string(), message: z.string() });

export const computationParams = z.strictObject({ computation: addressedShape });

export const computationView = z
  .strictObject({
    id: z.string(),
    kind: computationKind,
    state: z.enum(['waiting', 'done', 'failed']),
    progress: orNull(progressShape),
    result: z
      .unknown()
      .meta({ description: 'Null until it is done; then what the request answers when it is repeated' }),
    error: computationErrorShape.nullable(),
    author: z.string(),
    created_at: instantShape,
    finished_at: instantShape.nullable(),
    links: z.strictObject({ self: z.string() }),
  })
  .meta({ id: 'Computation' });
