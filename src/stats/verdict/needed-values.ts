import { chiSquareUpperPoint } from '../special/chi-square.ts';
import { normalTwoSidedQuantile } from '../special/normal.ts';
import type { Finding, JudgePolicy, NeededValues } from './judgement.ts';
import { MEASURES, type MeasureName } from './measures.ts';
import { rounded } from './rounded.ts';
import { decides, selectMeasures } from './select-measures.ts';

/** The values that both sides have of a column. */
type Sizes = { readonly n: number; readonly m: number };

type Given = Sizes & {
  /** Cells that are not empty, where they are texts. */
  readonly cells: number;
  /** Whether a test of the missing share shares the level. */
  readonly anyMissing: boolean;
  /** What of the level is left to the column. */
  readonly level: number;
};

/** Of five changes as large as the limit four are to be told from chance. */
const POWER = 0.8;
const POWER_QUANTILE = normalTwoSidedQuantile(2 * (1 - POWER));

/**
 * Σ (r - w)² / mean of the shares for a small change of the size of a limit, by measure: of texts the least that such a
 * change has, of numbers that of a normal column whose mean moves, which is the square of the shift in deviations. The
 * divergences all have it as their first term (Csiszár 1967); total variation bounds it by Cauchy and Schwarz.
 */
const TEXT_CHANGE: Readonly<Partial<Record<MeasureName, (limit: number) => number>>> = {
  'js_distance/base2/reference-edges@2': (limit) => 8 * Math.LN2 * limit ** 2,
  'js_distance/natural/reference-edges@2': (limit) => 8 * limit ** 2,
  'hellinger/reference-edges@2': (limit) => 8 * limit ** 2,
  'kullback_leibler/reference-edges@2': (limit) => 2 * limit,
  'psi/reference-edges@1': (limit) => limit,
  'total_variation/reference-edges@2': (limit) => 4 * limit ** 2,
  'l_infinity/shares@2': (limit) => 4 * limit ** 2,
};
const NUMBER_CHANGE: typeof TEXT_CHANGE = {
  ...TEXT_CHANGE,
  'wasserstein/reference-std@1': (limit) => limit ** 2,
  // 2 ∫ (F - G)² of two normal laws close by is δ² / √π.
  'energy/reference-std@1': (limit) => Math.sqrt(Math.PI) * limit ** 2,
  // Half the shift times twice the density at the middle.
  'total_variation/reference-edges@2': (limit) => 2 * Math.PI * limit ** 2,
};

/**
 * Rows that the t test needs to see a normal column's mean move, over those that another test needs: by Pitman for
 * Mann and Whitney (3 / π), else from simulated columns, at levels of 0.05 to 0.0002.
 */
const EFFICIENCY: Readonly<Partial<Record<MeasureName, number>>> = {
  't_test/welch@1': 1,
  't_test/student@1': 1,
  'mann_whitney/two-sided@1': 3 / Math.PI,
  'combined_ranks/cauchy@1': 0.92,
  'anderson_darling/integral@1': 0.92,
  'anderson_darling/midrank@1': 0.92,
  'cramer_von_mises/integral@1': 0.88,
  'ks/two-sided@1': 0.7,
  'epps_singleton/two-points@1': 0.65,
};

/**
 * The values at which a change as large as the largest limit of a column is unlikely under no drift with power 0.8, at
 * the level that is left to one of so many columns; null where there are enough, or where none of its measures has a
 * form for that. A column of numbers is taken for a normal one whose mean moves (others take fewer, as ranks go), one of
 * texts for a chi-square test of its cells. An approximation: the shares of columns found so are 0.75 to 0.9.
 * Source of the law of a chi-square with drift: Abdel-Aty (1954).
 */
export function neededValues(
  kind: 'number' | 'category',
  findings: readonly Finding[],
  given: Given,
  policy: JudgePolicy,
): NeededValues | null {
  const { n, m, cells, anyMissing, level } = given;
  const { tests } = selectMeasures(kind, policy);
  const efficiency = kind === 'category' ? 1 : Math.max(...tests.map((test) => EFFICIENCY[test] ?? 0));
  const degrees = kind === 'category' ? Math.max(1, cells - 1) : 1;
  const noncentrality = noncentralityFor(degrees, level / (tests.length + (kind === 'number' && anyMissing ? 1 : 0)));
  const changes = kind === 'category' ? TEXT_CHANGE : NUMBER_CHANGE;
  let most: { measure: MeasureName; limit: number; each: number } | null = null;
  for (const { measure, limit } of findings) {
    if (limit === null || !decides(measure, policy)) continue;
    const change = changes[measure]?.(limit) ?? 0;
    if (!(change > 0)) continue;
    // 1 / n + 1 / m is to be at most the change over the noncentrality; here with as many on both sides. A change that
    // no test sees takes endless ones.
    const each = (2 * noncentrality) / (change * efficiency);
    if (most === null || each > most.each) most = { measure, limit, each };
  }
  if (most === null || !Number.isFinite(most.each)) return null;
  const { measure, limit, each } = most;
  if (1 / n + 1 / m <= 2 / each) return null;
  const alone = (other: number): number => Math.ceil(1 / (2 / each - 1 / other));
  if (n >= each) return { measure, limit, reference: n, window: alone(n) };
  if (m >= each) return { measure, limit, reference: alone(m), window: m };
  return { measure, limit, reference: Math.ceil(each), window: Math.ceil(each) };
}

/** The noncentrality at which a chi-square variable exceeds its critical value at `level` with the power. */
function noncentralityFor(degrees: number, level: number): number {
  // Exact but for the far tail, which the approximation is not.
  if (degrees === 1) return (normalTwoSidedQuantile(level) + POWER_QUANTILE) ** 2;
  const critical = chiSquareUpperPoint(level, degrees);
  const powerful = (lambda: number): boolean => {
    const scale = degrees + lambda;
    const spread = (2 * (1 + lambda / scale)) / (9 * scale);
    return (Math.cbrt(critical / scale) - (1 - spread)) / Math.sqrt(spread) <= -POWER_QUANTILE;
  };
  let [low, high] = [0, critical + 10];
  while (!powerful(high)) high *= 2;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (powerful(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** A sentence on it, with two digits, as rough as the size is. */
export function neededText({ measure, limit, reference, window }: NeededValues, { n, m }: Sizes): string {
  const about = (size: number): string => String(Number(size.toPrecision(2)));
  const many =
    reference <= n
      ? `about ${about(window)} values of the window`
      : window <= m
        ? `about ${about(reference)} values of the reference`
        : `about ${about(reference)} values of each side`;
  return `To tell a ${MEASURES[measure].title} as small as its limit ${rounded(limit)} from chance takes ${many}.`;
}
