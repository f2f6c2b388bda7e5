import { describe, expect, it } from 'vitest';
import { TEXT_DESCRIPTORS } from '../../../src/stats/summaries/text-descriptors.ts';
import { isMeasureName, MEASURE_NAMES, MEASURES, type MeasureName } from '../../../src/stats/verdict/measures.ts';
import { NUMBER_TESTS } from '../../../src/stats/verdict/number-tests.ts';
import {
  isTableMeasureName,
  STANDARD_TABLE_MEASURES,
  shareOfTables,
  splitMeasures,
  standardTables,
  TABLE_MEASURE_NAMES,
  TABLE_MEASURES,
} from '../../../src/stats/verdict/table-measures.ts';
import { TEXT_MEASURE_OF, TEXT_MEASURES } from '../../../src/stats/verdict/text-measures.ts';
import { VECTOR_MEASURES } from '../../../src/stats/verdict/vector-measures.ts';

const NAMED = /^[a-z_]+(\/[a-z0-9-]+)+@\d+$/;
const namesOf = (holds: (name: MeasureName) => boolean): string[] => MEASURE_NAMES.filter(holds).sort();

describe('the measures of columns', () => {
  it('are each said in words of its own, and of a known kind', () => {
    for (const name of MEASURE_NAMES) {
      const { kinds, use, direction, title, description, since } = MEASURES[name];
      expect(name).toMatch(NAMED);
      expect(kinds.length, name).toBeGreaterThan(0);
      for (const kind of kinds) expect(['number', 'category', 'vector'], name).toContain(kind);
      expect(['test', 'effect', 'index'], name).toContain(use);
      expect(['higher', 'both'], name).toContain(direction);
      expect(title, name).toMatch(/^[A-Z].{2,}/);
      expect(description, name).toMatch(/^[A-Z0-9].{20,}\.$/);
      expect([undefined, 'judge@2', 'judge@5'], name).toContain(since);
    }
    expect(new Set(MEASURE_NAMES.map((name) => MEASURES[name].title)).size).toBe(MEASURE_NAMES.length);
    expect(new Set(MEASURE_NAMES.map((name) => MEASURES[name].description)).size).toBe(MEASURE_NAMES.length);
  });

  it('have a limit where they are effects, and none where they are tests', () => {
    for (const name of MEASURE_NAMES) {
      const { use, defaultLimit } = MEASURES[name];
      if (use === 'effect') expect(defaultLimit, name).toBeGreaterThan(0);
      if (use === 'test') expect(defaultLimit, name).toBeNull();
    }
  });

  it('are made unless others are chosen: these, and no more', () => {
    expect(namesOf((name) => MEASURES[name].standard)).toEqual([
      'centroid_distance/cosine@1',
      'centroid_distance/dealing@1',
      'centroid_distance/reference-spread@2',
      'chi_square/contingency@1',
      'chi_square/dealt@1',
      'combined_ranks/cauchy@1',
      'drifted_components/share@1',
      'js_distance/base2/reference-edges@2',
      'ks/two-sided@1',
      'l_infinity/shares@2',
      'missing_share/difference@1',
      'mmd/vectors/landmarks@1',
      'psi/reference-edges@1',
      'unseen_share/difference@1',
      'wasserstein/reference-std@1',
    ]);
    expect(namesOf((name) => MEASURES[name].since !== undefined)).toEqual([
      'chi_square/dealt@1',
      'combined_ranks/cauchy@1',
      'unseen_share/difference@1',
    ]);
  });

  it('have a sign where drift lies on both sides', () => {
    expect(namesOf((name) => MEASURES[name].direction === 'both')).toEqual([
      'fisher/exact@1',
      'mann_whitney/two-sided@1',
      'missing_share/difference@1',
      'spread/log-ratio@1',
      'spread/vectors/log-ratio@1',
      't_test/student@1',
      't_test/welch@1',
      'z_test/proportions@1',
    ]);
  });

  it('are of numbers and texts where they are of shares', () => {
    expect(namesOf((name) => MEASURES[name].kinds.length > 1)).toEqual(
      namesOf((name) => /reference-edges|missing|difference\/counts/.test(name)),
    );
    for (const name of namesOf((one) => MEASURES[one].kinds.length > 1)) {
      expect(MEASURES[name as MeasureName].kinds).toEqual(['number', 'category']);
    }
    const kindsIn = (part: object) => new Set(Object.keys(part).flatMap((name) => MEASURES[name as MeasureName].kinds));
    expect(kindsIn(NUMBER_TESTS)).toEqual(new Set(['number']));
    expect(kindsIn(VECTOR_MEASURES)).toEqual(new Set(['vector']));
    expect(kindsIn(TEXT_MEASURES)).toEqual(new Set(['category']));
    expect(new Set(Object.values(NUMBER_TESTS).map(({ use }) => use))).toEqual(new Set(['test']));
  });

  it('are known by their whole names', () => {
    expect(MEASURE_NAMES).toEqual(Object.keys(MEASURES));
    expect(isMeasureName('ks/two-sided@1')).toBe(true);
    for (const name of ['ks/two-sided@9', 'ks/two-sided', 'toString', '']) expect(isMeasureName(name)).toBe(false);
    expect([MEASURES, MEASURE_NAMES].every(Object.isFrozen)).toBe(true);
  });
});

describe('the measures of free text', () => {
  it('are one for each thing that is described of a text', () => {
    expect(Object.keys(TEXT_MEASURE_OF).sort()).toEqual([...TEXT_DESCRIPTORS].sort());
    for (const name of TEXT_DESCRIPTORS) {
      const measure = TEXT_MEASURE_OF[name];
      const said = name === 'out_of_vocabulary' ? 'out-of-vocabulary' : name.replace('_', '-');
      expect(measure).toBe(`text/${said}@1`);
      expect(TEXT_MEASURES[measure].description).toMatch(/^Wasserstein distance of the \w+ of .* over the reference's/);
    }
    expect(new Set(Object.values(TEXT_MEASURES).map(({ use }) => use))).toEqual(new Set(['effect']));
  });
});

describe('the measures of whole rows', () => {
  it('are each said in words of its own', () => {
    for (const name of TABLE_MEASURE_NAMES) {
      const { title, description, direction, limit } = TABLE_MEASURES[name];
      expect(name).toMatch(NAMED);
      expect(title).toMatch(/^[A-Z].{2,}/);
      expect(description).toMatch(/^[A-Z].{20,}\.$/);
      expect(direction).toBe(name.startsWith('pca') ? 'both' : 'higher');
      if (limit !== null) expect(limit).toBeGreaterThan(0);
    }
    // Two versions of a measure have its title, but what they are is not the same.
    const words = Object.values(TABLE_MEASURES).map(({ description }) => description);
    expect(new Set(words).size).toBe(TABLE_MEASURE_NAMES.length);
    expect(TABLE_MEASURE_NAMES).toEqual(Object.keys(TABLE_MEASURES));
    expect([TABLE_MEASURES, TABLE_MEASURE_NAMES].every(Object.isFrozen)).toBe(true);
  });

  it('have a part of the false alarms where they look at many slices', () => {
    expect(shareOfTables([])).toBe(0);
    expect(shareOfTables(['mmd/random-features@2', 'domain_classifier/auc@1'])).toBe(0);
    const { share } = TABLE_MEASURES['slice_shift/mean-rank@1'];
    expect(shareOfTables(['mmd/random-features@2', 'slice_shift/mean-rank@1'])).toBe(share);
  });

  it('are made unless others are chosen since the fourth way of judging and the fifth', () => {
    const [slices, correlations] = ['slice_shift/mean-rank@2', 'rank_correlations/largest-change@2'];
    expect(STANDARD_TABLE_MEASURES).toEqual([slices, correlations]);
    expect(Object.isFrozen(STANDARD_TABLE_MEASURES)).toBe(true);
    const made = (['judge@1', 'judge@3', 'judge@4', 'judge@5'] as const).map(standardTables);
    expect(made).toEqual([[], [], [slices], [slices, correlations]]);
  });

  it('are told from those of columns', () => {
    expect(isTableMeasureName('domain_classifier/auc@1')).toBe(true);
    for (const name of ['ks/two-sided@1', 'toString', '']) expect(isTableMeasureName(name)).toBe(false);
    expect(splitMeasures(['mmd/permutation@2', 'ks/two-sided@1', 'nothing', 'psi/reference-edges@1'])).toEqual({
      measures: ['ks/two-sided@1', 'psi/reference-edges@1'],
      tableMeasures: ['mmd/permutation@2'],
    });
    expect(splitMeasures(['mmd/permutation@2'])).toEqual({ measures: null, tableMeasures: ['mmd/permutation@2'] });
    expect(splitMeasures([])).toEqual({ measures: null, tableMeasures: [] });
  });
});
