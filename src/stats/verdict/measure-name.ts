import { presentMeasure } from './former-measures.ts';
import { MEASURE_NAMES, type MeasureName } from './measures.ts';
import { TABLE_MEASURE_NAMES, type TableMeasureName } from './table-measures.ts';

const NAMES: readonly (MeasureName | TableMeasureName)[] = Object.freeze([...MEASURE_NAMES, ...TABLE_MEASURE_NAMES]);

/** What families are also called, here and there. */
const FAMILIES: ReadonlyMap<string, string> = new Map([
  ['ks_2samp', 'ks'],
  ['kolmogorov_smirnov', 'ks'],
  ['js', 'js_distance'],
  ['jensen_shannon', 'js_distance'],
  ['jensenshannon', 'js_distance'],
  ['emd', 'wasserstein'],
  ['kl', 'kullback_leibler'],
  ['kl_div', 'kullback_leibler'],
  ['tvd', 'total_variation'],
  ['linf', 'l_infinity'],
  ['chi2', 'chi_square'],
  ['chisquare', 'chi_square'],
  ['g', 'g_test'],
  ['z', 'z_test'],
  ['t', 't_test'],
  ['fisher_exact', 'fisher'],
  ['cvm', 'cramer_von_mises'],
  ['ad', 'anderson_darling'],
  ['anderson', 'anderson_darling'],
  ['mwu', 'mann_whitney'],
  ['mannwhitneyu', 'mann_whitney'],
  ['es', 'epps_singleton'],
  ['pca', 'pca_reconstruction'],
]);

/** Which member a family's bare name means, where it has several and one of them is the usual. */
const USUAL: ReadonlySet<MeasureName | TableMeasureName> = new Set([
  'ks/two-sided@1',
  'wasserstein/reference-std@1',
  'js_distance/base2/reference-edges@2',
  'chi_square/contingency@1',
  'cramer_von_mises/integral@1',
  'anderson_darling/integral@1',
  't_test/welch@1',
  'levene/median@1',
  'energy/reference-std@1',
  'spread/log-ratio@1',
  'slice_shift/mean-rank@2',
  'rank_correlations/largest-change@2',
] satisfies (MeasureName | TableMeasureName)[]);

/**
 * The measures that a word may mean: its full name, or one that it had; a beginning of that up to a slash, or without its version; or what
 * the family is also called. More than one where it could be several, none where it is no measure.
 */
export function measuresNamed(word: string): readonly (MeasureName | TableMeasureName)[] {
  const exact = NAMES.filter((name) => name === presentMeasure(word));
  if (exact.length > 0) return exact;
  const [family = '', ...rest] = word.toLowerCase().split('/');
  const start = [FAMILIES.get(family) ?? family, ...rest].join('/');
  const found = NAMES.filter((name) => name === start || name.startsWith(`${start}/`) || name.startsWith(`${start}@`));
  const usual = found.filter((name) => USUAL.has(name));
  return usual.length === 1 ? usual : found;
}
