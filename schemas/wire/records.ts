import { z } from 'zod';
import { instantShape } from './shapes.ts';

/** Logged rows as JSON. For the document alone: rows are parsed by a faster reader, which takes other forms too. */

const idShape = z
  .union([z.string().min(1), z.int()])
  .meta({ description: 'A text of at most 512 bytes, or an integer', example: 'p1' });
const timeShape = z
  .union([instantShape, z.number()])
  .meta({ description: 'A time with its zone, or a number with `timestamp_unit`', example: '2026-01-01T09:00:00Z' });
const value = z.union([z.string(), z.number(), z.boolean()]).nullable();

const predictionRecord = z
  .strictObject({
    prediction_id: idShape,
    timestamp: timeShape,
    model_version: z.union([z.string(), z.int()]).nullable().optional(),
    features: z
      .record(z.string(), z.union([value, z.array(z.number())]))
      .optional()
      .meta({ example: { age: 41, plan: 'basic' } }),
    prediction: value.optional().meta({ description: 'May be missing where there are scores', example: 0 }),
    scores: z
      .union([z.number(), z.record(z.string(), z.number().nullable())])
      .nullable()
      .optional()
      .meta({
        description: 'One score, or one for each class',
        example: 0.12,
        // In one shape rather than two: of a choice with a map in it some clients are made that do not compile.
        type: ['number', 'object', 'null'],
        additionalProperties: { type: 'number' },
      }),
    label: value.optional(),
    segment: value.optional(),
    tags: z.record(z.string(), value).optional(),
  })
  .meta({ id: 'PredictionRecord' });

const labelRecord = z
  .strictObject({
    prediction_id: idShape,
    timestamp: timeShape.optional().meta({ description: 'When it was given' }),
    label: z.union([z.string(), z.number(), z.boolean()]).meta({ example: 1 }),
  })
  .meta({ id: 'LabelRecord' });

/** The forms of JSON that the same rows may have; the first is the one that the others are explained by. */
const rowsOf = <S extends z.ZodType>(record: S, name: string) =>
  z.union([
    z.strictObject({ records: z.array(record).min(1) }).meta({ id: `${name}Records` }),
    z.array(record).min(1),
    z.strictObject({ columns: z.looseObject({ prediction_id: z.array(idShape) }) }).meta({ id: `${name}Columns` }),
  ]);

export const predictionRows = rowsOf(predictionRecord, 'Prediction');
export const labelRows = rowsOf(labelRecord, 'Label');
