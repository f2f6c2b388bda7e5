import { seenValues, unseenShare } from '../distances/unseen-share.ts';
import type { CategoryProfile } from '../profile.ts';
import { type Cells, total } from './cells.ts';
import { finding } from './findings.ts';
import type { Finding, JudgePolicy } from './judgement.ts';
import { unseenBounds } from './profile-cells.ts';
import { bounded, type ProfileFinding } from './profile-finding.ts';

const MEASURE = 'unseen_share/difference@1';
/** Values that are named, and how much of each. */
const PLACES = ['first', 'second', 'third'] as const;
const LONGEST = 100;

/**
 * The share of texts that the reference does not have, by how much it exceeds what is expected. `cells`: every text of either
 * side, and missing as the last. Texts of the window alone are cells of the chi-square, whose p-value is the column's; the
 * one here says how rarely there are as many without drift.
 */
export function unseenFinding({ labels, r, w }: Cells, policy: JudgePolicy): Finding {
  const [reference, window] = [r.slice(0, -1), w.slice(0, -1)];
  const seen = seenValues(reference);
  const m = total(window);
  if (seen.n === 0) return finding(MEASURE, policy, { reason: 'the reference has no usable values' });
  if (m === 0) return finding(MEASURE, policy, { reason: 'the window has no usable values' });
  const unseen = window.flatMap((count, k) =>
    count > 0 && reference[k] === 0 ? [{ text: labels[k] ?? '', share: count / m, count }] : [],
  );
  const rows = unseen.reduce((sum, { count }) => sum + count, 0);
  const { excess, expected, p, nullMean, null95 } = unseenShare(rows, m, seen);
  return finding(MEASURE, policy, {
    value: excess,
    p,
    nullMean,
    null95,
    parameters: {
      ...{ share: rows / m, expected, values: unseen.length, unseen: rows, once: seen.once, twice: seen.twice },
      ...{ n: seen.n, m, ...named(unseen) },
    },
  });
}

/** Texts that the reference does not have; only of one that lists all of its own is it known which they are. */
export function unseenInProfiles(
  reference: CategoryProfile,
  current: CategoryProfile,
  policy: JudgePolicy,
): ProfileFinding {
  const unseen = unseenBounds(reference.top, current.top);
  if (unseen === null)
    return bounded(MEASURE, null, { reason: 'the reference does not list all of its values', policy });
  const seen = seenValues(reference.top.values.map(({ count }) => count));
  const m = current.rows - current.nulls;
  if (seen.n === 0 || m === 0) return bounded(MEASURE, null, { reason: 'a side has no usable values', policy });
  const [least, most] = [unseenShare(unseen.lower, m, seen), unseenShare(unseen.upper, m, seen)];
  const value = Math.max(0, unseen.value / m - least.expected);
  return bounded(
    MEASURE,
    { lower: least.excess, value, upper: most.excess },
    {
      p: { lower: most.p, upper: least.p },
      null95: least.null95,
      policy,
    },
  );
}

type Unseen = { readonly text: string; readonly share: number; readonly count: number };

/** The most frequent ones; of equally frequent ones the first by their text. */
function named(unseen: readonly Unseen[]): Finding['parameters'] {
  const most: Unseen[] = [];
  for (const one of unseen) {
    const after = most.findIndex(({ count, text }) => count < one.count || (count === one.count && text > one.text));
    most.splice(after < 0 ? most.length : after, 0, one);
    if (most.length > PLACES.length) most.pop();
  }
  return Object.fromEntries(
    most.flatMap(({ text, share }, i) => [
      [PLACES[i] ?? '', shortened(text)],
      [`${PLACES[i]}_share`, share],
    ]),
  );
}

/** Not through the middle of a character. */
const shortened = (text: string): string =>
  text.length <= LONGEST ? text : `${Array.from(text.slice(0, LONGEST)).slice(0, -1).join('')}…`;

/** A finding, of whichever measure, as far as it tells of values. */
type Told = Pick<Finding, 'parameters'> & { readonly measure: string };

const percent = (share: number): string => `${Number((100 * share).toPrecision(2))} %`;

/**
 * What a finding on unseen values tells of them: `3 values that the reference does not have, in 5 % of the rows with a value:
 * "Lisbon" 4.1 %, "Porto" 0.6 %, "Faro" 0.3 %`. Null for other measures, and where there are none.
 */
export function describeUnseen({ measure, parameters }: Told): string | null {
  const { share, expected, values } = parameters;
  if (measure !== MEASURE || typeof share !== 'number' || typeof values !== 'number' || values === 0) return null;
  const examples = PLACES.flatMap((place) => {
    const [text, of] = [parameters[place], parameters[`${place}_share`]];
    return typeof text === 'string' && typeof of === 'number' ? [`"${text}" ${percent(of)}`] : [];
  });
  const usual = typeof expected === 'number' && expected > 0 ? `, where ${percent(expected)} are expected` : '';
  const many = values === 1 ? '1 value' : `${values} values`;
  const more = values > examples.length ? ' and others' : '';
  return `${many} that the reference does not have, in ${percent(share)} of the rows with a value${usual}: ${examples.join(', ')}${more}`;
}
