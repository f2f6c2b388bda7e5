import { z } from 'zod';
import { addressedShape, instantShape, nameShape } from './shapes.ts';

export const projectRequest = z.strictObject({ name: nameShape });
export const projectPatch = z
  .strictObject({
    name: nameShape.meta({ description: 'What it is called from now on; its former name goes on finding it' }),
  })
  .meta({ id: 'ProjectPatch' });
export const projectParams = z.strictObject({ project: addressedShape });

const projectMembers = {
  name: z.string(),
  former_names: z.array(z.string()).meta({ description: 'Names that find it too, since it was called so' }),
  created_at: instantShape,
  deleted_at: instantShape.nullable(),
  deleted_by: z.string().nullable(),
  restorable_until: instantShape.nullable().meta({
    description: 'Null of a project that is not deleted, and of one that is being erased',
  }),
};
export const projectView = z.strictObject(projectMembers).meta({ id: 'Project' });

export const projectsQuery = z.strictObject({
  deleted: z.enum(['true', 'false']).default('false').meta({ description: 'Those that were deleted, instead' }),
});

/** What a project holds. */
const contentsView = z
  .strictObject({
    datasets: z.int(),
    versions: z.int().meta({ description: 'Those in the trash are not counted' }),
    objects: z.int(),
    bytes: z.int().meta({ description: 'Of its objects, those in the trash too, each once' }),
    own_bytes: z.int().meta({ description: 'Of those, what no other project has: the remote shrinks by it' }),
    models: z.int(),
    logged_rows: z.int(),
    monitors: z.int(),
    open_alerts: z.int(),
    policies: z.int(),
    living_runs: z.int().meta({ description: 'Retraining runs that have not ended' }),
    jobs: z.int().meta({ description: 'Work that waits or is in hand' }),
    webhooks: z.int(),
    pending_messages: z.int(),
    registries: z.int(),
    keys: z.int().meta({ description: 'Keys that let somebody in' }),
  })
  .meta({ id: 'ProjectContents' });

export const projectDetailsView = z
  .strictObject({ ...projectMembers, holds: contentsView })
  .meta({ id: 'ProjectDetails' });

export const projectDeletionQuery = z.strictObject({
  confirm: addressedShape.optional().meta({ description: 'The name of the project once more', example: 'churn' }),
  undo_seconds: z
    .string()
    .regex(/^\d{1,9}$/, 'must be a number of seconds')
    .transform(Number)
    .optional()
    .meta({
      type: 'integer',
      minimum: 0,
      description: 'For so long it can be restored; at most, and when absent, as long as what lies in the trash',
    }),
  dry_run: z.enum(['true', 'false']).default('false').meta({ description: 'Say what is in it, and delete nothing' }),
});

export const scopeShape = z.enum([
  'data:read',
  'data:write',
  'logs:read',
  'logs:write',
  'monitors:read',
  'monitors:write',
  'alerts:write',
  'webhooks:read',
  'webhooks:write',
  'retraining:read',
  'retraining:write',
  'admin',
]);

export const keyRequest = z.strictObject({
  name: nameShape,
  scopes: z.array(scopeShape).min(1),
  expires_at: instantShape.optional(),
  project: nameShape.optional(),
});

export const keyView = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    scopes: z.array(z.string()),
    created_at: instantShape,
    expires_at: instantShape.nullable(),
    revoked_at: instantShape.nullable(),
    last_used_at: instantShape.nullable(),
  })
  .meta({ id: 'Key' });

/** The one answer that holds a key itself. */
export const issuedKeyView = keyView.extend({ key: z.string() }).meta({ id: 'IssuedKey' });
