import { z } from 'zod';
import { pageOf } from './shapes.ts';

export const measureView = z
  .strictObject({
    name: z.string(),
    title: z.string(),
    description: z.string(),
    of: z.array(z.enum(['number', 'category', 'text', 'vector', 'rows'])).meta({
      description:
        'The kinds of column that it is for. `text`: texts of which nearly every one is different, which are always compared by these; `rows`: whole rows, of which it says that they differ',
    }),
    use: z.enum(['test', 'effect', 'index']).meta({
      description:
        'A `test` says how surprising a change is, an `effect` whether it is large enough to matter, an `index` is shown, and decides only where it is chosen',
    }),
    direction: z.enum(['higher', 'lower', 'both']).meta({ description: 'Where drift lies' }),
    limit: z.number().nullable().meta({
      description:
        'The smallest value that matters, unless `effects` says another; of whole rows how far from what it is without drift',
    }),
    standard: z.boolean().meta({
      description: 'Whether it is made where no measures are chosen; those of whole rows are by monitors alone',
    }),
    former_names: z.array(z.string()).meta({ description: 'Names that stand for it' }),
  })
  .meta({ id: 'Measure' });

export const measureList = pageOf(measureView);
