import { z } from 'zod';
import { columnList } from './column-list.ts';

/** How files are read where their bytes do not say it. */

export const decimalSign = z.enum(['.', ',']);
/** With blanks that do not break, and the apostrophe of typesetters. */
export const thousandsSign = z.enum(['.', ',', "'", '\u2019', ' ', '\u00a0', '\u202f', '_']);

/** What it says is known to whoever reads by it. */
const dateWriting = z.string().min(1).max(100);
/** How dates are written in all columns, or in those of a name. */
export const saidDates = z
  .union([dateWriting, z.record(z.string().min(1).max(1000), dateWriting)])
  .meta({ id: 'DateWriting', example: { born: '%d/%m/%Y' } });

/**
 * The same of a text without an equals sign, or of `column=writing`.
 * @returns null where one is said of all columns and one of some, or of one column two.
 */
export function readDates(said: readonly string[]): z.infer<typeof saidDates> | null {
  const [first = ''] = said;
  if (said.length === 1 && !first.includes('=')) return first;
  const pairs = said.map((text): [string, string] => {
    const at = text.lastIndexOf('=');
    return [text.slice(0, Math.max(at, 0)), text.slice(at + 1)];
  });
  const names = new Set(pairs.map(([name]) => name));
  return names.size < pairs.length || names.has('') ? null : Object.fromEntries(pairs);
}

const missingWords = z.array(z.string().min(1).max(100)).max(100);

/** What may be asked of a table that is read. */
export const readingMembers = {
  decimal: decimalSign
    .optional()
    .meta({ description: 'What stands before decimals in delimited text; a point when absent' }),
  thousands: thousandsSign
    .optional()
    .meta({ description: 'What stands between groups of three digits; nothing when absent', example: "'" }),
  dates: saidDates.optional().meta({
    description:
      'How dates are written in delimited text, beside ISO 8601: `day-first`, `month-first`, `year-first`, or a pattern of ' +
      'strptime such as `%d/%m/%Y`; in all columns, or in those that are named',
  }),
  missing: missingWords.optional().meta({
    description:
      'What else stands in a cell of delimited text without a value, in every column, as pandas takes `na_values`',
    example: ['-', '.'],
  }),
  partitions: z.boolean().optional().meta({
    description: 'Whether `key=value` in the names of folders are columns; they are, unless it is said otherwise',
  }),
};

const listedDates = z
  .string()
  .max(100_000)
  .transform((text, context) => {
    const dates = readDates(text.includes('=') ? (columnList(text) ?? ['', '']) : [text]);
    if (dates !== null) return dates;
    context.addIssue(
      'must be one way to write dates, or column=way for each of some columns, with commas between them',
    );
    return z.NEVER;
  });

/** The same in a query. */
export const readingQuery = {
  ...readingMembers,
  dates: listedDates.pipe(saidDates).optional().meta({
    description: 'How dates are written in delimited text, beside ISO 8601: as a whole, or by column',
    example: 'born=%d/%m/%Y,seen=day-first',
  }),
  missing: z
    .string()
    .max(20_000)
    .transform((text, context) => {
      const words = columnList(text);
      if (words !== null) return words;
      context.addIssue('has a word in quotes that does not end with one, before a comma or the end');
      return z.NEVER;
    })
    .pipe(missingWords)
    .optional()
    .meta({ description: 'What else stands in a cell of delimited text without a value', example: '-,.' }),
  partitions: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional(),
};

export const readingView = z.strictObject(readingMembers).meta({ id: 'Reading' });

/** How the versions of a dataset are read; a new word takes the place of the whole old one. */
export const readingRequest = readingView.refine(({ decimal = '.', thousands }) => decimal !== thousands, {
  message: 'must have another sign between "thousands" than before decimals, for which "decimal" stands',
  path: ['thousands'],
});
