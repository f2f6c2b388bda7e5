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
    runs: z.array(storageRunView).meta({ description: 'The newest run of each kind' }),
  })
  .meta({ id: 'Remote' });
