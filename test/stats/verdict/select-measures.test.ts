import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../../src/stats/verdict/judge.ts';
import type { JudgePolicy } from '../../../src/stats/verdict/judgement.ts';
import type { MeasureName } from '../../../src/stats/verdict/measures.ts';
import { decides, selectMeasures } from '../../../src/stats/verdict/select-measures.ts';

const W = 'wasserstein/reference-std@1';
const PSI = 'psi/reference-edges@1';
const JS = 'js_distance/base2/reference-edges@2';

const UNSEEN = 'unseen_share/difference@1';

const selected = (kind: 'number' | 'category' | 'vector', said: Partial<JudgePolicy> = {}) =>
  selectMeasures(kind, { ...DEFAULT_POLICY, ...said });

describe('the measures of a column', () => {
  it('are the standard ones where none is chosen, and the newest test decides beside those before it', () => {
    const numbers = {
      tests: ['combined_ranks/cauchy@1'],
      shown: ['ks/two-sided@1'],
      standardTests: ['combined_ranks/cauchy@1'],
      distances: [W, PSI, JS],
      standardDistances: [W, PSI, JS],
    };
    expect(selected('number')).toEqual(numbers);
    expect(selected('number', { measures: [] })).toEqual(numbers);
    expect(selected('category')).toEqual({
      tests: ['chi_square/contingency@1'],
      shown: [],
      standardTests: ['chi_square/contingency@1'],
      distances: [PSI, JS, 'l_infinity/shares@2', UNSEEN],
      standardDistances: [PSI, JS, 'l_infinity/shares@2', UNSEEN],
    });
  });

  it('are those that there were in judge@1', () => {
    expect(selected('number', { method: 'judge@1' })).toMatchObject({ tests: ['ks/two-sided@1'], shown: [] });
    expect(selected('number', { method: 'judge@2' })).toMatchObject({ tests: ['combined_ranks/cauchy@1'] });
  });

  it('are without unseen values before judge@5, unless those were chosen', () => {
    expect(selected('category', { method: 'judge@4' }).distances).toEqual([PSI, JS, 'l_infinity/shares@2']);
    expect(selected('category', { method: 'judge@4', measures: [UNSEEN] }).distances).toEqual([UNSEEN]);
    expect(selected('number', { measures: [UNSEEN] }).distances).toEqual([W, PSI, JS]);
  });

  it('are the chosen ones in the order of the registry, with the standard ones of what is not chosen', () => {
    const both: MeasureName[] = ['energy/reference-std@1', 'levene/mean@1', 'ks/two-sided@1', PSI];
    expect(selected('number', { measures: both })).toEqual({
      tests: ['ks/two-sided@1', 'levene/mean@1'],
      shown: [],
      standardTests: ['combined_ranks/cauchy@1'],
      distances: [PSI, 'energy/reference-std@1'],
      standardDistances: [W, PSI, JS],
    });
    expect(selected('number', { measures: ['levene/mean@1'] }).distances).toEqual([W, PSI, JS]);
    expect(selected('number', { measures: [PSI] })).toMatchObject({
      tests: ['combined_ranks/cauchy@1'],
      shown: ['ks/two-sided@1'],
      distances: [PSI],
    });
  });

  it('are looked at besides where they fit', () => {
    const besides: MeasureName[] = ['spread/log-ratio@1', 'levene/mean@1'];
    expect(selected('number', { besides }).distances).toEqual([W, PSI, JS, 'spread/log-ratio@1']);
    expect(selected('number', { besides }).tests).toEqual(['combined_ranks/cauchy@1']);
    expect(selected('category', { besides }).distances).toEqual([PSI, JS, 'l_infinity/shares@2', UNSEEN]);
  });

  it('are never the missing share, those of free text or one that stands beside another', () => {
    const measures: MeasureName[] = ['missing_share/difference@1', 'text/words@1'];
    expect(selected('category', { measures })).toEqual(selected('category'));
    for (const name of ['chi_square/pooled-cells@1', 'chi_square/dealt@1'] as const) {
      expect(selected('category', { measures: [name, 'g_test/contingency@1'] }).tests).toEqual([
        'chi_square/contingency@1',
        'g_test/contingency@1',
      ]);
    }
  });
});

describe('what decides', () => {
  it('is an effect, and an index that was chosen', () => {
    expect(decides(W, { measures: null })).toBe(true);
    expect(decides(W, { measures: [PSI] })).toBe(true);
    expect(decides(PSI, { measures: null })).toBe(false);
    expect(decides(PSI, { measures: [JS] })).toBe(false);
    expect(decides(PSI, { measures: [JS, PSI] })).toBe(true);
    expect(decides('ks/two-sided@1', { measures: ['ks/two-sided@1'] })).toBe(false);
  });
});
