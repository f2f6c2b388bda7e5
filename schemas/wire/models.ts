import { z } from 'zod';
import { instantShape, nameShape } from './shapes.ts';

export const taskShape = z.enum(['binary', 'multiclass', 'regression', 'ranking', 'other']);

export const modelRequest = z.strictObject({
  name: nameShape,
  task: taskShape.optional().meta({
    description: 'What the model answers; "other" when nothing is said: it is then found from labels and predictions.',
  }),
  positive_label: z.string().min(1).max(1000).optional().meta({
    description: 'The label that counts as positive in a binary task, as text.',
  }),
  description: z.string().max(10_000).optional(),
  strict: z.boolean().optional().meta({
    description:
      'true: refuse logged rows whose values do not have the types of the training data. Otherwise they are taken, and such values are counted as evidence.',
  }),
});

/** What may change of a model; the rest is what its windows were measured by. */
export const modelChange = z.strictObject({
  description: modelRequest.shape.description,
  strict: modelRequest.shape.strict,
});

export const modelView = z
  .strictObject({
    name: z.string(),
    description: z.string(),
    task: taskShape,
    positive_label: z.string().nullable(),
    strict: z.boolean(),
    current_version: z.string().nullable(),
    watermark: instantShape.nullable(),
    last_batch_at: instantShape.nullable(),
    created_at: instantShape,
  })
  .meta({ id: 'Model' });

const columnName = z.string().min(1).max(10_000);

/** Which columns of the training data are what; what is left out is guessed from the names. */
export const rolesShape = z
  .strictObject({
    prediction: columnName.optional(),
    score: columnName.optional(),
    label: columnName.optional(),
    id: columnName.optional(),
    timestamp: columnName.optional(),
    query: columnName.optional().meta({
      description:
        'Which query a row answers, for a ranking; a prediction carries it among its features or tags under this name.',
    }),
    scores: z
      .record(z.string().min(1).max(1000), columnName)
      .optional()
      .meta({
        description:
          'The column of each class that has a score of its own; a prediction carries them as scores.<class>.',
        example: { cat: 'p_cat', dog: 'p_dog' },
      }),
    ignore: z.array(columnName).max(10_000).optional(),
  })
  .meta({ id: 'Roles' });

export const modelVersionRequest = z.strictObject({
  name: nameShape.optional(),
  dataset: nameShape,
  ref: z.string().min(1).max(200).meta({ description: 'A version of the dataset: v3, latest, a tag, an oid.' }),
  roles: rolesShape.optional(),
  metrics: z.record(z.string().min(1).max(200), z.number()).optional(),
});

export const versionPromotion = z.strictObject({
  reason: z.string().min(1).max(2000).optional().meta({ description: 'Told with the change' }),
});

export const versionPromotionView = z
  .strictObject({
    model: z.string(),
    model_version: z.string(),
    outcome: z.enum(['promoted', 'rolled_back', 'switched', 'unchanged']).meta({
      description:
        '`promoted`: the run that made it is promoted; `rolled_back`: the promotion that had replaced it is taken back; ' +
        '`switched`: no run has to do with it; `unchanged`: it is in service already',
    }),
    run: z.string().nullable(),
  })
  .meta({ id: 'VersionPromotion' });

export const modelVersionView = z
  .strictObject({
    model: z.string(),
    name: z.string(),
    number: z.int(),
    current: z.boolean(),
    dataset: z.string(),
    dataset_version: z.int(),
    oid: z.string(),
    roles: rolesShape,
    /** Roles that nobody named: they were found by the columns' names. */
    guessed: z.array(z.string()),
    /** `pending` until the columns of the dataset version are known; roles are guessed and checked then. */
    columns: z.enum(['ready', 'pending', 'unknown']),
    /** Columns that a role names and the dataset version does not have. */
    missing_columns: z.array(z.string()),
    metrics: z.record(z.string(), z.number()),
    created_at: instantShape,
    promoted_at: instantShape.nullable(),
  })
  .meta({ id: 'ModelVersion' });
