/** Sources below src/stats that are mutated together, and the tests below test/stats that have to notice. */
export type Unit = { readonly sources: readonly string[]; readonly tests: readonly string[] };

const unit = (folder: string, sources: readonly string[], tests: readonly string[]): Unit => ({
  sources: sources.map((name) => `${folder}/${name}`),
  tests: tests.map((name) => `${folder}/${name}`),
});

/** One file and the test beside it. */
const own = (folder: string, names: readonly string[]): Record<string, Unit> =>
  Object.fromEntries(names.map((name) => [`${folder}/${name}`, unit(folder, [name], [name])]));

/** Small files, each with the test beside it, which are mutated in one run: every start takes its time. */
const together = (folder: string, name: string, names: readonly string[]): Record<string, Unit> => ({
  [`${folder}/${name}`]: unit(folder, names, names),
});

/** Files that tests which look at all of them together have to notice. */
const alike = (folder: string, names: readonly string[], tests: readonly string[]): Record<string, Unit> =>
  Object.fromEntries(names.map((name) => [`${folder}/${name}`, unit(folder, [name], tests)]));

const METRICS = [
  'binary-classification',
  'business-value',
  'calibration-error',
  'class-averages',
  'confusion-matrix',
  'hit-rate',
  'lift',
  'mean-average-precision',
  'metric',
  'multiclass-classification',
  'ndcg',
  'one-vs-rest-auc',
  'pr-auc',
  'probability-losses',
  'ranked-query',
  'ranking',
  'regression',
  'roc-auc',
];

const METRIC_TESTS = [
  'performance',
  'scikit-learn',
  'edges',
  'class-averages',
  'multiclass-classification',
  'regression',
];

/**
 * The loops of a mutated file are some thirty times slower, so that few are mutated at a time; and a file's own tests
 * are asked alone: what only a far test notices is found late, and by chance.
 */
export const UNITS: Readonly<Record<string, Unit>> = {
  ...own('sampling', ['draw-hypergeometric', 'normal-deviate', 'shuffle', 'vector-sample', 'xoshiro128']),
  ...own('hypothesis-tests', [
    'anderson-darling',
    'anderson-darling-integral',
    'cauchy-combination',
    'chi-square-dealt',
    'combined-ranks',
    'component-means',
    'epps-singleton',
    'kolmogorov-smirnov-bounds',
    'levene',
    'linear-rank',
    'mann-whitney',
    'permutation',
    'small-cells',
    't-test',
    'tied-masses',
  ]),
  ...alike('performance', METRICS, METRIC_TESTS),
  ...own('performance', [
    'class-estimation',
    'compare-performance',
    'confidence-based-estimation',
    'direct-loss-estimation',
    'isotonic-calibration',
  ]),
  ...own('distances', [
    'cosine',
    'jensen-shannon-bounds',
    'scale-of',
    'spread-ratio',
    'unseen-share',
    'wasserstein-bounds',
  ]),
  'distances/counts': unit(
    'distances',
    [
      'hellinger',
      'jensen-shannon',
      'kullback-leibler',
      'l-infinity',
      'normalised-absolute-difference',
      'psi',
      'relabelling-law',
      'share-difference',
      'total-variation',
    ],
    ['null-law-values', 'measures', 'distances'],
  ),
  'distances/numbers': unit(
    'distances',
    ['energy', 'wasserstein', 'wasserstein-law'],
    ['null-law-values', 'measures', 'distances'],
  ),
  ...alike('special', ['anderson-darling', 'beta', 'chi-square-mixture', 'cramer-von-mises'], ['tails']),
  ...alike('special', ['f', 'hypergeometric', 'normal'], ['tails']),
  ...alike('special', ['discrete-bridge'], ['discrete-bridge', 'tails']),
  ...own('special', [
    'beta-binomial',
    'binomial',
    'chi-square',
    'chi-square-sum',
    'durbin',
    'gamma',
    'normal-quantile',
  ]),
  ...alike('special', ['student-t'], ['student-t', 'tails']),
  ...alike('special', ['kolmogorov'], ['kolmogorov']),
  ...alike('special', ['pelz-good'], ['pelz-good', 'kolmogorov']),
  ...alike('special', ['smirnov'], ['smirnov', 'kolmogorov']),
  'compat/tools': unit(
    'compat',
    ['compare-as', 'deequ', 'evidently', 'finding', 'nannyml', 'scipy', 'tfdv', 'whylogs'],
    ['compat', 'edges'],
  ),
  'compat/shares': unit('compat', ['moments', 'shares'], ['compat', 'edges']),
  ...together('compat', 'histograms', ['histogram-divergence', 'histogram-edges']),
  'compat/sketch': unit(
    'compat',
    ['interpolated-histogram', 'quantile-sketch'],
    ['interpolated-histogram', 'quantile-sketch', 'compat'],
  ),
  ...together('verdict', 'judging', [
    'align-sides',
    'benjamini-hochberg',
    'benjamini-yekutieli',
    'conclude',
    'made-findings',
    'number-bins',
    'rounded',
    'usual',
    'weights',
  ]),
  'verdict/findings': unit(
    'verdict',
    ['category-findings', 'cell-findings', 'cells', 'findings', 'number-findings', 'number-pair'],
    ['category-findings', 'findings', 'number-findings'],
  ),
  ...own('verdict', ['compare-column', 'needed-values', 'paired-texts', 'profile-cells', 'rarity']),
  ...own('verdict', ['table-calibration', 'table-findings', 'unseen-finding']),
  ...own('verdict', ['category-bins', 'judge', 'judge-column', 'judge-method', 'judge-profiles', 'judge-table']),
  ...own('verdict', ['former-measures', 'measure-name', 'profile-policy', 'samples', 'select-measures']),
  ...alike('verdict', ['calibration'], ['calibration-values']),
  ...alike('verdict', ['limit-calibration'], ['limit-calibration-values']),
  ...alike('verdict', ['whole-table'], ['whole-table-values']),
  ...alike('verdict', ['compare-free-text'], ['compare-free-text-values']),
  'verdict/vectors': unit(
    'verdict',
    ['compare-vectors', 'vector-findings'],
    ['compare-vectors-values', 'vector-findings'],
  ),
  'verdict/compare-profiles': unit(
    'verdict',
    ['compare-profiles', 'compare-vector-profiles', 'profile-finding'],
    ['compare-profiles-values', 'compare-profiles', 'compare-vector-profiles', 'profile-finding'],
  ),
  'verdict/registries': unit('verdict', ['measures', 'table-measures', 'text-measures'], ['measures']),
  ...together('summaries', 'numbers', ['moments', 'pooled-quantile', 'symmetric-eigen', 'symmetric-eigenvalues']),
  ...together('summaries', 'texts-and-times', ['text-descriptors', 'text-shapes', 'time-cycles']),
  ...together('summaries', 'grids', [
    'point-gap-grid',
    'quantile-bins',
    'quantiles',
    'share-between',
    'subtract-grids',
    'top-values',
  ]),
  ...together('summaries', 'counts', ['number-profiler', 'time-profiler', 'value-counts', 'value-table']),
  ...together('summaries', 'texts', ['category-profiler', 'merge-categories']),
  'summaries/counted-texts': unit('summaries', ['counted-texts', 'used-texts'], ['counted-texts', 'category-profiler']),
  ...together('summaries', 'taken', [
    'counted-integers',
    'counted-numbers',
    'finite-numbers',
    'number-loops',
    'profile-loops',
    'taken-numbers',
    'working-values',
  ]),
  ...own('summaries', ['cumulative-bounds']),
  'summaries/registers': unit('summaries', ['distinct', 'hyperloglog'], ['hyperloglog-registers']),
  'summaries/pooled-values': unit('summaries', ['place-of', 'pooled-values'], ['pooled-values']),
  ...own('summaries', ['cell-sort', 'chunked-values', 'merge-grids', 'number-collector', 'pooled-blocks']),
  ...own('summaries', ['radix-sort', 'rank-selection', 'value-cells']),
  'summaries/vectors': unit(
    'summaries',
    ['merge-vectors', 'vector-components', 'vector-moments', 'vector-profiler'],
    ['vector-moments', 'vector-profiler'],
  ),
  ...together('table', 'columns', [
    'correlations',
    'matrix',
    'middle-ranks',
    'slice-columns',
    'slice-counts',
    'table-pair',
  ]),
  ...together('table', 'rows', ['binned-table', 'encode-table', 'table-sample']),
  ...own('table', [
    'boosted-trees',
    'correlation-shifts',
    'domain-classifier',
    'duplicate-rows',
    'embedding-drift',
    'pair-sums',
    'permutation-importance',
    'rank-correlation',
    'rising-rows',
    'slice-chance',
    'slice-draws',
    'slice-split',
  ]),
  'table/slices': unit('table', ['slice-shift', 'slice-sums'], ['slice-shift-values', 'slice-sums']),
  'table/discrepancy': unit(
    'table',
    ['landmark-features', 'maximum-mean-discrepancy', 'mmd-contributions'],
    ['landmark-features-values', 'maximum-mean-discrepancy-values'],
  ),
  ...own('table', ['vector-spread-ratio']),
  ...alike('table', ['dealing-law'], ['dealing-law', 'embedding-drift']),
  ...alike('table', ['drift-slices', 'slice-candidate'], ['drift-slices-values', 'drift-slices']),
  ...alike('table', ['rank-correlation-change'], ['rank-correlation-change', 'rank-correlation-change-many']),
  ...alike('table', ['pca-reconstruction'], ['pca-reconstruction', 'table-values']),
  'merge-profiles': { sources: ['merge-profiles'], tests: ['merge-profiles-columns', 'merge-profiles'] },
  'subtract-profiles': { sources: ['subtract-profiles'], tests: ['subtract-profiles-columns', 'subtract-profiles'] },
  profilers: {
    sources: ['column-profiler', 'table-profiler'],
    tests: [
      'column-profiler',
      'table-profiler',
      'summaries/counted-integers',
      'summaries/counted-numbers',
      'summaries/counted-texts',
    ],
  },
  profile: { sources: ['profile'], tests: ['profile'] },
  columns: { sources: ['column', 'vector-text'], tests: ['column', 'vector-text'] },
  'hypothesis-tests/contingency': unit(
    'hypothesis-tests',
    ['chi-square-contingency', 'contingency-sizes', 'g-test', 'z-proportions'],
    ['chi-square-contingency', 'counts'],
  ),
  'hypothesis-tests/cramer-von-mises': unit(
    'hypothesis-tests',
    ['cramer-von-mises', 'cramer-von-mises-exact'],
    ['cramer-von-mises'],
  ),
  'hypothesis-tests/fisher': unit('hypothesis-tests', ['fisher-exact', 'fisher-monte-carlo'], ['counts']),
  'hypothesis-tests/kolmogorov-smirnov': unit(
    'hypothesis-tests',
    ['kolmogorov-smirnov', 'lattice-paths'],
    ['kolmogorov-smirnov'],
  ),
};

/** Files in which there is nothing to mutate, and why. */
export const WITHOUT_MUTANTS: Readonly<Record<string, string>> = {
  'verdict/column-comparison': 'Types alone.',
  'verdict/judgement': 'Types alone.',
  'verdict/measure': 'Types alone.',
  'verdict/number-tests': 'A constant list, which Stryker leaves alone; the test of the measures reads it.',
  'verdict/vector-measures': 'A constant list, which Stryker leaves alone; the test of the measures reads it.',
};
