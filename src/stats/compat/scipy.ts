import { energyDistance } from '../distances/energy.ts';
import { wasserstein } from '../distances/wasserstein.ts';
import { andersonDarling } from '../hypothesis-tests/anderson-darling.ts';
import { chiSquareContingency } from '../hypothesis-tests/chi-square-contingency.ts';
import { cramerVonMises, midrankCramerVonMises } from '../hypothesis-tests/cramer-von-mises.ts';
import { eppsSingleton } from '../hypothesis-tests/epps-singleton.ts';
import { kolmogorovSmirnov } from '../hypothesis-tests/kolmogorov-smirnov.ts';
import { mannWhitney } from '../hypothesis-tests/mann-whitney.ts';
import { welchTTest } from '../hypothesis-tests/t-test.ts';
import { type PooledValues, pooledValues } from '../summaries/pooled-values.ts';
import { countTexts } from '../verdict/paired-texts.ts';
import { numberSample } from '../verdict/samples.ts';
import { type CompatColumn, type CompatFinding, type Tool, withoutScore } from './finding.ts';
import { pairedCounts } from './shares.ts';

/**
 * SciPy 1.17.1's tests by their defaults, on the rows that have a value: of numbers `ks_2samp` with what else it has for
 * two samples (`ttest_ind` without equal variances, as Welch's), the reference as the first one; of texts
 * `chi2_contingency`. An infinity is a value: ranks take it for the largest or the least, and of the rest SciPy has nothing
 * then. It decides nothing: no level is its own.
 */
export const SCIPY: Tool = {
  version: '1.17.1',
  rule: 'none: the p-values are shown',
  compareColumn,
  drifts: null,
};

function compareColumn({ name, reference, current }: CompatColumn): CompatFinding {
  if (reference.kind === 'number' && current.kind === 'number') {
    const [before, after] = [numberSample(reference), numberSample(current)];
    const [x, y] = [before.sorted, after.sorted];
    if (x.length === 0 || y.length === 0) return withoutScore(name, 'A side has no values.', 'ks_2samp');
    const { d, p } = kolmogorovSmirnov(x, y);
    const finite = before.finite.length === x.length && after.finite.length === y.length;
    const details = { statistic: d, ...(finite ? ofSizes(x, y) : NONE_OF_SIZES), ...ofRanks(x, y) };
    return { column: name, method: 'ks_2samp', score: p, threshold: null, drift: null, details, reason: null };
  }
  if (reference.kind !== 'category' || current.kind !== 'category') {
    return withoutScore(name, 'Only numbers with numbers and texts with texts are compared.');
  }
  const counts = pairedCounts(countTexts(reference), countTexts(current));
  const found = chiSquareContingency(counts.reference, counts.current);
  const method = 'chi2_contingency';
  if (found === null) return withoutScore(name, 'The table has fewer than two filled rows or columns.', method);
  const details = { statistic: found.statistic, df: found.df };
  return { column: name, method, score: found.p, threshold: null, drift: null, details, reason: null };
}

/**
 * What is made of the sizes of values, each by the name of its function with its p-value beside it; null where SciPy has no
 * number, or one that is noise.
 */
function ofSizes(x: Float64Array, y: Float64Array): CompatFinding['details'] {
  const welch = welchTTest(x, y);
  const epps = eppsSingleton(x, y);
  return {
    wasserstein_distance: wasserstein(x, y),
    energy_distance: energyDistance(pooledValues(x, y)),
    ttest_welch: welch?.t ?? null,
    ttest_welch_p: welch?.p ?? null,
    epps_singleton_2samp: epps?.statistic ?? null,
    epps_singleton_2samp_p: epps?.p ?? null,
  };
}

/** Of an infinity they are none. */
const NONE_OF_SIZES: CompatFinding['details'] = Object.freeze({
  wasserstein_distance: null,
  energy_distance: null,
  ttest_welch: null,
  ttest_welch_p: null,
  epps_singleton_2samp: null,
  epps_singleton_2samp_p: null,
});

/** The same of what is made of the order of values. */
function ofRanks(x: Float64Array, y: Float64Array): CompatFinding['details'] {
  const cvm = cramerVonMisesOf(x, y, pooledValues(x, y));
  const ranks = mannWhitney(x, y);
  const darling = andersonDarling([x, y]);
  return {
    cramervonmises_2samp: cvm?.statistic ?? null,
    cramervonmises_2samp_p: cvm?.p ?? null,
    mannwhitneyu: ranks.u,
    mannwhitneyu_p: ranks.p,
    anderson_ksamp: darling?.statistic ?? null,
    anderson_ksamp_p: darling?.interpolated ?? null,
  };
}

/** Up to this size on both sides SciPy counts the p-value, from a statistic that ties make another one. */
const LARGEST_EXACT = 20;

function cramerVonMisesOf(x: Float64Array, y: Float64Array, { values }: PooledValues) {
  const found = midrankCramerVonMises(x, y);
  if (found === null || Math.max(x.length, y.length) > LARGEST_EXACT) return found;
  const tied = values.length < x.length + y.length;
  return { statistic: found.statistic, p: tied ? null : (cramerVonMises(x, y)?.p ?? null) };
}
