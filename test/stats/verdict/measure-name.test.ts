import { describe, expect, it } from 'vitest';
import { FORMER_MEASURES, presentMeasure } from '../../../src/stats/verdict/former-measures.ts';
import { measuresNamed } from '../../../src/stats/verdict/measure-name.ts';
import { MEASURE_NAMES } from '../../../src/stats/verdict/measures.ts';
import { TABLE_MEASURE_NAMES } from '../../../src/stats/verdict/table-measures.ts';

describe('the name of a measure', () => {
  it('means what it says in full, with its version and without', () => {
    for (const name of [...MEASURE_NAMES, ...TABLE_MEASURE_NAMES]) {
      expect(measuresNamed(name)).toEqual([name]);
      const newest = /^(slice_shift|rank_correlations)/.test(name) ? name.replace('@1', '@2') : name;
      expect(measuresNamed(name.replace(/@\d+$/, ''))).toEqual([newest]);
    }
  });

  it.each([
    ['psi', 'psi/reference-edges@1'],
    ['PSI', 'psi/reference-edges@1'],
    ['ks', 'ks/two-sided@1'],
    ['ks/window-larger', 'ks/window-larger@1'],
    ['wasserstein', 'wasserstein/reference-std@1'],
    ['spread', 'spread/log-ratio@1'],
    ['spread/vectors', 'spread/vectors/log-ratio@1'],
    ['wasserstein/raw', 'wasserstein/raw@1'],
    ['js', 'js_distance/base2/reference-edges@2'],
    ['js/natural', 'js_distance/natural/reference-edges@2'],
    ['chi2', 'chi_square/contingency@1'],
    ['mwu', 'mann_whitney/two-sided@1'],
    ['pca', 'pca_reconstruction/superiority@2'],
    ['domain_classifier/auc', 'domain_classifier/auc@1'],
  ])('may be the short one: %s', (word, name) => {
    expect(measuresNamed(word)).toEqual([name]);
  });

  it.each([
    ['ks_2samp', 'ks/two-sided@1'],
    ['kolmogorov_smirnov', 'ks/two-sided@1'],
    ['js_distance', 'js_distance/base2/reference-edges@2'],
    ['jensen_shannon', 'js_distance/base2/reference-edges@2'],
    ['jensenshannon', 'js_distance/base2/reference-edges@2'],
    ['emd', 'wasserstein/reference-std@1'],
    ['kl', 'kullback_leibler/reference-edges@2'],
    ['kl_div', 'kullback_leibler/reference-edges@2'],
    ['tvd', 'total_variation/reference-edges@2'],
    ['linf', 'l_infinity/shares@2'],
    ['chisquare', 'chi_square/contingency@1'],
    ['g', 'g_test/contingency@1'],
    ['z', 'z_test/proportions@1'],
    ['t', 't_test/welch@1'],
    ['fisher_exact', 'fisher/exact@1'],
    ['cvm', 'cramer_von_mises/integral@1'],
    ['ad', 'anderson_darling/integral@1'],
    ['anderson', 'anderson_darling/integral@1'],
    ['mannwhitneyu', 'mann_whitney/two-sided@1'],
    ['es', 'epps_singleton/two-points@1'],
    ['levene', 'levene/median@1'],
    ['energy', 'energy/reference-std@1'],
  ])('may be what other tools call it: %s', (word, name) => {
    expect(measuresNamed(word)).toEqual([name]);
  });

  it('may be one that it had, in full', () => {
    for (const name of FORMER_MEASURES) expect(measuresNamed(name)).toEqual([presentMeasure(name)]);
  });

  it('is several where it could be, and none where it is no measure', () => {
    expect(measuresNamed('mmd').length).toBeGreaterThan(1);
    expect(measuresNamed('domain_classifier').length).toBe(2);
    // A part of a word is no beginning of a name.
    for (const word of ['', 'k', 'wass', 'psi/', 'ks/two-sided@2', 'nonsense', '/'])
      expect(measuresNamed(word)).toEqual([]);
  });
});
