import { z } from 'zod';
import { instantShape, pageOf, pageShape } from './shapes.ts';

export const logQuery = z.strictObject({
  partial: z.enum(['true', 'false']).optional().meta({
    description: 'true: keep the good rows of a batch that holds bad ones. Otherwise one bad row refuses the batch.',
  }),
  timestamp_unit: z.enum(['s', 'ms', 'us']).optional().meta({ description: 'Unit of timestamps sent as numbers.' }),
});

const rejectionView = z.strictObject({
  line: z.int(),
  field: z.string().nullable(),
  code: z.string(),
  detail: z.string(),
});

export const violationView = z.strictObject({
  column: z.string(),
  code: z.enum(['type', 'missing', 'unexpected']),
  count: z.int(),
  examples: z.array(z.string()),
});

/** The answer to a batch. `sent` = `accepted` + `duplicates` + `conflicts` + `rejected`. */
export const acceptedBatchView = z
  .strictObject({
    batch: z.int(),
    kind: z.enum(['predictions', 'labels']),
    state: z.literal('accepted'),
    oid: z.string(),
    sent: z.int(),
    /** Rows in the stored object: sent less rejected. */
    rows: z.int(),
    accepted: z.int(),
    duplicates: z.int(),
    conflicts: z.int(),
    rejected: z.int(),
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
    sent: z.int(),
    rows: z.int(),
    accepted: z.int(),
    duplicates: z.int(),
    conflicts: z.int(),
    rejected: z.int(),
    violations: z.array(violationView),
    min_time: instantShape.nullable(),
    max_time: instantShape.nullable(),
    received_at: instantShape,
    settled_at: instantShape.nullable(),
  })
  .meta({ id: 'Batch' });

export const batchesQuery = pageShape.extend({ kind: z.enum(['predictions', 'labels']).optional() });
export const batchPage = pageOf(batchView);

export const rejectedQuery = pageShape.extend({
  format: z.enum(['json', 'ndjson']).default('json').meta({
    description: 'ndjson: the rows as they were sent, one a line, to be mended and sent again.',
  }),
});

export const rejectedRowView = rejectionView.extend({
  /** The row as it was sent; null where the batch's refused rows were too many bytes to keep. */
  raw: z.string().nullable(),
});
export const rejectedPage = pageOf(rejectedRowView);

const kindCounts = {
  batches: z.int(),
  sent: z.int(),
  accepted: z.int(),
  duplicates: z.int(),
  conflicts: z.int(),
  rejected: z.int(),
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
  through: instantShape.meta({ description: 'No event before this will come any more (or it will count as late).' }),
});
export const watermarkView = z.strictObject({ watermark: instantShape });
