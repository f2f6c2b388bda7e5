import { z } from 'zod';

const conditionView = z.object({
  column: z.string().meta({
    description:
      'A column, or `segment`, `model_version` or `tags.<name>`: of these a reference that is no log has none, and its share of the rows is 0.',
  }),
  kind: z.enum(['range', 'value', 'missing']),
  lower: z.number().nullable().meta({ description: 'Of a range, the least value that is in it; null: no bound.' }),
  upper: z.number().nullable().meta({ description: 'Of a range, the least value above it; null: no bound.' }),
  value: z.string().nullable(),
});

const share = z.number().min(0).max(1);

export const sliceView = z.object({
  conditions: z.array(conditionView).meta({ description: 'One or two; all of them hold of its rows.' }),
  support: z
    .object({ reference: share, window: share })
    .meta({ description: "The slice's share of the rows of each side." }),
  explained: share.meta({ description: 'The share of the drift of other columns that is gone without these rows.' }),
  columns: z
    .array(z.object({ name: z.string(), share }))
    .meta({ description: 'Where that drift is, the largest part first.' }),
});

export const explanationView = z
  .object({
    report: z.string(),
    verdict: z.string(),
    drifted: z.array(z.string()),
    slices: z.array(sliceView).meta({ description: 'The best first; empty where the drift is everywhere alike.' }),
  })
  .meta({ id: 'Explanation' });
