import { FEWEST_WINDOWS } from './calibration.ts';
import type { JudgePolicy, TableFinding, TableLimit } from './judgement.ts';
import { rounded, tailText } from './rounded.ts';
import { TABLE_MEASURES, type TableMeasure, type TableMeasureName } from './table-measures.ts';

/**
 * The findings on whole rows that take part in the verdict beside the columns: those with a p-value and a limit, and no
 * share of their own. None do in `judge@1`.
 */
export function tablesThatDecide(findings: readonly TableFinding[], policy: JudgePolicy): TableFinding[] {
  if (policy.method === 'judge@1') return [];
  return findings.filter(
    ({ measure, p }) => p !== null && limitOf(measure, policy) !== null && shareOf(measure) === undefined,
  );
}

const shareOf = (measure: TableMeasureName): number | undefined => {
  const { share }: TableMeasure = TABLE_MEASURES[measure];
  return share;
};

/**
 * The p-value of a measure with a share of its own, as a q that is below alpha where p is below that share, and what it shows
 * is rarer in healthy windows, whose tail is taken for exponential.
 */
function ownQ({ measure, value, p }: TableFinding, made: MadeLimit | null, policy: JudgePolicy): number | null {
  const share = shareOf(measure);
  if (share === undefined || p === null) return null;
  const { alpha, calibration } = policy;
  const byLaw = Math.min(1, (p * alpha) / (share * (calibration?.perWindow ?? alpha)));
  if (made === null || !(made.limit > 0)) return byLaw;
  return Math.max(byLaw, Math.min(1, alpha * made.rate ** ((value ?? 0) / made.limit - 1)));
}

/** The limit that healthy windows made for a finding, and the share of them that reaches it. */
type MadeLimit = { readonly limit: number; readonly rate: number };

function madeLimit(scale: number, { null95 }: TableFinding, usual: TableLimit | undefined): MadeLimit | null {
  return usual === undefined || null95 === null ? null : { limit: usual.factor * scale * null95, rate: usual.rate };
}

/** The least that matters: where enough healthy windows say what is usual, what does to people; else what is much in any table. */
function limitOf(measure: TableMeasureName, { limits, calibration }: JudgePolicy): number | null {
  const { limit, cautious }: TableMeasure = TABLE_MEASURES[measure];
  const known = calibration?.tables?.[measure]?.windows ?? 0;
  return limits[measure] ?? (known < FEWEST_WINDOWS ? (cautious ?? limit) : limit);
}

/** What is furthest beyond what is usual in its column, first of all that which matters. */
function furthest(finding: TableFinding, limit: number | null, usual: TableLimit | undefined) {
  const candidates = finding.candidates ?? [];
  const score = ({ column, ratio }: (typeof candidates)[number]): number => ratio / (usual?.scales[column] ?? 1);
  const matters = ({ value }: (typeof candidates)[number]): boolean => (value ?? 0) >= (limit ?? 0);
  const [first, ...others] = candidates;
  if (first === undefined) return { found: finding, scale: 1 };
  const best = others.reduce((a, b) => {
    if (matters(a) !== matters(b)) return matters(b) ? b : a;
    return score(b) > score(a) ? b : a;
  }, first);
  const { column, ratio, value, p, parameters, contributions } = best;
  // So much of it chance gives in one of twenty tables.
  const null95 = value === null || !(ratio > 0) ? null : value / ratio;
  return { found: { ...finding, value, p, parameters, contributions, null95 }, scale: usual?.scales[column] ?? 1 };
}

/** What each of them says, as of a column: drift is both unlikely under no drift and far enough from it to matter. */
export function judgeTable(
  findings: readonly TableFinding[],
  q: ReadonlyMap<TableMeasureName, number>,
  policy: JudgePolicy,
): readonly TableFinding[] {
  if (policy.method === 'judge@1') return findings;
  return findings.map((finding) => {
    const least = limitOf(finding.measure, policy);
    const usual = policy.calibration?.tables?.[finding.measure];
    const { found, scale } = furthest(finding, least, usual);
    const made = madeLimit(scale, found, usual);
    const limit = made === null || least === null ? least : Math.max(least, made.limit);
    const adjusted = q.get(finding.measure) ?? ownQ(found, made, policy);
    const distance = distanceOf(found);
    const drift =
      adjusted !== null && adjusted < policy.alpha && limit !== null && distance !== null && distance >= limit;
    return { ...found, limit, q: adjusted, drift };
  });
}

/** How far the value is from that without drift, in the direction in which drift lies. */
function distanceOf({ value, nullMean, direction }: TableFinding): number | null {
  if (value === null) return null;
  const distance = value - (nullMean ?? 0);
  return direction === 'both' ? Math.abs(distance) : distance;
}

/** One sentence on the whole rows that drifted; null when none did. */
export function whyWholeRows(findings: readonly TableFinding[], { alpha }: JudgePolicy): string | null {
  const drifted = findings.filter(({ drift }) => drift === true);
  if (drifted.length === 0) return null;
  const parts = drifted.map((finding) => {
    const { title } = TABLE_MEASURES[finding.measure];
    const { limit, nullMean } = { limit: finding.limit ?? 0, nullMean: finding.nullMean ?? 0 };
    const far = `${rounded(finding.value ?? 0)} is further than ${rounded(limit)} from ${rounded(nullMean)}`;
    return `${title}${placeOf(finding)} ${far}, and ${tailText('q', finding.q ?? 0)} is below ${alpha}`;
  });
  return `Whole rows differ: ${parts.join('; ')}.`;
}

/** Which rows, how many they are, and what moved in them, where the measure is of some rows. */
function placeOf({ measure, parameters, contributions: [moved] }: TableFinding): string {
  const { column, slice, share_after: share, mean_before: before, mean_after: after } = parameters;
  if (measure === 'rank_correlations/largest-change@2') return togetherOf(parameters);
  if (typeof column !== 'string' || typeof slice !== 'string' || moved === undefined) return '';
  const rows = typeof share === 'number' ? `, ${rounded(100 * share)} % of the rows` : '';
  const means =
    typeof before === 'number' && typeof after === 'number'
      ? `: ${rounded(after)} in the mean, ${rounded(before)} in the reference`
      : '';
  return ` (${moved.name} where ${column} is ${slice}${rows}${means})`;
}

/** Which two columns, and how they go together. */
function togetherOf({ first, second, before, after }: TableFinding['parameters']): string {
  if (typeof before !== 'number' || typeof after !== 'number') return '';
  return ` (${first} and ${second}: ${rounded(after)}, ${rounded(before)} in the reference)`;
}
