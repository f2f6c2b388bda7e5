import { z } from 'zod';
import { addressedShape, instantShape, pageShape } from './shapes.ts';

/** All that is noted, by what it is done to. */
const auditAction = z.enum([
  'object.quarantined',
  'object.healed',
  'object.digest-conflict',
  'object.restored',
  'objects.removed',
  'version.trashed',
  'version.restored',
  'version.purged',
  'version.noted',
  'dataset.deleted',
  'dataset.restored',
  'dataset.retention-set',
  'dataset.reading-set',
  'dataset.renamed',
  'tag.set',
  'tag.removed',
  'key.made',
  'key.revoked',
  'project.renamed',
  'project.deleted',
  'project.restored',
  'project.erased',
]);

export type AuditAction = z.infer<typeof auditAction>;

export const auditQuery = pageShape.extend({
  action: auditAction.optional(),
  author: addressedShape.optional().meta({ description: 'Exactly, as entries show it' }),
  subject: addressedShape.optional().meta({ example: 'census@v3' }),
  request_id: addressedShape.optional(),
  since: instantShape.optional(),
  until: instantShape.optional(),
});

export const auditView = z
  .strictObject({
    at: instantShape,
    author: z.string().meta({ description: '`system` for what the service did by itself' }),
    action: auditAction,
    subject: z.string().meta({ example: 'census@v3' }),
    request_id: z.string().nullable(),
    details: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'AuditEntry' });
