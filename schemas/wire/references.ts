import { z } from 'zod';
import { instantShape, nameShape } from './shapes.ts';

const excludeFired = z.boolean().optional().meta({
  description: 'Pass over windows that drifted, so that a lasting change does not become the normal; true when absent',
});

const atLeast = (all: string) =>
  z
    .int()
    .min(1)
    .max(60)
    .optional()
    .meta({
      description: `Windows that a verdict takes; as many as "${all}" when absent. With fewer it is "insufficient_data"`,
    });

const adoptAfter = (standard: string) =>
  z
    .int()
    .min(2)
    .max(1000)
    .nullable()
    .optional()
    .meta({
      description: `Drifted windows in a row after which their change is taken for what is normal, so that windows are compared with them too; ${standard} when absent, null: never`,
    });

/** What a window's rows are compared with. The pinned version still says which columns there are and what they are. */
export const referenceRequest = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('pinned') }).meta({ id: 'PinnedReference' }),
    z
      .strictObject({
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
        at_least: atLeast('windows'),
        exclude_fired: excludeFired,
        adopt_after: adoptAfter('as many as "windows", and at least 8,'),
        exclude: z
          .array(z.strictObject({ from: instantShape, to: instantShape }))
          .max(50)
          .optional()
          .meta({
            description:
              'Stretches of event time, such as sales weeks or outages: windows that touch one are passed over',
          }),
      })
      .meta({ id: 'TrailingReference' }),
    z
      .strictObject({
        kind: z.literal('same_time'),
        every: z.enum(['day', 'week']).meta({
          description: 'The window of the same hour of past days, or of the same hour and weekday of past weeks',
        }),
        count: z.int().min(1).max(52),
        at_least: atLeast('count'),
        exclude_fired: excludeFired,
        adopt_after: adoptAfter('as many as "count", and at least 4,'),
      })
      .meta({ id: 'SameTimeReference' }),
    z
      .strictObject({
        kind: z.literal('model'),
        model: nameShape,
        monitor: nameShape.meta({
          description: 'A monitor of that model with windows of the same kind: the window of the same time is taken',
        }),
      })
      .meta({ id: 'ModelReference' }),
  ])
  .meta({
    id: 'ReferenceChoice',
    description: 'What the rows of a window are compared with; the pinned version when absent',
    example: { kind: 'trailing', windows: 4 },
  });

/** Absent where the standard is followed. */
const patience = { at_least: z.int().optional(), adopt_after: z.int().nullable().optional() };

const span = z.object({ from: z.string(), to: z.string() });

/** The stored form of all kinds but the pinned version. */
export const referenceConfig = z
  .discriminatedUnion('kind', [
    z
      .object({
        kind: z.literal('trailing'),
        windows: z.int(),
        offset: z.int(),
        exclude_fired: z.boolean(),
        exclude: z.array(span),
        ...patience,
      })
      .meta({ id: 'TrailingReferenceConfig' }),
    z
      .object({
        kind: z.literal('same_time'),
        every: z.enum(['day', 'week']),
        count: z.int(),
        exclude_fired: z.boolean(),
        ...patience,
      })
      .meta({ id: 'SameTimeReferenceConfig' }),
    z.object({ kind: z.literal('model'), model: z.string(), monitor: z.string() }).meta({ id: 'ModelReferenceConfig' }),
  ])
  .meta({ id: 'ReferenceConfig' });

export type ReferenceRequest = z.infer<typeof referenceRequest>;
export type ReferenceConfig = z.infer<typeof referenceConfig>;
