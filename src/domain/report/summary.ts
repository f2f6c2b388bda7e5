import type { WindowCheck } from '../../../schemas/wire/checks.ts';
import type { Mattering } from '../../../schemas/wire/importance.ts';
import type { Estimate, StoredPerformance } from '../../../schemas/wire/performance.ts';
import { rounded } from '../../stats/verdict/rounded.ts';
import { metricTitle } from '../outcome/describe-metric.ts';

/** A window in one paragraph: what moved, how much, since when, and whether it matters. Pure. */

type SummarisedColumn = {
  readonly name: string;
  readonly verdict: string;
  /** The measure as people call it. */
  readonly measure: string | null;
  readonly effect: number | null;
  readonly limit: number | null;
};

export type SummarySource = {
  readonly verdict: string;
  readonly rows: number;
  /** `census@v1`. */
  readonly reference: string;
  /** A sentence on what stands in for it, or nothing. */
  readonly referenceNote: string;
  /** A sentence on the rows that carry the drift, or nothing. */
  readonly slice: string;
  /** What moved in some rows more than in the others, each in words. */
  readonly inside: readonly string[];
  /** Which columns go together otherwise, each in words. */
  readonly together: readonly string[];
  /** The segments that drifted. */
  readonly segments: readonly string[];
  readonly columns: readonly SummarisedColumn[];
  /** Which values of a column the reference does not have, by its name, where they are many. */
  readonly unseen: ReadonlyMap<string, string>;
  /** Since when each drifted column has drifted without a break, by name; the window's own start where it is new. */
  readonly since: ReadonlyMap<string, Date>;
  readonly start: Date;
  /** Values that broke the schema of the reference. */
  readonly violations: readonly { readonly column: string; readonly code: string; readonly count: number }[];
  /** Of the rows themselves. */
  readonly checks: readonly WindowCheck[];
  /** Which of the columns that moved matter. */
  readonly mattering: Mattering;
  readonly performance: StoredPerformance | null;
  readonly estimate: Estimate | null;
};

const NAMED = 3;

export function summarise(source: SummarySource): string {
  return [
    moved(source),
    newValues(source),
    source.inside.map((what) => `More than in the other rows, ${what}.`).join(' '),
    source.together.map((what) => `${what}.`).join(' '),
    source.slice,
    inSegments(source),
    source.referenceNote,
    weighed(source),
    broken(source),
    unsound(source),
    performed(source),
    matters(source),
  ]
    .filter((part) => part !== '')
    .join(' ');
}

function moved({ columns, reference, rows, since, start, verdict }: SummarySource): string {
  const drifted = columns.filter((column) => column.verdict === 'drift').sort((a, b) => strength(b) - strength(a));
  const judged = columns.filter((column) => column.verdict === 'drift' || column.verdict === 'no_drift').length;
  if (judged === 0)
    return verdict === 'no_data' ? 'Nothing was predicted.' : `No column of ${rows} rows could be judged.`;
  if (drifted.length === 0) return `None of ${judged} columns moved away from ${reference}, in ${rows} rows.`;
  const named = drifted.slice(0, NAMED).map((column) => {
    const { name, measure, effect, limit } = column;
    const size = measure === null ? '' : ` (${measure} ${rounded(effect)}, limit ${rounded(limit)})`;
    const from = since.get(name) ?? start;
    return `${name}${size} ${from < start ? `since ${day(from)}` : 'for the first time'}`;
  });
  const rest = drifted.length > NAMED ? `, and ${drifted.length - NAMED} more` : '';
  return `${drifted.length} of ${judged} columns moved away from ${reference}: ${named.join('; ')}${rest}.`;
}

/** Of the columns that are named. */
function newValues({ columns, unseen }: SummarySource): string {
  const drifted = columns.filter(({ verdict }) => verdict === 'drift').sort((a, b) => strength(b) - strength(a));
  return drifted
    .slice(0, NAMED)
    .flatMap(({ name }) => (unseen.has(name) ? [`${name} has ${unseen.get(name)}.`] : []))
    .join(' ');
}

function inSegments({ segments }: SummarySource): string {
  if (segments.length === 0) return '';
  const more = segments.length > NAMED ? ` and ${segments.length - NAMED} more` : '';
  return `Segments that drifted: ${segments.slice(0, NAMED).join(', ')}${more}.`;
}

const RESTS_ON = {
  declared: 'what matters to the model, as was declared,',
  score: 'what its scores rest on',
  prediction: 'what its predictions rest on',
  label: 'what tells the label',
} as const;

/** Correlations are told when chance alone would hardly make them. */
const TOLD_P = 0.01;

function weighed({ mattering }: SummarySource): string {
  const { columns, importance_from: from } = mattering;
  const [first] = columns;
  if (from === null || first === undefined) return '';
  const all = columns.reduce((sum, { importance }) => sum + (importance ?? 0), 0);
  const most = columns.length > 1 ? `, most of it in ${first.column} (${percent(first.importance ?? 0)})` : '';
  const told = columns.find(
    ({ correlation }) => correlation !== null && correlation.value > 0 && correlation.p < TOLD_P,
  );
  const with_ = told?.correlation;
  const together =
    told === undefined || with_ == null
      ? ''
      : ` Over ${with_.windows} windows ${metricTitle(with_.metric)} was the worse the more ${told.column} had moved (rank correlation ${rounded(with_.value)}).`;
  return `${percent(all)} of ${RESTS_ON[from]} lies in what moved${most}.${together}`;
}

function broken({ violations }: SummarySource): string {
  if (violations.length === 0) return '';
  const [first] = violations.toSorted((a, b) => b.count - a.count);
  const columns = new Set(violations.map(({ column }) => column)).size;
  // Features are known to people by their own names.
  const most =
    first === undefined
      ? ''
      : `, ${first.column.replace(/^feature\./, '')} most (${first.code.replaceAll('-', ' ')}, ${first.count} rows)`;
  return `Values of ${columns === 1 ? '1 column' : `${columns} columns`} broke the schema of the reference${most}.`;
}

/** Of the schema the violations speak. */
const unsound = ({ checks }: SummarySource): string =>
  checks.flatMap(({ check, verdict, why }) => (verdict === 'unsound' && check !== 'schema' ? [why] : [])).join(' ');

function performed({ performance, estimate }: SummarySource): string {
  const judgement = performance?.judgement;
  const expected = estimate?.comparisons.find(({ value }) => value !== null);
  const without =
    expected === undefined
      ? ''
      : `Without labels ${metricTitle(expected.metric)} is estimated at ${rounded(expected.value)}, where the reference has ${rounded(expected.reference)}.`;
  const priors = performance?.prior_shift?.verdict === 'drift' ? performance.prior_shift.why : '';
  return [without, judgement?.why ?? '', priors].filter((part) => part !== '').join(' ');
}

function matters({ columns, performance, estimate }: SummarySource): string {
  const drifted = columns.some(({ verdict }) => verdict === 'drift');
  const realised = performance?.judgement?.verdict;
  const expected = estimate?.comparisons.some(({ verdict }) => verdict === 'worse')
    ? 'worse'
    : estimatedVerdict(estimate);
  const known = realised === 'worse' || realised === 'no_worse';
  if (realised === 'worse')
    return drifted
      ? 'It matters: the model does worse by its labels.'
      : 'The model does worse though no input moved: what inputs mean has changed.';
  if (realised === 'no_worse')
    return drifted ? 'So far it does not matter: by its labels the model does no worse.' : '';
  if (!known && expected === 'worse') return 'It is likely to matter: the model is expected to do worse.';
  if (!drifted) return '';
  if (expected === 'no_worse') return 'It is not expected to matter, unless what the inputs mean has changed too.';
  // Why they cannot, the judgement has said.
  const silent = realised === 'not_comparable' || realised === 'insufficient_data';
  const labels = silent ? 'its labels cannot tell, and there is' : 'there are no labels, and';
  return `Whether it matters is not known: ${labels} nothing to estimate from.`;
}

function estimatedVerdict(estimate: Estimate | null): 'no_worse' | null {
  return estimate?.comparisons.some(({ verdict }) => verdict === 'no_worse') ? 'no_worse' : null;
}

function strength({ effect, limit }: SummarisedColumn): number {
  return effect === null || limit === null ? 0 : Math.abs(effect) / Math.max(limit, 1e-12);
}

const percent = (share: number): string => `${Number((100 * share).toPrecision(2))} %`;
const day = (at: Date): string => at.toISOString().replace(/T00:00:00\.000Z$/, '');
