import { z } from 'zod';
import { pageShape } from './shapes.ts';
import { versionNameShape } from './version-notes.ts';

export const diffQuery = pageShape.extend({
  against: versionNameShape.meta({
    description: 'The older side: a ref of the same dataset, or `census@v3`',
    example: 'v1',
  }),
});

const sideView = z.strictObject({
  dataset: z.string(),
  ref: z.string(),
  oid: z.string(),
  path: z.string(),
  files: z.int(),
  bytes: z.int(),
});

const fileSide = z.strictObject({ path: z.string(), md5: z.string(), size: z.int() }).nullable();

const changeCount = z.strictObject({ files: z.int(), from_bytes: z.int(), to_bytes: z.int() });

const filesView = z.strictObject({
  added: changeCount,
  removed: changeCount,
  renamed: changeCount.meta({ description: 'The same bytes at another path' }),
  changed: changeCount,
  unchanged: z.int(),
  items: z.array(
    z.strictObject({
      change: z.enum(['added', 'removed', 'renamed', 'changed']),
      path: z.string(),
      from: fileSide,
      to: fileSide,
    }),
  ),
  next: z.string().nullable().meta({ description: 'The cursor of the next page of changed files' }),
});

const columnShape = { type: z.string(), nullable: z.boolean(), presence: z.enum(['required', 'optional']) };

const schemaDiffView = z.strictObject({
  added: z.array(z.strictObject({ name: z.string(), ...columnShape })),
  removed: z.array(z.strictObject({ name: z.string(), ...columnShape })),
  changed: z.array(
    z.strictObject({ name: z.string(), from: z.strictObject(columnShape), to: z.strictObject(columnShape) }),
  ),
  reordered: z.boolean(),
});

const numberOrNull = z.number().nullable();

const statisticsView = z
  .strictObject({
    type: z.string(),
    rows: z.int(),
    nulls: z.int(),
    nan: z.int().optional(),
    distinct: z.number(),
    min: z.union([z.number(), z.string()]).nullable().optional(),
    median: numberOrNull.optional(),
    max: z.union([z.number(), z.string()]).nullable().optional(),
    mean: numberOrNull.optional(),
    std: numberOrNull.optional(),
    top: z.array(z.strictObject({ value: z.union([z.string(), z.number()]), count: z.int() })).optional(),
  })
  .nullable();

const boundsView = z.strictObject({ lower: z.number(), upper: z.number() });

const findingView = z.strictObject({
  measure: z.string(),
  value: numberOrNull,
  lower: numberOrNull,
  upper: numberOrNull,
  limit: numberOrNull,
  null95: numberOrNull,
  p: boundsView.nullable(),
  reason: z.string().nullable(),
});

const columnView = z.strictObject({
  name: z.string(),
  from: statisticsView,
  to: statisticsView,
  drift: z
    .strictObject({
      verdict: z.enum(['drift', 'no_drift', 'undecided', 'insufficient_data', 'not_comparable']),
      why: z.string(),
      q: boundsView.nullable(),
      findings: z.array(findingView),
    })
    .nullable()
    .meta({ description: 'Null unless both versions have the column' }),
});

const contentView = z.strictObject({
  state: z.enum(['ready', 'pending', 'unavailable']),
  reason: z.string().optional(),
  basis: z.string().meta({ description: 'What the statistics come from' }),
  rows: z.strictObject({ from: z.int(), to: z.int() }).optional(),
  schema: schemaDiffView.optional(),
  columns: z.array(columnView).optional(),
});

export const diffView = z
  .strictObject({ from: sideView, to: sideView, identical: z.boolean(), files: filesView, content: contentView })
  .meta({ id: 'VersionDiff' });
