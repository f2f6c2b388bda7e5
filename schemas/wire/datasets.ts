import { z } from 'zod';
import { readingRequest, readingView } from './reading.ts';
import { instantShape, md5Shape, nameShape, oidShape, sha256Shape } from './shapes.ts';
import { notesMembers, notesQuery, notesView } from './version-notes.ts';

/** `v3`, `latest`, a tag, an oid or its first digits. Wider than any of them: what it names is found out later. */
const refShape = z
  .string()
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,199}$/, 'must be a version like "v3", "latest", a tag, or an object name')
  .meta({ example: 'latest' });

/** For the document alone: what is wrong with a tag is said where it is used. */
const TAG = '^[a-zA-Z0-9][a-zA-Z0-9._-]{0,99}$';

export const datasetParams = z.strictObject({ dataset: nameShape });
export const versionParams = z.strictObject({ dataset: nameShape, ref: refShape });
export const fileParams = z.strictObject({ dataset: nameShape, ref: refShape, path: z.string().min(1) });
export const tagParams = z.strictObject({ dataset: nameShape, tag: z.string().min(1).meta({ pattern: TAG }) });

/** With `path` the body is the file's bytes, whatever their type; without it the body is a commit in JSON. */
export const pushQuery = z.strictObject({
  path: z.string().optional().meta({ example: 'train.csv', minLength: 1 }),
  ...notesQuery,
  tag: z.string().optional().meta({ pattern: TAG }),
  md5: md5Shape.optional(),
  sha256: sha256Shape.optional(),
});

const folderFile = z.strictObject({ path: z.string(), md5: z.string() });
const folderOid = z.string().regex(/^[0-9a-f]{32}\.dir$/, 'must be the name of a folder\'s manifest, with ".dir"');

/** What differs from a folder that is held. */
const folderChanges = z
  .strictObject({
    from: folderOid.meta({ description: 'The manifest of the other folder, which is held' }),
    to: folderOid.meta({ description: "The folder's own manifest, to which the changes have to lead" }),
    put: z
      .array(folderFile)
      .max(2_000_000)
      .default([])
      .meta({ description: 'Files that it does not have, or has with other bytes; each is held already' }),
    remove: z.array(z.string()).max(2_000_000).default([]).meta({ description: 'Paths that it has and this one not' }),
  })
  .meta({ id: 'FolderChanges' });

export const commitRequest = z
  .strictObject({
    files: z
      .array(folderFile)
      .max(2_000_000)
      .optional()
      .meta({ description: 'The files of a folder; each is held already' }),
    changes: folderChanges.optional().meta({ description: 'A folder by what differs from one that is held' }),
    oid: oidShape.optional().meta({ description: 'An object that is held already' }),
    pointer: z.string().max(100_000).optional().meta({ description: 'The text of a .dvc file or of dvc.lock' }),
    path: z
      .string()
      .optional()
      .meta({ description: "The file's or folder's own name; of a pointer with several outputs, which one" }),
    executable: z.boolean().optional().meta({
      description: 'With "oid" of a file: its owner may execute it, as a pointer says it with `isexec`',
    }),
    ...notesMembers,
    tag: z.string().optional(),
  })
  .refine(
    ({ files, changes, oid, pointer }) =>
      [files, changes, oid, pointer].filter((part) => part !== undefined).length === 1,
    { message: 'needs exactly one of "files", "changes", "oid" and "pointer"' },
  )
  .meta({ id: 'Commit' });

/** Whether all bytes are there and good, as far as they were read. */
const healthMembers = {
  health: z.enum(['whole', 'degraded']),
  quarantined: z
    .int()
    .meta({ description: 'How many of its objects are corrupt or lost; a push of their bytes heals' }),
};

const profileState = z.enum(['pending', 'ready', 'failed', 'unsupported']);

export const versionView = z
  .strictObject({
    dataset: z.string(),
    ref: z.string().meta({ example: 'v3' }),
    number: z.int(),
    oid: z.string(),
    md5: z.string(),
    kind: z.enum(['file', 'folder']),
    path: z.string(),
    files: z.int(),
    bytes: z.int(),
    executable: z.boolean().meta({ description: 'The one file may be executed by its owner' }),
    sha256_root: z.string().meta({
      description: 'SHA-256 of the lines `path NUL sha256 LF` of all files, sorted by path in code point order',
    }),
    ...notesView,
    provenance: z.record(z.string(), z.unknown()),
    tags: z.array(z.string()),
    profile: profileState,
    ...healthMembers,
    reading: readingView.meta({ description: 'How its tables were read' }),
    pointer: z.string().meta({ description: 'The text of its .dvc file' }),
    created_at: instantShape,
    links: z.strictObject({
      self: z.string(),
      files: z.string(),
      archive: z.string(),
      dvc: z.string(),
      profile: z.string(),
      schema: z.string(),
    }),
  })
  .meta({ id: 'Version' });

/** A version as the answer to what made it, or found it made. */
export const pushedVersionView = versionView
  .extend({
    created: z.boolean(),
    latest: z.string().meta({ description: 'The newest version; another one where a file of another name came since' }),
  })
  .meta({ id: 'PushedVersion' });

export const datasetView = z
  .strictObject({
    name: z.string(),
    description: z.string(),
    former_names: z.array(z.string()).meta({ description: 'Names that find it too, since it was called so' }),
    created_at: instantShape,
    reading: readingView.meta({ description: 'How tables of its next versions are read' }),
    latest: z
      .strictObject({
        ref: z.string(),
        oid: z.string(),
        files: z.int(),
        bytes: z.int(),
        ...healthMembers,
        created_at: instantShape,
      })
      .nullable(),
  })
  .meta({ id: 'Dataset' });

export const datasetPatch = z
  .strictObject({
    name: nameShape
      .optional()
      .meta({ description: 'What it is called from now on; its former name goes on finding it' }),
    reading: readingRequest.optional().meta({ description: 'How its tables are read, all of it' }),
  })
  .refine(({ name, reading }) => name !== undefined || reading !== undefined, { message: 'needs "name" or "reading"' })
  .meta({ id: 'DatasetPatch', example: { reading: { decimal: ',', thousands: '.' } } });

/** With what became of the versions that there are. */
export const patchedDatasetView = datasetView
  .extend({
    reread: z.array(z.string()).meta({ description: 'Versions that are read anew', example: ['v2'] }),
    kept: z
      .array(z.strictObject({ ref: z.string(), code: z.string(), detail: z.string() }))
      .meta({ description: 'Versions that stay as they were read, and what rests on that' }),
  })
  .meta({ id: 'PatchedDataset' });

export const fileView = z
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
    href: z.string(),
  })
  .meta({ id: 'VersionFile' });

export const tagRequest = z.strictObject({ ref: refShape, fixed: z.boolean().optional() });
export const tagQuery = z.strictObject({ fixed: z.enum(['true', 'false']).optional() });
export const tagView = z
  .strictObject({ name: z.string(), ref: z.string(), fixed: z.boolean(), updated_at: instantShape })
  .meta({ id: 'Tag' });

export const profileQuery = z.strictObject({ column: z.string().optional() });

const failureView = z.strictObject({ code: z.string(), message: z.string(), path: z.string().optional() });

const knowledgeView = {
  dataset: z.string(),
  ref: z.string(),
  oid: z.string(),
  state: profileState,
  error: failureView.optional(),
};

export const profileView = z
  .strictObject({
    ...knowledgeView,
    notes: z
      .strictObject({
        tables: z.int(),
        others: z.int(),
        failed: z.array(failureView),
        warnings: z.array(z.looseObject({ path: z.string(), code: z.string(), detail: z.string() })),
      })
      .optional(),
    profile: z
      .looseObject({
        format: z.string(),
        rows: z.int(),
        columns: z.array(
          z.looseObject({
            name: z.string(),
            type: z.string(),
            kind: z.enum(['number', 'category', 'time', 'vector']),
            rows: z.int(),
            nulls: z.int(),
          }),
        ),
      })
      .optional(),
  })
  .meta({ id: 'Profile' });

const domainView = z.union([
  z.strictObject({ kind: z.literal('values'), values: z.array(z.union([z.string(), z.number()])) }),
  z.strictObject({
    kind: z.literal('range'),
    min: z.union([z.number(), z.string()]),
    max: z.union([z.number(), z.string()]),
  }),
]);

export const schemaView = z
  .strictObject({
    ...knowledgeView,
    schema: z
      .strictObject({
        format: z.string(),
        rows: z.int(),
        columns: z.array(
          z.strictObject({
            name: z.string(),
            type: z.string(),
            conflicting_types: z.array(z.string()).optional(),
            presence: z.enum(['required', 'optional']),
            nullable: z.boolean(),
            null_share: z.number(),
            allows_nan: z.boolean().optional(),
            allows_infinite: z.boolean().optional(),
            domain: domainView.nullable(),
            uniqueness: z.enum(['exact', 'likely', 'no']),
            hints: z
              .array(z.enum(['key', 'constant', 'near-constant', 'codes', 'written-numbers', 'written-dates']))
              .describe('Texts that look like numbers or dates in a writing that is not read are `written-…`.'),
          }),
        ),
      })
      .optional(),
  })
  .meta({ id: 'Schema' });
