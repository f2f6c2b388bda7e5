import type { z } from 'zod';
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

/** The rows that carry most of the drift, in a sentence. */
export function describeSlice({ conditions, support, explained }: z.infer<typeof sliceView>): string {
  const where = conditions.map(describeCondition).join(' and ');
  return `${percent(explained)} of it goes with the rows in which ${where}, ${percent(support.window)} of the window.`;
}
