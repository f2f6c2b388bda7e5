import type { JudgePolicy, TableFinding } from './judgement.ts';
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

/** The p-value of a measure with a share of its own, as a q that is below alpha where p is below that share. */
function ownQ({ measure, p }: TableFinding, { alpha, calibration }: JudgePolicy): number | null {
  const share = shareOf(measure);
  if (share === undefined || p === null) return null;
  return Math.min(1, (p * alpha) / (share * (calibration?.perWindow ?? alpha)));
}

const limitOf = (measure: TableMeasureName, { limits }: JudgePolicy): number | null =>
  limits[measure] ?? TABLE_MEASURES[measure].limit;

/** What each of them says, as of a column: drift is both unlikely under no drift and far enough from it to matter. */
export function judgeTable(
  findings: readonly TableFinding[],
  q: ReadonlyMap<TableMeasureName, number>,
  policy: JudgePolicy,
): readonly TableFinding[] {
  if (policy.method === 'judge@1') return findings;
  return findings.map((finding) => {
    const limit = limitOf(finding.measure, policy);
    const adjusted = q.get(finding.measure) ?? ownQ(finding, policy);
    const distance = distanceOf(finding);
    const drift =
      adjusted !== null && adjusted < policy.alpha && limit !== null && distance !== null && distance >= limit;
    return { ...finding, limit, q: adjusted, drift };
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

/** Which rows, and what in them, where the measure is of some rows. */
function placeOf({ parameters, contributions: [moved] }: TableFinding): string {
  const { column, slice } = parameters;
  return typeof column !== 'string' || typeof slice !== 'string' || moved === undefined
    ? ''
    : ` (${moved.name} where ${column} is ${slice})`;
}
