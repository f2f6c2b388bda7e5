import { z } from 'zod';
import { instantShape, nameShape, pageShape } from './shapes.ts';
import { notesMembers } from './version-notes.ts';

/** Which predictions are meant, as parameters of a query. */
export const selectionQuery = z.strictObject({
  from: instantShape.optional().meta({ description: 'Events at this time or later' }),
  to: instantShape.optional().meta({ description: 'Events before this time' }),
  model_version: z.string().max(1000).optional().meta({ description: 'The model version that the prediction names' }),
  segment: z.string().max(1000).optional(),
  batch: z
    .string()
    .regex(/^\d{1,15}$/, 'must be the number of a batch')
    .optional()
    .meta({ description: 'Of this batch alone' }),
  where: z
    .string()
    .min(1)
    .max(20_000)
    .optional()
    .meta({
      description:
        'A condition on what was sent: comparisons (= != < <= > >=), in, is null, is nan, and, or, not and brackets, on ' +
        '`prediction`, `score`, `segment`, `model_version`, `timestamp`, `prediction_id`, on features by their names ' +
        '(`age`, or `"features.age"`), on `"scores.<class>"` and `"tags.<name>"`. Texts and times stand in single ' +
        'quotes, names that are no words in double quotes.',
      example: "age >= 30 and plan in ('pro', 'plus')",
    }),
  labels: z.enum(['labelled', 'unlabelled', 'corrected']).optional().meta({
    description: 'Predictions that have a label, that have none, or whose label was changed by a later one',
  }),
  label: z.string().max(1000).optional().meta({ description: 'The latest label, as text: `1`, `1.5`, `churned`' }),
});

export const predictionsQuery = pageShape.extend({
  ...selectionQuery.shape,
  format: z
    .enum(['json', 'ndjson', 'csv', 'parquet', 'arrow'])
    .optional()
    .meta({
      description:
        'json: a page. Any other: everything that is selected as one file, oldest first, in a form that can be logged ' +
        'again, each row with its latest label; without it the header Accept decides.',
    }),
  order: z.enum(['newest', 'oldest']).default('newest').meta({
    description: 'By when predictions were taken in (settled), not by event time: so pages never shift.',
  }),
});

const component = z.union([z.string(), z.number()]).nullable();
const value = z.union([z.string(), z.number(), z.boolean(), z.array(component)]).nullable();
const values = z.record(z.string(), value);

const loggedMembers = {
  prediction_id: z.string(),
  timestamp: z.string().nullable().meta({ description: 'Event time' }),
  model_version: z.string().nullable(),
  segment: z.string().nullable(),
  prediction: value,
  scores: z.union([value, values]).meta({ description: 'One score, or one for each class' }),
  features: values.meta({
    description: 'Whole numbers beyond 2^53, NaN and infinities are texts, as JSON has no numbers for them.',
  }),
  tags: values,
  batch: z.int(),
  row: z.int().meta({ description: 'Position in the batch, from 0' }),
  received_at: instantShape,
};

export const foundPredictionView = z
  .strictObject({
    ...loggedMembers,
    label: z.string().nullable().meta({ description: 'The latest label, as the text by which labels are compared' }),
    label_revision: z.int().meta({ description: '0 without a label; more than 1 when it was corrected' }),
  })
  .meta({ id: 'FoundPrediction' });

export const predictionPage = z
  .strictObject({
    items: z.array(foundPredictionView),
    next: z.string().nullable(),
    scanned: z.strictObject({
      batches: z.int(),
      rows: z.int(),
      bytes: z.int(),
      cut: z.boolean().meta({
        description: 'The page ended because it had read enough, not because it was full; `next` goes on from there.',
      }),
      unknown_columns: z.array(z.string()).meta({
        description: 'Columns of the condition that none of the batches has: most likely a slip.',
      }),
      lost_batches: z.array(z.int()).meta({
        description: 'Batches whose bytes are lost or corrupt, so not searched; the first 100',
      }),
    }),
    unsettled: z
      .strictObject({ batches: z.int(), rows: z.int() })
      .meta({ description: 'Accepted in the last moments and not searched yet' }),
  })
  .meta({ id: 'PredictionPage' });

export const predictionView = z
  .strictObject({
    ...loggedMembers,
    label: z
      .strictObject({
        value: z.string(),
        revision: z.int(),
        batch: z.int(),
        labelled_at: instantShape.nullable(),
        replaced: z
          .array(
            z.strictObject({
              value: z.string(),
              revision: z.int(),
              batch: z.int(),
              labelled_at: instantShape.nullable(),
            }),
          )
          .meta({ description: 'What it was before, the newest first' }),
      })
      .nullable(),
    windows: z.array(
      z.strictObject({
        monitor: z.string(),
        start: instantShape,
        end: instantShape,
        revision: z.int(),
        state: z.string(),
        verdict: z.string().nullable(),
        report: z.string().nullable(),
        counted: z.boolean().meta({ description: 'The report was computed with this batch among its inputs' }),
        reference: z.strictObject({ dataset: z.string(), version: z.string(), oid: z.string() }).nullable(),
      }),
    ),
    trained_on: z
      .strictObject({ model_version: z.string(), dataset: z.string(), version: z.string(), oid: z.string() })
      .nullable()
      .meta({
        description:
          'The dataset version behind the model version that the prediction names, or behind the only one there is',
      }),
    links: z.strictObject({ batch: z.string() }),
  })
  .meta({ id: 'Prediction' });

export const selectRequest = z
  .strictObject({
    dataset: nameShape.meta({ description: 'The dataset that gets the version; made when it is new' }),
    selection: selectionQuery.default({}).meta({ description: 'Which predictions; all of them when absent' }),
    columns: z
      .enum(['trained', 'all'])
      .default('trained')
      .meta({
        description:
          'trained: the columns of the data that the model in service was trained on, by their names and types there, ' +
          'then id and time (all columns where no such table is known). all: whatever was logged.',
      }),
    path: z.string().optional().meta({ description: "The file's own name; `selection.parquet` when absent" }),
    message: notesMembers.message,
    labels: notesMembers.labels,
    tag: z.string().optional(),
  })
  .meta({ id: 'Select' });

export const selectionView = z
  .strictObject({
    id: z.string(),
    model: z.string(),
    state: z.enum(['waiting', 'done', 'failed']),
    dataset: z.string(),
    selection: selectionQuery,
    author: z.string(),
    rows: z.int().nullable(),
    version: z.strictObject({ ref: z.string(), oid: z.string() }).nullable(),
    error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
    created_at: instantShape,
    finished_at: instantShape.nullable(),
    links: z.strictObject({ self: z.string(), version: z.string().nullable() }),
  })
  .meta({ id: 'Selection' });
