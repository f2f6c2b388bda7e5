import { z } from 'zod';

const correlationView = z.object({
  columns: z.array(z.string()).length(2),
  rows: z.int().meta({ description: 'Sampled rows in which both have a value' }),
  pearson: z.number().nullable(),
  spearman: z.number().nullable(),
  cramers_v: z.number().nullable().meta({
    description: 'Of two columns of texts, by the thirty most frequent of each; corrected for its bias (Bergsma 2013)',
  }),
  mutual_information: z.number().nullable().meta({
    description:
      'In bits, less what independent columns would show (Miller 1955); numbers in sixteenths, texts by the thirty most frequent',
  }),
});

export const relationsView = z
  .object({
    dataset: z.string(),
    ref: z.string(),
    oid: z.string(),
    duplicates: z.object({
      method: z.string(),
      rows: z.int(),
      duplicates: z.number().meta({ description: 'Rows equal to one before them in every column' }),
      error: z.number().meta({ description: 'Standard error; 0: counted exactly' }),
    }),
    sampled_rows: z.int().meta({ description: 'Rows that correlations were taken over' }),
    methods: z
      .object({
        pearson: z.string(),
        spearman: z.string(),
        cramers_v: z.string(),
        mutual_information: z.string(),
      })
      .meta({ description: 'How each correlation is made, and its version' }),
    correlations: z.array(correlationView).meta({ description: 'Those that say most of each other first' }),
    left_out: z
      .array(z.string())
      .meta({ description: 'Columns of times and of vectors, and those beyond the sixtieth' }),
  })
  .meta({ id: 'Relations' });
