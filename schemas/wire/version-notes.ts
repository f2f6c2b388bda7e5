import { z } from 'zod';
import { addressedShape, pageShape } from './shapes.ts';

/** What people say of a version beside its content. */

/** Text that people write; the database takes no U+0000 and no half of a surrogate pair. */
const noteShape = z
  .string()
  .max(2000)
  .refine((text) => !text.includes('\0') && text.isWellFormed(), 'must be Unicode without U+0000');

const labelKeyShape = z
  .string()
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9._/-]{0,62}$/, 'must hold 1 to 63 letters, digits, ".", "_", "/" and "-"');
/** The same as \p{Cc}, which is known only where a pattern is read with a flag; a document has no place for flags. */
const CONTROLS = String.raw`\x00-\x1f\x7f-\x9f`;
/** Without a comma, so that a query can list them. */
const labelValueShape = z
  .string()
  .max(200)
  .regex(/^[^,\p{Cc}]*$/u, 'must hold no comma and no control character')
  .refine((text) => text.isWellFormed(), 'must be Unicode')
  .meta({ pattern: `^[^,${CONTROLS}]*$` });
/** A version has so many at most: they are listed with it. */
export const LABELS = 64;
const labelsShape = z
  .record(labelKeyShape, labelValueShape)
  .refine((labels) => Object.keys(labels).length <= LABELS, `must be at most ${LABELS}`)
  .meta({ example: { team: 'risk' } });

/** `team=risk,stage=gold`. A text without "=" is a key alone. */
const listedLabels = addressedShape.transform((text) =>
  text.split(',').map((item) => {
    const at = item.indexOf('=');
    return at === -1 ? { key: item, value: null } : { key: item.slice(0, at), value: item.slice(at + 1) };
  }),
);

const authorShape = z
  .string()
  .min(1)
  .max(200)
  .regex(/^\P{Cc}*$/u, 'must hold no control character')
  .refine((text) => text.isWellFormed(), 'must be Unicode')
  .meta({ pattern: `^[^${CONTROLS}]*$` });
const gitRevShape = z
  .string()
  .regex(/^[0-9a-f]{7,64}$/, 'must be 7 to 64 lower-case hexadecimal digits of a git commit');
/** `v3` of the same dataset, or `census@prod` of another. */
export const versionNameShape = z
  .string()
  .regex(
    /^([a-zA-Z0-9][a-zA-Z0-9._-]{0,99}@)?[a-zA-Z0-9][a-zA-Z0-9._-]{0,199}$/,
    'must be a version like "v3" or "census@v3"',
  )
  .meta({ example: 'census@v3' });
const parentsShape = z.array(versionNameShape).max(100);

/** What is said of a version in a query, where there is only text. */
export const notesQuery = {
  message: noteShape.optional(),
  author: authorShape.optional(),
  labels: listedLabels
    .transform((labels) => Object.fromEntries(labels.map(({ key, value }) => [key, value ?? ''])))
    .pipe(labelsShape)
    .optional()
    .meta({ type: 'string', example: 'team=risk,stage=gold' }),
  git_rev: gitRevShape.optional(),
  parents: z
    .string()
    .transform((text) => text.split(','))
    .pipe(parentsShape)
    .optional()
    .meta({ type: 'string', example: 'v3,census@prod' }),
};

const provenanceShape = z
  .record(z.string(), z.unknown())
  // Kept as it is, so of a size that every list of versions can carry.
  .refine((value) => JSON.stringify(value).length <= 10_000, 'must be at most 10,000 characters of JSON');

/** The same as members of a JSON body. */
export const notesMembers = {
  message: noteShape.optional(),
  author: authorShape.optional(),
  labels: labelsShape.optional(),
  git_rev: gitRevShape.optional(),
  parents: parentsShape.optional().meta({ description: 'The versions it was made from' }),
  provenance: provenanceShape.optional().meta({
    description: 'Free words on where it came from; shown as `provenance.details`',
  }),
};

/** What is said of a version from now on. */
export const notesChange = z
  .strictObject({
    message: noteShape.optional(),
    author: authorShape.nullable().optional(),
    labels: z
      .record(labelKeyShape, labelValueShape.nullable())
      .optional()
      .meta({ description: 'Each by itself; null takes it away', example: { team: 'risk', draft: null } }),
    git_rev: gitRevShape.nullable().optional(),
    provenance: provenanceShape.nullable().optional().meta({ description: 'In place of `provenance.details`' }),
  })
  .refine((body) => Object.values(body).some((member) => member !== undefined), 'must say something')
  .meta({ id: 'VersionNotes', minProperties: 1, example: { message: 'first export', labels: { stage: 'gold' } } });

export const notesView = {
  message: z.string(),
  author: z.string().meta({ description: 'As its pusher said, else who recorded it' }),
  labels: z.record(z.string(), z.string()),
  git_rev: z.string().nullable(),
  parents: z
    .array(z.strictObject({ dataset: z.string(), ref: z.string(), oid: z.string() }))
    .meta({ description: 'The versions it was made from' }),
};

export const versionsQuery = pageShape.extend({
  label: listedLabels.optional().meta({ type: 'string', example: 'team=risk,stage' }),
  author: authorShape.optional(),
  git_rev: z
    .string()
    .regex(/^[0-9a-f]{4,64}$/, 'must be 4 to 64 lower-case hexadecimal digits')
    .optional(),
  tag: addressedShape.optional(),
});
