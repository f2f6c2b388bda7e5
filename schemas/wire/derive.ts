import { z } from 'zod';
import { notesMembers, versionNameShape } from './version-notes.ts';

const filesRecipe = z
  .strictObject({
    remove: z.array(z.string().min(1).max(4096)).max(10_000).optional().meta({
      description: 'Paths of the sources, or their beginnings up to a "/"',
    }),
    add: z
      .array(z.strictObject({ path: z.string(), md5: z.string() }))
      .max(100_000)
      .optional()
      .meta({ description: 'Objects that the project holds; they replace what has their path' }),
    conflict: z.enum(['refuse', 'first', 'last']).optional().meta({
      description: 'What to do where two sources have other bytes at one path',
    }),
  })
  .meta({ id: 'FilesRecipe' });

/** The generator takes 32 bits. */
const seed = z.int().min(0).max(4_294_967_295);
const share = z.number().gt(0).lt(1);
const column = z.string().min(1).max(1000);

export const rowsRecipe = z
  .strictObject({
    where: z
      .string()
      .min(1)
      .max(100_000)
      .optional()
      .meta({
        description:
          'A condition on columns: comparisons (= != < <= > >=), in, is null, is nan, and, or, not and brackets. Texts ' +
          'and times stand in single quotes, names that are no words in double quotes.',
        example: "age >= 30 and (plan in ('pro', 'plus') or region is null)",
      }),
    columns: z
      .array(column)
      .min(1)
      .max(10_000)
      .refine((names) => new Set(names).size === names.length, 'must name each column once')
      .optional()
      .meta({ description: 'These columns, in this order' }),
    sample: z
      .strictObject({ rows: z.int().min(1).max(Number.MAX_SAFE_INTEGER).optional(), share: share.optional(), seed })
      .refine(
        (sample) => (sample.rows === undefined) !== (sample.share === undefined),
        'needs one of "rows" and "share"',
      )
      .optional()
      .meta({ description: 'So many rows, or each with this chance' }),
    split: z
      .strictObject({
        part: z.enum(['train', 'test']),
        share: share.meta({ description: 'Of the part "train"' }),
        seed,
        by: column.optional().meta({ description: 'Rows with the same value here are in the same part' }),
      })
      .optional()
      .meta({ description: 'One of two parts that share no row and are all rows together' }),
  })
  .refine((recipe) => recipe.sample === undefined || recipe.split === undefined, {
    message: 'cannot stand beside "sample"; derive one from the other',
    path: ['split'],
  })
  .meta({ id: 'RowsRecipe' });

export const deriveRequest = z
  .strictObject({
    sources: z
      .array(versionNameShape)
      .min(1)
      .max(100)
      .meta({ description: 'Versions in order: a ref of the same dataset, or `census@v3`' }),
    files: filesRecipe.optional(),
    rows: rowsRecipe.optional(),
    path: z.string().optional().meta({ description: "The file's or folder's own name" }),
    message: notesMembers.message,
    author: notesMembers.author,
    labels: notesMembers.labels,
    git_rev: notesMembers.git_rev,
    provenance: notesMembers.provenance,
    tag: z.string().optional(),
  })
  .refine((body) => (body.files === undefined) !== (body.rows === undefined), {
    message: 'needs one of "files" and "rows"',
    path: ['rows'],
  })
  .meta({ id: 'Derive', example: { sources: ['v3'], rows: { where: 'age >= 30', columns: ['age', 'income'] } } });
