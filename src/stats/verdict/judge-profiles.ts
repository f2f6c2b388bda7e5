import { benjaminiHochberg } from './benjamini-hochberg.ts';
import { benjaminiYekutieli } from './benjamini-yekutieli.ts';
import type { ProfileComparison } from './compare-profiles.ts';
import { DEFAULT_POLICY } from './judge.ts';
import { MEASURES } from './measures.ts';
import type { ProfileFinding } from './profile-finding.ts';
import type { ProfilePolicy } from './profile-policy.ts';
import { rounded, tailText } from './rounded.ts';
import { adjustWeighted, weightOf } from './weights.ts';

/** `undecided`: within what the profiles leave open, the data may say either. */
type ProfileVerdict = 'drift' | 'no_drift' | 'undecided' | 'insufficient_data' | 'not_comparable';

export type ProfileJudgement = {
  readonly name: string;
  readonly verdict: ProfileVerdict;
  /** One plain sentence. */
  readonly why: string;
  /** Bounds of the column's q-value; null for a column that is not judged. */
  readonly q: { readonly lower: number; readonly upper: number } | null;
  readonly findings: readonly ProfileFinding[];
};

const range = (lower: number, upper: number): string =>
  rounded(lower) === rounded(upper) ? rounded(lower) : `between ${rounded(lower)} and ${rounded(upper)}`;

type Size = { readonly least: number; readonly most: number };

/** The least and the most that an effect may be in size. */
function sizeOf({ lower, upper }: ProfileFinding): Size | null {
  if (lower === null || upper === null) return null;
  const crosses = lower < 0 && upper > 0;
  const [a, b] = [Math.abs(lower), Math.abs(upper)];
  return { least: crosses ? 0 : Math.min(a, b), most: Math.max(a, b) };
}

/** Whether an effect matters, as in `judge`: certainly, possibly or certainly not. */
function matters(finding: ProfileFinding): 'yes' | 'no' | 'open' {
  const size = sizeOf(finding);
  const { limit, null95 } = finding;
  if (MEASURES[finding.measure].use !== 'effect' || size === null || limit === null) return 'no';
  const reaches = (x: number): boolean => x >= limit && x > (null95 ?? 0);
  if (reaches(size.least)) return 'yes';
  return reaches(size.most) ? 'open' : 'no';
}

/**
 * Judges every column of two profiles by the rule of `judge` (unlikely under no drift, and an effect that matters),
 * as far as their bounds decide it: a column drifts when it does so at the least that its profiles prove, does not
 * when it would not at the most, and is undecided in between.
 */
export function judgeProfiles(
  comparisons: readonly ProfileComparison[],
  policy: Pick<ProfilePolicy, 'alpha' | 'adjustment' | 'weights'> = {},
): ProfileJudgement[] {
  const { alpha = DEFAULT_POLICY.alpha } = policy;
  const q = adjustedBounds(comparisons, policy);
  return comparisons.map((column) => {
    const { name, findings } = column;
    const found = q.get(column) ?? null;
    if (column.incomparable !== null) {
      return { name, verdict: 'not_comparable', why: column.incomparable, q: null, findings };
    }
    if (found === null) {
      return { name, verdict: 'insufficient_data', why: column.insufficient ?? '', q: null, findings };
    }
    const { fewValues } = column;
    const deciding =
      fewValues === null ? findings : findings.filter(({ measure }) => measure.startsWith('missing_share/'));
    const { verdict, why } = verdictOf(deciding, found, alpha);
    if (fewValues !== null && verdict !== 'drift')
      return { name, verdict: 'insufficient_data', why: fewValues, q: found, findings };
    return { name, verdict, why, q: found, findings };
  });
}

/**
 * Bounds of the q-values of the columns that can be judged: adjusted p-values grow with each p, so that the least of all
 * give the least, and the most of all the most.
 */
function adjustedBounds(
  comparisons: readonly ProfileComparison[],
  policy: Pick<ProfilePolicy, 'adjustment' | 'weights'>,
): ReadonlyMap<ProfileComparison, { readonly lower: number; readonly upper: number }> {
  const judged = comparisons.filter((column) => column.incomparable === null && column.insufficient === null);
  const adjust = policy.adjustment === 'benjamini-yekutieli' ? benjaminiYekutieli : benjaminiHochberg;
  const counting = judged.map(({ name }) => weightOf(policy, name));
  const of = (bound: 'lower' | 'upper'): number[] =>
    adjustWeighted(
      judged.map(({ p }) => p[bound]),
      counting,
      adjust,
    );
  const [lower, upper] = [of('lower'), of('upper')];
  return new Map(judged.map((column, i) => [column, { lower: lower[i]!, upper: upper[i]! }]));
}

function verdictOf(
  findings: readonly ProfileFinding[],
  q: { readonly lower: number; readonly upper: number },
  alpha: number,
): { verdict: ProfileVerdict; why: string } {
  const effects = findings.filter((finding) => MEASURES[finding.measure].use === 'effect');
  const strongest = effects.find((effect) => matters(effect) === 'yes') ?? effects.find((e) => matters(e) === 'open');
  const chance = q.lower === q.upper ? tailText('q', q.upper) : `q is ${range(q.lower, q.upper)}`;
  if (strongest === undefined) return { verdict: 'no_drift', why: `${quietText(effects)}; ${chance}.` };
  const size = sizeOf(strongest);
  const what = `${MEASURES[strongest.measure].title} is ${range(size?.least ?? 0, size?.most ?? 0)}, its limit ${rounded(strongest.limit ?? 0)}`;
  if (q.lower >= alpha) return { verdict: 'no_drift', why: `${what}, but ${chance}, not below ${alpha}.` };
  if (matters(strongest) === 'yes' && q.upper < alpha) return { verdict: 'drift', why: `${what}, and ${chance}.` };
  return { verdict: 'undecided', why: `${what}, and ${chance}: the profiles leave it open.` };
}

/** Why no effect matters. Many thin bins carry a distance far beyond its limit by chance alone: then that one is named. */
function quietText(effects: readonly ProfileFinding[]): string {
  for (const effect of effects) {
    const { least = 0, most = 0 } = sizeOf(effect) ?? {};
    if (most === 0 || effect.limit === null || most < effect.limit) continue;
    const { title } = MEASURES[effect.measure];
    return `${title} is ${range(least, most)}, its limit ${rounded(effect.limit)}, and no more than chance gives at these sizes`;
  }
  return 'No effect reaches its limit';
}
