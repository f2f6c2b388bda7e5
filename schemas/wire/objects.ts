import { z } from 'zod';
import { addressedShape, md5Shape, oidShape, pageShape, sha256Shape } from './shapes.ts';

/** Objects by their names, alone, in packs and in parts. */

/** For the document alone: another name is refused in words of its own. */
const OID = '^[0-9a-f]{32}(\\.dir)?$';
export const objectParams = z.strictObject({ oid: z.string().meta({ pattern: OID }) });
export const downloadQuery = z.strictObject({
  redirect: z
    .enum(['true', 'false'])
    .optional()
    .meta({ description: 'Whether you may be sent on to the object store, past this service' }),
});
export const uploadQuery = z.strictObject({ sha256: sha256Shape.optional() });

export const objectView = z
  .strictObject({ oid: z.string(), md5: z.string(), sha256: z.string(), size: z.int(), created: z.boolean() })
  .meta({ id: 'Object' });

/** After the batch API of git-lfs, with `missing` said outright. */
export const objectBatchRequest = z.strictObject({
  operation: z.enum(['upload', 'download']).default('upload'),
  brief: z.boolean().default(false).meta({ description: 'Only what is missing, without where to send it' }),
  objects: z.array(z.strictObject({ oid: oidShape, size: z.int().nonnegative() })).max(100_000),
});

const objectAction = z.strictObject({ href: z.string(), method: z.enum(['PUT', 'GET']) });

export const objectBatchView = z
  .strictObject({
    transfer: z.literal('basic'),
    objects: z.array(
      z.strictObject({
        oid: z.string(),
        size: z.int(),
        missing: z.boolean(),
        actions: z.strictObject({ upload: objectAction.optional(), download: objectAction.optional() }).optional(),
        error: z.strictObject({ code: z.int(), message: z.string() }).optional(),
      }),
    ),
  })
  .meta({ id: 'ObjectBatch' });

export const packView = z
  .strictObject({
    members: z.int().meta({ description: 'How many objects the pack brought' }),
    created: z.int().meta({ description: 'How many of them were not held before' }),
  })
  .meta({ id: 'Pack' });

export const unpackRequest = z.strictObject({ oids: z.array(md5Shape).min(1).max(100_000) }).meta({ id: 'Unpack' });

/** Files are short, and whoever lists a folder mostly wants all of them. */
const memberPageShape = pageShape.extend({
  limit: z
    .string()
    .regex(/^\d{1,5}$/, 'must be a number from 1 to 20000')
    .transform(Number)
    .pipe(z.number().min(1).max(20_000))
    .default(1000)
    .meta({ type: 'integer', minimum: 1, maximum: 20_000, default: 1000 }),
});

export const objectFilesQuery = memberPageShape.extend({
  layout: z
    .enum(['files-md5', 'legacy'])
    .default('files-md5')
    .describe('`legacy`: the name is one of DVC 2 (md5-dos2unix), of a folder or of one file'),
});

export const memberView = z
  .strictObject({
    path: z.string(),
    md5: z.string(),
    sha256: z.string(),
    size: z.int(),
    quarantined: z.boolean(),
    warning: z
      .string()
      .optional()
      .meta({ description: 'What befalls the name on other machines, as `CON` on Windows' }),
  })
  .meta({ id: 'Member' });

export const uploadRequest = z
  .strictObject({
    oid: md5Shape,
    size: z.int().nonnegative(),
    direct: z
      .boolean()
      .default(false)
      .meta({ description: 'Ask for addresses in the object store to put the parts at' }),
  })
  .meta({ id: 'BeginUpload' });
export const uploadParams = z.strictObject({ upload: addressedShape });
export const partParams = z.strictObject({
  upload: addressedShape,
  number: z
    .string()
    .regex(/^[1-9]\d{0,5}$/, 'must be the number of a part, from 1')
    .transform(Number)
    .meta({ type: 'integer', minimum: 1, maximum: 999_999 }),
});

export const uploadView = z
  .strictObject({
    id: z.string(),
    oid: z.string(),
    size: z.int(),
    part_bytes: z.int(),
    parts: z.int().meta({ description: 'How many parts the object has' }),
    received: z.array(z.int()).meta({ description: 'The numbers of the parts that are durable' }),
    completed: z.boolean(),
    direct: z
      .array(
        z.strictObject({
          number: z.int(),
          url: z.string(),
          headers: z.record(z.string(), z.string()),
          expires_in: z.int().meta({ description: 'Seconds from now in which the PUT may begin' }),
        }),
      )
      .nullable()
      .optional()
      .meta({
        description: 'When asked for: a PUT for each part that is missing, up to 200; null where none can be',
      }),
  })
  .meta({ id: 'Upload' });

export const partView = z.strictObject({ number: z.int(), size: z.int(), md5: z.string() }).meta({ id: 'Part' });
