import { z } from 'zod';
import { instantShape, nameShape } from './shapes.ts';

const excludeFired = z.boolean().optional().meta({
  description: 'Pass over windows that drifted, so that a lasting change does not become the normal; true when absent',
});

/** What a window's rows are compared with. The pinned version still says which columns there are and what they are. */
export const referenceRequest = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('pinned') }),
    z.strictObject({
      kind: z.literal('trailing'),
      windows: z
        .int()
        .min(1)
        .max(60)
        .meta({ description: 'So many windows before, the newest that are not passed over' }),
      offset: z
        .int()
        .min(1)
        .max(1000)
        .optional()
        .meta({ description: '1, as when absent: from the last window that ended before this one begins' }),
      exclude_fired: excludeFired,
      exclude: z
        .array(z.strictObject({ from: instantShape, to: instantShape }))
        .max(50)
        .optional()
        .meta({
          description:
            'Stretches of event time, such as sales weeks or outages: windows that touch one are passed over',
        }),
    }),
    z.strictObject({
      kind: z.literal('same_time'),
      every: z.enum(['day', 'week']).meta({
        description: 'The window of the same hour of past days, or of the same hour and weekday of past weeks',
      }),
      count: z.int().min(1).max(52),
      exclude_fired: excludeFired,
    }),
    z.strictObject({
      kind: z.literal('model'),
      model: nameShape,
      monitor: nameShape.meta({
        description: 'A monitor of that model with windows of the same kind: the window of the same time is taken',
      }),
    }),
  ])
  .meta({
    description: 'What the rows of a window are compared with; the pinned version when absent',
    example: { kind: 'trailing', windows: 4 },
  });

const span = z.object({ from: z.string(), to: z.string() });

/** The stored form of all kinds but the pinned version. */
export const referenceConfig = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('trailing'),
    windows: z.int(),
    offset: z.int(),
    exclude_fired: z.boolean(),
    exclude: z.array(span),
  }),
  z.object({
    kind: z.literal('same_time'),
    every: z.enum(['day', 'week']),
    count: z.int(),
    exclude_fired: z.boolean(),
  }),
  z.object({ kind: z.literal('model'), model: z.string(), monitor: z.string() }),
]);

export type ReferenceRequest = z.infer<typeof referenceRequest>;
export type ReferenceConfig = z.infer<typeof referenceConfig>;
