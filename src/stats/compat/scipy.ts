import { wasserstein } from '../distances/wasserstein.ts';
import { chiSquareContingency } from '../tests/chi-square-contingency.ts';
import { kolmogorovSmirnov } from '../tests/kolmogorov-smirnov.ts';
import { countTexts } from '../verdict/category-bins.ts';
import { numberSample } from '../verdict/samples.ts';
import { type CompatColumn, type CompatFinding, type Tool, withoutScore } from './finding.ts';
import { pairedCounts } from './shares.ts';

/**
 * SciPy 1.17.1's tests by their defaults: `ks_2samp` and `wasserstein_distance` of numbers, `chi2_contingency` of
 * texts, on the rows that have a value. It decides nothing: no level is its own.
 */
export const SCIPY: Tool = {
  version: '1.17.1',
  rule: 'none: the p-values are shown',
  compareColumn,
  drifts: null,
};

function compareColumn({ name, reference, current }: CompatColumn): CompatFinding {
  if (reference.kind === 'number' && current.kind === 'number') {
    const [x, y] = [numberSample(reference).finite, numberSample(current).finite];
    if (x.length === 0 || y.length === 0) return withoutScore(name, 'A side has no values.', 'ks_2samp');
    const { d, p } = kolmogorovSmirnov(x, y);
    const details = { statistic: d, wasserstein_distance: wasserstein(x, y) };
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
