import { z } from 'zod';
import { addressedShape, count, pageShape } from './shapes.ts';
import { versionNameShape } from './version-notes.ts';

export const diffQuery = pageShape
  .extend({
    against: versionNameShape.meta({
      description: 'The older side: a ref of the same dataset, or `census@v3`',
      example: 'v1',
    }),
    rows: z
      .enum(['true', 'false'])
      .optional()
      .meta({ description: 'Compare rows too; this reads the data of both versions' }),
    key: addressedShape.min(1).max(2000).optional().meta({
      description:
        'The column that names a row, or several with commas between them; without it whole rows are compared',
      example: 'id',
    }),
    samples: count(1000, 20).meta({ description: 'Rows of each kind that are shown' }),
  })
  .refine((query) => query.key === undefined || query.rows === 'true', {
    message: 'belongs to "rows=true"',
    path: ['key'],
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

const shownValue = z.union([z.string(), z.number(), z.boolean()]).nullable();
const shownRow = z.record(z.string(), shownValue);

const rowsView = z.strictObject({
  key: z.array(z.string()).nullable(),
  from: z.int(),
  to: z.int(),
  added: z.int(),
  removed: z.int(),
  changed: z.int(),
  unchanged: z.int(),
  repeated_keys: z
    .strictObject({ from: z.int(), to: z.int() })
    .meta({ description: 'Keys that stand more than once; their rows are paired, equal ones first' }),
  columns: z
    .array(z.strictObject({ name: z.string(), changed: z.int() }))
    .meta({ description: 'How many changed rows differ in each column' }),
  samples: z.strictObject({
    added: z.array(shownRow),
    removed: z.array(shownRow),
    changed: z.array(
      z.strictObject({
        key: shownRow,
        columns: z.array(z.strictObject({ name: z.string(), from: shownValue, to: shownValue })),
      }),
    ),
  }),
});

export const diffView = z
  .strictObject({
    from: sideView,
    to: sideView,
    identical: z.boolean(),
    files: filesView,
    content: contentView,
    rows: rowsView.optional(),
  })
  .meta({ id: 'VersionDiff' });
