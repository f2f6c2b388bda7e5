import { z } from 'zod';

/** What of an event can be asked for. An event without a label has the empty text for it. */
export const labelShape = z.enum([
  'project',
  'model',
  'monitor',
  'segment',
  'dataset',
  'policy',
  'severity',
  'verdict',
  'state',
  'reason',
]);

const valuesShape = z.array(z.string().max(200)).min(1).max(50);

/** One condition on a label. `*` in a value stands for any text. */
const matcherShape = z
  .strictObject({
    label: labelShape,
    /** One of these. */
    is: valuesShape.optional(),
    /** None of these. */
    is_not: valuesShape.optional(),
  })
  .refine((matcher) => (matcher.is === undefined) !== (matcher.is_not === undefined), {
    error: 'must have "is" or "is_not", and not both',
  })
  .meta({ id: 'Matcher', example: { label: 'model', is: ['churn', 'fraud-*'] } });

/** All of them must hold. */
export const matchersShape = z.array(matcherShape).max(20);

export type Label = z.infer<typeof labelShape>;
export type Matcher = z.infer<typeof matcherShape>;
