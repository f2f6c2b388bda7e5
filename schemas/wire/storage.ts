import { z } from 'zod';
import { addressedShape, instantShape, oidShape, pageShape } from './shapes.ts';

/** The remote as an operator sees it: what lies there, how sure that is, and the long work that looks after it. */

const runKind = z.enum(['scrub', 'scan', 'check', 'collect']);

export const storageRunParams = z.strictObject({ run: addressedShape });

export const scrubRequest = z.strictObject({
  unread_seconds: z
    .int()
    .min(0)
    .max(10 * 365 * 86_400)
    .default(0)
    .meta({ description: 'Leave out what was read within so many seconds; 0 reads everything' }),
});

export const scanRequest = z.strictObject({
  oid: oidShape.optional().meta({ description: 'Only this object; of a directory its members too' }),
});

export const storageRunsQuery = pageShape.extend({ kind: runKind.optional() });

export const storageRunView = z
  .strictObject({
    id: z.string(),
    kind: runKind,
    state: z.enum(['running', 'done', 'failed']),
    author: z.string(),
    progress: z.record(z.string(), z.number()).meta({
      description: 'Counters so far; `findings` counts what is wrong',
    }),
    error: z
      .string()
      .nullable()
      .meta({ description: 'What the last step failed with; it is tried again while running' }),
    started_at: instantShape,
    updated_at: instantShape,
    finished_at: instantShape.nullable(),
    links: z.strictObject({ self: z.string(), findings: z.string() }),
  })
  .meta({ id: 'StorageRun' });

/** A run as the answer to whoever began it, or found it under way. */
export const startedRunView = storageRunView.extend({ created: z.boolean() }).meta({ id: 'StartedStorageRun' });

export const findingView = z
  .strictObject({ code: z.string(), oid: z.string(), detail: z.string(), found_at: instantShape })
  .meta({ id: 'StorageFinding' });

export const quarantinedView = z
  .strictObject({
    oid: z.string(),
    size: z.int(),
    quarantined_at: instantShape,
    verified_at: instantShape.meta({ description: 'When its bytes were last read and good' }),
    uses: z
      .array(z.strictObject({ dataset: z.string(), ref: z.string(), path: z.string() }))
      .meta({ description: 'Versions that have it, and what it is called there; the newest 20' }),
    uses_total: z.int(),
  })
  .meta({ id: 'QuarantinedObject' });

export const remoteView = z
  .strictObject({
    location: z.string(),
    objects: z.int(),
    bytes: z.int(),
    quarantined: z.int(),
    oldest_verified_at: instantShape.nullable().meta({
      description: 'When the object was read that was not read for the longest time',
    }),
    scrub_seconds: z
      .int()
      .meta({ description: 'Every object is read again within so many seconds; 0: never by itself' }),
    bundles_waiting: z.int().min(0).meta({
      description:
        'Pieces of small files that came together and have no names of their own in the bucket yet: whoever reads there past the service does not find them',
    }),
    bundles_missed: z.int().min(0).meta({
      description:
        'Such pieces that are not in the bucket, which may be the wrong one; each is looked for once an hour',
    }),
    runs: z.array(storageRunView).meta({ description: 'The newest run of each kind' }),
  })
  .meta({ id: 'Remote' });

const countShape = z.int().min(0).max(1_000_000);
const SECONDS_MAX = 100 * 366 * 86_400;

/** What is kept. A version that something in the project needs (a model, a monitor, an alert, a run) is always kept. */
const retentionShape = z
  .strictObject({
    last: countShape.optional().meta({ description: 'The newest so many versions of each dataset' }),
    within_seconds: z.int().min(0).max(SECONDS_MAX).optional().meta({ description: 'Everything made within so long' }),
    daily: countShape.optional().meta({ description: 'The newest version of each of the last so many days (UTC)' }),
    tags: z.array(z.string().min(1).max(100)).max(100).optional().meta({
      description:
        'Versions with such a tag, `*` for any text; when absent every tag keeps its version, and a fixed one in any case',
    }),
    git_revs: z
      .array(z.string().regex(/^[0-9a-fA-F]{7,64}$/, 'must be 7 to 64 hexadecimal digits of a commit'))
      .max(1000)
      .optional()
      .meta({ description: 'Versions of these commits' }),
    oids: z
      .array(z.strictObject({ oid: oidShape, why: z.string().max(200) }))
      .max(100_000)
      .optional()
      .meta({ description: 'These objects, and versions with them, as pointers in a repository name them' }),
  })
  .meta({ id: 'KeepRule' });

/** What of a dataset is kept by itself. */
export const datasetRuleRequest = z
  .strictObject({
    last: countShape.min(1).optional().meta({ description: 'The newest so many versions' }),
    within_seconds: z.int().min(1).max(SECONDS_MAX).optional().meta({ description: 'What was made within so long' }),
    daily: countShape.min(1).optional().meta({ description: 'The newest of each of the last so many days (UTC)' }),
    tags: z.array(z.string().min(1).max(100)).max(100).optional().meta({
      description: 'Versions with such a tag, `*` for any text; when absent every tag keeps its version',
    }),
  })
  .refine((rule) => Object.values(rule).some((part) => part !== undefined), 'must keep something')
  .meta({ id: 'DatasetRule', minProperties: 1, example: { last: 10, within_seconds: 2_592_000 } });

export const datasetRetentionView = z
  .strictObject({
    dataset: z.string(),
    last: z.int().nullable(),
    within_seconds: z.int().nullable(),
    daily: z.int().nullable(),
    tags: z.array(z.string()).nullable(),
    author: z.string().nullable(),
    updated_at: instantShape.nullable().meta({ description: 'null: there is no rule, and everything is kept' }),
    last_run_at: instantShape.nullable(),
  })
  .meta({ id: 'DatasetRetention' });

/** A dataset that was deleted, or taken back. */
export const movedDatasetView = z
  .strictObject({
    dataset: z.string(),
    versions: z.int().meta({ description: 'How many went with it' }),
    bytes: z.int(),
  })
  .meta({ id: 'MovedDataset' });

export const collectionRequest = z.strictObject({
  dataset: addressedShape.optional().meta({ description: 'Only this dataset' }),
  keep: retentionShape.optional().meta({ description: 'Without it no version is touched' }),
  rules: z.boolean().default(false).meta({
    description:
      'Without `keep`: judge the datasets that have a retention rule of their own by it, as the schedule does',
  }),
  unreferenced: z
    .boolean()
    .optional()
    .meta({ description: 'Also objects that no version has, once old enough; true unless a dataset is named' }),
  pushed: z.boolean().default(false).meta({
    description:
      "Of those, also what DVC sent to the project's own remote, where nothing becomes a version: name under `keep.oids` what commits still need",
  }),
  scanned: z.boolean().default(false).meta({ description: 'Also objects that others wrote into the remote' }),
});

const sizedView = z.strictObject({ oid: z.string(), size: z.int() });
const namedTotals = z.strictObject({
  objects: z.int(),
  bytes: z.int(),
  names: z.array(sizedView).meta({ description: 'The first 1,000' }),
});

const unversionedView = z.strictObject({
  oid: z.string(),
  size: z.int(),
  origin: z
    .enum(['received', 'pushed', 'scanned'])
    .meta({ description: "Sent to us, sent to the project's own remote, or found where others wrote it" }),
  received_at: instantShape,
  pushed_by: z.string().nullable().meta({ description: 'Who sent it with `dvc push`, while that is remembered' }),
  dataset: z.string().nullable().meta({ description: 'What it was pushed to, or a version of' }),
  version: z.string().nullable().meta({ description: 'The version that it was before that was deleted' }),
  path: z.string().nullable(),
});

export const planView = z
  .strictObject({
    versions: z
      .array(
        z.strictObject({
          dataset: z.string(),
          ref: z.string(),
          oid: z.string(),
          bytes: z.int(),
          action: z.enum(['keep', 'trash']),
          reasons: z.array(z.strictObject({ code: z.string(), detail: z.string() })),
        }),
      )
      .meta({ description: 'The first 1,000, with why each is kept' }),
    kept: z.int(),
    trashed: z.int(),
    freed: namedTotals.meta({ description: 'What only these versions, and those in the trash already, have' }),
    unreferenced: z
      .strictObject({
        objects: z.int(),
        bytes: z.int(),
        names: z.array(unversionedView).meta({ description: 'The first 1,000' }),
      })
      .meta({ description: 'What no version has, and what is still known of it' }),
    trash: z.strictObject({ objects: z.int(), bytes: z.int() }).meta({ description: 'Objects in the trash now' }),
    trash_seconds: z.int().meta({ description: 'How long a version can be restored' }),
    grace_seconds: z.int().meta({ description: 'How long an object that nothing names keeps its bytes' }),
  })
  .meta({ id: 'CollectionPlan' });

export const trashedObjectView = z
  .strictObject({ oid: z.string(), size: z.int(), trashed_at: instantShape, restorable_until: instantShape })
  .meta({ id: 'TrashedObject' });

export const trashedVersionView = z
  .strictObject({
    dataset: z.string(),
    ref: z.string(),
    oid: z.string(),
    bytes: z.int(),
    files: z.int(),
    trashed_at: instantShape,
    restorable_until: instantShape,
  })
  .meta({ id: 'TrashedVersion' });
