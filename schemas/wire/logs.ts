import { z } from 'zod';
import { readingQuery } from './reading.ts';
import { count, instantShape, pageOf, pageShape } from './shapes.ts';

export const logQuery = z.strictObject({
  partial: z.enum(['true', 'false']).optional().meta({
    description: 'true: keep the good rows of a batch that holds bad ones. Otherwise one bad row refuses the batch.',
  }),
  timestamp_unit: z.enum(['s', 'ms', 'us']).optional().meta({ description: 'Unit of timestamps sent as numbers.' }),
  decimal: readingQuery.decimal,
  thousands: readingQuery.thousands,
  dates: readingQuery.dates,
  missing: readingQuery.missing,
});

/**
 * Where rows went: `sent` = `accepted` + `duplicates` + `rejected`, in every answer. `conflicts` is a part of
 * `duplicates` and no further term of the sum.
 */
const rowCounts = {
  sent: z.int(),
  accepted: z.int(),
  duplicates: z.int().meta({
    description:
      'Predictions whose id was accepted before, whatever their content (the first one stays), and labels equal to the one known.',
  }),
  conflicts: z.int().meta({
    description:
      'How many of the duplicates differ from the first prediction of their id. Another label is a revision and is accepted, so labels have none.',
  }),
  rejected: z.int(),
};

const rejectionView = z
  .strictObject({
    line: z.int(),
    field: z.string().nullable(),
    code: z.string(),
    detail: z.string(),
  })
  .meta({ id: 'Rejection' });

export const violationView = z
  .strictObject({
    column: z.string(),
    code: z.enum(['type', 'missing', 'unexpected', 'unknown']),
    count: z.int(),
    examples: z.array(z.string()),
  })
  .meta({ id: 'Violation' });

/** The answer to a batch. */
export const acceptedBatchView = z
  .strictObject({
    batch: z
      .int()
      .meta({ description: 'The first of `batches`. The rejected rows of the whole body are listed there.' }),
    batches: z.array(z.int()).meta({
      description: 'A table of many rows becomes several batches, in the order of its rows; any other body is one.',
    }),
    kind: z.enum(['predictions', 'labels']),
    state: z.literal('accepted'),
    oid: z.string().meta({ description: 'The object of the first batch.' }),
    ...rowCounts,
    /** Rows in the stored object: sent less rejected. */
    rows: z.int(),
    /** The first rejected rows; all of them are listed by the batch's own address. */
    issues: z.array(rejectionView),
    violations: z.array(violationView),
    replayed: z.boolean(),
  })
  .meta({ id: 'AcceptedBatch' });

export const batchView = z
  .strictObject({
    batch: z.int(),
    kind: z.enum(['predictions', 'labels']),
    /** `settled`: repeats of earlier batches are counted, and the counts are final. */
    state: z.enum(['accepted', 'settled']),
    oid: z.string(),
    bytes: z.int(),
    ...rowCounts,
    rows: z.int(),
    violations: z.array(violationView),
    min_time: instantShape.nullable(),
    max_time: instantShape.nullable(),
    received_at: instantShape,
    settled_at: instantShape.nullable(),
    dropped_at: instantShape.nullable().meta({
      description: 'Since when its rows are let go by the retention of the model; its counts stay.',
    }),
  })
  .meta({ id: 'Batch' });

/** Rows of a batch that repeat an accepted id with other content. */
export const conflictsQuery = pageShape.extend({ limit: count(100, 50) });
export const conflictPage = pageOf(
  z
    .strictObject({
      row: z.int().meta({ description: 'Its place in the batch, from 0' }),
      prediction_id: z.string(),
      first: z
        .strictObject({ batch: z.int(), row: z.int() })
        .meta({ description: 'Where the prediction is that was accepted first, and stands' }),
      differences: z
        .array(z.strictObject({ pointer: z.string(), first: z.unknown(), sent: z.unknown() }))
        .nullable()
        .meta({ description: 'What differs; null where the rows of the first one were let go or lost' }),
    })
    .meta({ id: 'Conflict' }),
);

export const batchesQuery = pageShape.extend({ kind: z.enum(['predictions', 'labels']).optional() });
export const batchPage = pageOf(batchView);

export const rejectedQuery = pageShape.extend({
  format: z.enum(['json', 'ndjson']).default('json').meta({
    description:
      'ndjson: the rows, one a line, to be mended and sent again: JSON records as they were sent, rows of columns and tables as JSON records.',
  }),
});

export const rejectedRowView = rejectionView
  .extend({
    raw: z.string().nullable().meta({
      description:
        "The row as it was sent, at most its first 4,096 characters (`format=ndjson` gives all of it); null where the batch's refused rows were too many bytes to keep.",
    }),
    raw_truncated: z.boolean().meta({ description: '`raw` is only the beginning of the row.' }),
  })
  .meta({ id: 'RejectedRow' });
export const rejectedPage = pageOf(rejectedRowView);

/** A body that bad rows refused, of which more were bad than its refusal lists. */
export const refusalView = z
  .strictObject({
    refusal: z.int(),
    kind: z.enum(['predictions', 'labels']),
    rejected: z.int().meta({ description: 'Bad rows of the body' }),
    kept: z.int().meta({ description: 'The first of them, which are listed under its address' }),
    kept_raw: z.int().meta({ description: 'Those of them that are kept as they were sent' }),
    most_bytes: z.int().meta({ description: 'Up to so many bytes of them are kept' }),
    received_at: instantShape,
    expires_at: instantShape.meta({ description: 'Until then, while the model has few newer ones' }),
  })
  .meta({ id: 'Refusal' });
export const refusalPage = z.strictObject({ items: z.array(refusalView) });

const kindCounts = {
  batches: z.int(),
  ...rowCounts,
  /** Accepted rows of settled batches. */
  settled: z.int(),
};

/** Of predictions, and under `labels` the same of labels. */
export const countsView = z
  .strictObject({
    ...kindCounts,
    labels: z.strictObject(kindCounts),
    /** Settled predictions that have a label. */
    labelled: z.int(),
    /** Labels whose prediction has not come. */
    labels_waiting: z.int(),
    unsettled_batches: z.int(),
    watermark: instantShape.nullable(),
  })
  .meta({ id: 'LogCounts' });

export const watermarkRequest = z.strictObject({
  through: instantShape.meta({
    description: 'No event before this will come any more (or it will count as late). At most 24 hours ahead.',
  }),
  lower: z.boolean().optional().meta({
    description:
      'true: take the watermark back to there, after it was set too late by mistake. Takes the scope `admin`.',
  }),
});
export const watermarkView = z.strictObject({ watermark: instantShape }).meta({ id: 'Watermark' });
