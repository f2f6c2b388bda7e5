import { z } from 'zod';

/** How files are read where their bytes do not say it. */

export const decimalSign = z.enum(['.', ',']);
/** With blanks that do not break, and the apostrophe of typesetters. */
export const thousandsSign = z.enum(['.', ',', "'", '\u2019', ' ', '\u00a0', '\u202f', '_']);

/** What may be asked of a table that is read. */
export const readingMembers = {
  decimal: decimalSign
    .optional()
    .meta({ description: 'What stands before decimals in delimited text; a point when absent' }),
  thousands: thousandsSign
    .optional()
    .meta({ description: 'What stands between groups of three digits; nothing when absent', example: "'" }),
  partitions: z.boolean().optional().meta({
    description: 'Whether `key=value` in the names of folders are columns; they are, unless it is said otherwise',
  }),
};

/** The same in a query. */
export const readingQuery = {
  ...readingMembers,
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
