import { z } from 'zod';
import { instantShape } from './shapes.ts';

/** A metric with its 95 % interval. */
const valueShape = z
  .strictObject({
    value: z.number().nullable(),
    low: z.number().nullable(),
    high: z.number().nullable(),
  })
  .meta({ id: 'ComparedValue' });

/** Both models on the same labelled rows. */
const partShape = z
  .strictObject({
    kind: z.enum(['all', 'window', 'segment']),
    /** The feature that divides; empty for the whole and for windows. */
    name: z.string(),
    /** Its value, or the start of the window. */
    value: z.string(),
    rows: z.int(),
    champion: z.record(z.string(), valueShape),
    challenger: z.record(z.string(), valueShape),
  })
  .meta({ id: 'ComparedPart' });

export type ComparedPart = z.infer<typeof partShape>;

/** How the model that a run made does beside the one in service. */
export const comparisonShape = z
  .strictObject({
    metric: z.string(),
    /** By so much the challenger is better (below 0: worse), in the metric's own unit; null when it cannot be said. */
    gain: z.number().nullable(),
    /** Whether the policy's rule is met. */
    better: z.boolean(),
    why: z.string(),
    /** The rows were held out, so that the challenger has not seen them. */
    held_out: z.boolean(),
    rows: z.int(),
    /** Labelled rows of which the challenger said nothing: they count for neither. */
    unanswered: z.int(),
    parts: z.array(partShape),
    compared_at: instantShape,
  })
  .meta({ id: 'Comparison' });

export type Comparison = z.infer<typeof comparisonShape>;
