import { z } from 'zod';
import type { sliceView } from '../../../schemas/wire/slices.ts';
import type { SliceCondition } from '../../stats/table/slice-columns.ts';
import { rounded } from '../../stats/verdict/rounded.ts';

/** `region is "north"`, `age from 30 to below 40`. */
function describeCondition({ column, kind, lower, upper, value }: SliceCondition): string {
  if (kind === 'missing') return `${column} is missing`;
  if (kind === 'value') return `${column} is "${value}"`;
  if (lower === null) return `${column} below ${rounded(upper)}`;
  return upper === null
    ? `${column} from ${rounded(lower)}`
    : `${column} from ${rounded(lower)} to below ${rounded(upper)}`;
}

const percent = (share: number): string => `${Number((100 * share).toPrecision(2))} %`;

/** A finding on whole rows as stored reports have it, as far as it says of which rows it is. */
export const movedSlice = z.object({
  drift: z.boolean().optional(),
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).default({}),
  contributions: z.array(z.object({ name: z.string(), share: z.number() })).default([]),
});

/** `price moved where market is "small", 3 % of the rows: 4.1 in the mean, 1.2 in the reference`; null for one of all rows. */
export function describeMovedSlice({ parameters, contributions: [moved] }: z.infer<typeof movedSlice>): string | null {
  const { column, slice, share_after: share, mean_before: before, mean_after: after } = parameters;
  if (typeof column !== 'string' || typeof slice !== 'string' || moved === undefined) return null;
  const rows = typeof share === 'number' ? `, ${percent(share)} of the rows` : '';
  const known = typeof before === 'number' && typeof after === 'number';
  const means = known ? `: ${rounded(after)} in the mean, ${rounded(before)} in the reference` : '';
  return `${moved.name} moved where ${column} is "${slice}"${rows}${means}`;
}

/** `income and age go together otherwise: rank correlation 0.8, 0.1 in the reference`; null for another finding. */
export function describeRelation({ parameters }: z.infer<typeof movedSlice>): string | null {
  const { first, second, before, after } = parameters;
  if (typeof first !== 'string' || typeof second !== 'string') return null;
  if (typeof before !== 'number' || typeof after !== 'number') return null;
  return `${first} and ${second} go together otherwise: rank correlation ${rounded(after)}, ${rounded(before)} in the reference`;
}

/** The rows that carry most of the drift, in a sentence. */
export function describeSlice({ conditions, support, explained }: z.infer<typeof sliceView>): string {
  const where = conditions.map(describeCondition).join(' and ');
  return `${percent(explained)} of it goes with the rows in which ${where}, ${percent(support.window)} of the window.`;
}
