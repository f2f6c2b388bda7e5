import { z } from 'zod';
import { columnList } from './column-list.ts';
import { readingMembers, readingQuery } from './reading.ts';
import { versionNameShape } from './version-notes.ts';

/** One table judged against another: what is asked, and the answer, which `tidemark compare` prints too. */

const columnName = z.string().min(1).max(1000);
const columnNames = z.array(columnName).max(10_000);
const level = z.number().gt(0).lt(1);
/** What a column can be asked to be read as. */
export const readType = z.enum(['text', 'int64', 'float64', 'boolean', 'date', 'timestamp']);
const weight = z.number().nonnegative().max(1e9);
const minimumRows = z.int().min(1).max(1_000_000_000);
const share = z.number().min(0).max(1);
const adjustment = z.enum(['benjamini-hochberg', 'benjamini-yekutieli']);
const tool = z.string().min(1).max(100);

const sideShape = versionNameShape.refine((text) => text.includes('@'), 'must name a dataset too, like "census@v3"');

export const compareRequest = z
  .strictObject({
    reference: sideShape.meta({ description: 'What it is held against, such as the training data' }),
    current: sideShape.meta({ example: 'census@latest' }),
    columns: columnNames.min(1).optional().meta({ description: 'Only these; all of the reference when absent' }),
    exclude: columnNames.optional(),
    categories: columnNames.optional().meta({ description: 'Columns whose numbers are codes of classes' }),
    types: z
      .record(columnName, readType)
      .optional()
      .meta({
        description: 'What to read columns as; a cell that is no such value is an error',
        example: { zip: 'text' },
      }),
    header: z
      .boolean()
      .optional()
      .meta({ description: 'Whether delimited text begins with a line of names; found out when absent' }),
    ...readingMembers,
    measures: z.array(z.string().max(100)).max(100).optional().meta({
      description: 'Instead of the standard ones: names of `GET /v1/measures`, in short where they are clear',
    }),
    effects: z
      .record(z.string().max(100), z.number().nonnegative())
      .optional()
      .meta({ description: 'The smallest effect that matters, by measure' }),
    alpha: level.optional().meta({ description: 'False discovery rate over the columns' }),
    minimum_rows: minimumRows.optional(),
    adjustment: adjustment.optional().meta({ description: 'How q is made of p' }),
    weights: z
      .record(columnName, weight)
      .optional()
      .meta({
        description: 'How much columns count; 1 for what is not named. With 0 a column is shown and decides nothing',
        example: { income: 3, zip: 0 },
      }),
    drifted_share: share.optional().meta({ description: 'Share of the weight of all columns that has to drift' }),
    false_alarms: level
      .optional()
      .meta({ description: 'Limits at which this share of healthy tables alarms, found out from the reference' }),
    segment: columnName.optional().meta({ description: 'Also judge the rows of each of its values apart' }),
    slices: z.boolean().optional().meta({ description: 'Also look for the groups of rows that carry the drift' }),
    as: tool.optional().meta({ description: 'Also give the figures of another tool', example: 'evidently' }),
  })
  .meta({ id: 'Compare' });

const listed = z
  .string()
  .max(100_000)
  .transform((text, context) => {
    const names = columnList(text);
    if (names !== null) return names;
    context.addIssue('has a name in quotes that does not end with one, before a comma or the end');
    return z.NEVER;
  });
/** As a number is written: 0.05, 5e-2. */
const numeral = z
  .string()
  .regex(/^(\d{1,15}(\.\d{0,20})?|\.\d{1,20})([eE][+-]?\d{1,3})?$/, 'must be a number')
  .transform(Number);
const listedLevel = numeral.pipe(level);
/** `name=value` with commas between them. */
const listedPairs = listed.transform((pairs) =>
  pairs.map((pair): [string, string] => [pair.slice(0, pair.lastIndexOf('=')), pair.slice(pair.lastIndexOf('=') + 1)]),
);

/** The same in a query, where the current table is the body. */
export const compareQuery = z.strictObject({
  reference: sideShape.optional(),
  path: z.string().optional().meta({ description: 'The name of the file in the body', example: 'today.csv' }),
  columns: listed
    .pipe(columnNames.min(1))
    .optional()
    .meta({ description: 'Names with commas between them; one that has commas in double quotes' }),
  exclude: listed.pipe(columnNames).optional(),
  categories: listed.pipe(columnNames).optional(),
  types: listedPairs
    .pipe(z.array(z.tuple([columnName, readType])).max(10_000))
    .transform((pairs) => Object.fromEntries(pairs))
    .optional()
    .meta({ description: 'What to read columns as', example: 'zip=text,age=float64' }),
  header: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional(),
  ...readingQuery,
  measures: listed
    .pipe(z.array(z.string().max(100)).max(100))
    .optional()
    .meta({ description: 'Instead of the standard ones: names of `GET /v1/measures`', example: 'psi,ks' }),
  effects: listedPairs
    .pipe(z.array(z.tuple([z.string().min(1).max(100), numeral])).max(1000))
    .transform((pairs) => Object.fromEntries(pairs))
    .optional()
    .meta({ description: 'The smallest effect that matters, by measure', example: 'wasserstein/reference-std@1=0.05' }),
  alpha: listedLevel.optional(),
  minimum_rows: numeral.pipe(minimumRows).optional(),
  adjustment: adjustment.optional(),
  weights: listedPairs
    .pipe(z.array(z.tuple([columnName, numeral.pipe(weight)])).max(10_000))
    .transform((pairs) => Object.fromEntries(pairs))
    .optional()
    .meta({ description: 'How much columns count', example: 'income=3,zip=0' }),
  drifted_share: numeral.pipe(share).optional(),
  false_alarms: listedLevel.optional(),
  segment: columnName.optional(),
  slices: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional(),
  as: tool.optional(),
});

const tableVerdict = z.enum(['drift', 'no_drift', 'insufficient_data']);
const names = z.array(z.string());
const numberOrNull = z.number().nullable();

const comparedSide = z.looseObject({
  name: z.string(),
  rows: z.int(),
  files: z.array(z.looseObject({ path: z.string(), format: z.string(), bytes: z.int() })),
});

const retypedView = z.looseObject({
  name: z.string(),
  reference: z.string(),
  current: z.string(),
  misfits: z
    .looseObject({ count: z.int(), cells: z.int(), examples: names })
    .nullable()
    .meta({ description: "Cells that cannot be read as the reference's type" }),
  written: z
    .looseObject({
      looks_like: z.enum(['numbers', 'dates']),
      signs: z.array(z.record(z.string(), z.string())),
      dates: names.default([]),
    })
    .nullish()
    .meta({ description: 'What its texts look like to a person, and the words by which they are read as that' }),
});

const sliceView = z.looseObject({
  conditions: z.array(
    z.looseObject({
      column: z.string(),
      kind: z.enum(['range', 'value', 'missing']),
      lower: numberOrNull,
      upper: numberOrNull,
      value: z.string().nullable(),
    }),
  ),
  support: z.looseObject({ reference: z.number(), window: z.number() }),
  explained: z.number(),
  columns: z.array(z.looseObject({ name: z.string(), share: z.number() })),
  whole_rows: z
    .number()
    .optional()
    .meta({ description: 'The share of it that is in how columns go together, where whole rows drifted' }),
});

const segmentView = z.looseObject({
  value: z.string().nullable(),
  rows: z.looseObject({ reference: z.int(), current: z.int() }),
  verdict: tableVerdict,
  why: z.string(),
});

const leftOutView = z
  .looseObject({
    values: z.int(),
    examples: z.array(z.string().nullable()),
    rows: z.looseObject({ reference: z.int(), current: z.int() }),
  })
  .meta({ description: 'Segments that are not judged: those with the fewest rows' });

const toolView = z.looseObject({
  tool: z.string(),
  version: z.string(),
  drift: z.boolean().nullable(),
  reason: z.string().nullish().meta({ description: 'Why the tool decides nothing here although it has a rule' }),
  rule: z.string(),
  columns: z.array(
    z.looseObject({
      column: z.string(),
      method: z.string().nullable(),
      score: numberOrNull,
      threshold: numberOrNull,
      drift: z.boolean().nullable(),
      details: z.record(z.string(), z.union([z.number(), z.string(), z.null()])).default({}),
      reason: z.string().nullable(),
    }),
  ),
});

const neededView = z.looseObject({ columns: z.int(), reference: z.number(), window: z.number() }).nullable().meta({
  description:
    'Columns without drift in which a change as small as its limit is not told from chance, and the values of each side that it would take',
});

const calibrationView = z.looseObject({
  false_alarms: z.number(),
  resamples: z.int(),
  tail: z.enum(['counted', 'extrapolated']).optional().meta({
    description: 'Whether as many samples as asked for exceed the limits, or the rate is rarer than they can show',
  }),
  limits: z
    .record(z.string(), z.record(z.string(), z.number()))
    .default({})
    .meta({ description: 'By column and measure' }),
});

/** Open, since what a later version finds out besides must not stop an older client. */
export const tableComparison = z
  .looseObject({
    format: z.string().meta({ example: 'tidemark.comparison/1' }),
    verdict: tableVerdict,
    why: z.string(),
    needed: neededView.optional(),
    reference: comparedSide,
    current: comparedSide,
    policy: z.looseObject({
      effects: z.record(z.string(), z.number()),
      calibration: calibrationView.optional(),
    }),
    schema: z.looseObject({ added: names, removed: names, retyped: z.array(retypedView).default([]) }),
    skipped: z.array(z.looseObject({ name: z.string(), why: z.string() })),
    columns: z.array(z.looseObject({ name: z.string(), verdict: z.string(), why: z.string() })),
    table: z.array(z.looseObject({ measure: z.string() })).optional(),
    slices: z.array(sliceView).optional(),
    segments: z.array(segmentView).optional(),
    segments_left_out: leftOutView.optional(),
    as: toolView.optional(),
  })
  .meta({ id: 'TableComparison' });

export type TableComparison = z.infer<typeof tableComparison>;
