/** Sources below src/stats that are mutated together, and the tests below test/stats that have to notice. */
export type Unit = { readonly sources: readonly string[]; readonly tests: readonly string[] };

const unit = (folder: string, sources: readonly string[], tests: readonly string[]): Unit => ({
  sources: sources.map((name) => `${folder}/${name}`),
  tests: tests.map((name) => `${folder}/${name}`),
});

/** One file and the test beside it. */
const own = (folder: string, names: readonly string[]): Record<string, Unit> =>
  Object.fromEntries(names.map((name) => [`${folder}/${name}`, unit(folder, [name], [name])]));

/**
 * The loops of a mutated file are some thirty times slower, so that few are mutated at a time; and a file's own tests
 * are asked alone: what only a far test notices is found late, and by chance.
 */
export const UNITS: Readonly<Record<string, Unit>> = {
  ...own('sampling', ['draw-hypergeometric', 'normal-deviate', 'shuffle', 'vector-sample', 'xoshiro128']),
  ...own('tests', [
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
  'tests/contingency': unit(
    'tests',
    ['chi-square-contingency', 'contingency-sizes', 'g-test', 'z-proportions'],
    ['chi-square-contingency', 'counts'],
  ),
  'tests/cramer-von-mises': unit('tests', ['cramer-von-mises', 'cramer-von-mises-exact'], ['cramer-von-mises']),
  'tests/fisher': unit('tests', ['fisher-exact', 'fisher-monte-carlo'], ['counts']),
  'tests/kolmogorov-smirnov': unit('tests', ['kolmogorov-smirnov', 'lattice-paths'], ['kolmogorov-smirnov']),
};
