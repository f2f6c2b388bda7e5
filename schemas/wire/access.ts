import { z } from 'zod';
import { instantShape, nameShape } from './shapes.ts';

export const projectRequest = z.strictObject({ name: nameShape });
export const projectView = z.strictObject({ name: z.string(), created_at: instantShape }).meta({ id: 'Project' });

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
