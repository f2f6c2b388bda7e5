import { describe, expect, it } from 'vitest';
import type { StoredCalibration } from '../../../schemas/wire/calibrations.ts';
import { applyRequest, checkColumns, configOf, defaultConfig } from '../../../src/domain/configuration/config.ts';
import { requireAffordable } from '../../../src/domain/configuration/cost.ts';
import { policyOf } from '../../../src/domain/configuration/policy.ts';
import { TidemarkError } from '../../../src/errors.ts';

const base = defaultConfig({ task: 'binary', roles: { label: 'y', ignore: [] } });

function issuesOf(work: () => unknown): { pointer: string | undefined; code: string }[] {
  try {
    work();
  } catch (error) {
    if (error instanceof TidemarkError) return error.issues.map(({ pointer, code }) => ({ pointer, code }));
  }
  return [];
}

describe('a monitor configuration', () => {
  it('is complete with nothing said', () => {
    expect(applyRequest(base, {})).toEqual(base);
    expect(configOf({ config: base })).toEqual(base);
    expect(base).toMatchObject({
      window_seconds: 86_400,
      lateness_seconds: 3600,
      idle_after_seconds: 3600,
      columns: { include: null, exclude: [] },
      alpha: 0.05,
      alert: { fire_after: 2, resolve_after: 2, minimum_drifted_columns: 1 },
    });
    expect(base.effects).toHaveProperty(['wasserstein/reference-std@1'], 0.1);
    expect(base.effects).not.toHaveProperty(['ks/two-sided@1']);
    // Neither is written down where the standard is followed: stored configurations stay what they are.
    expect(Object.keys(base)).not.toContain('measures');
    expect(Object.keys(base)).not.toContain('adjustment');
    expect(policyOf(base)).toMatchObject({ measures: null, adjustment: 'benjamini-hochberg' });
  });

  it('has the present names of measures, whatever they were called when it was stored', () => {
    const stored = {
      ...base,
      effects: { 'js_distance/base2/reference-edges@1': 0.3, 'wasserstein/reference-std@1': 0.2 },
      measures: ['mmd/linear-time@1', 'l_infinity/shares@1', 'psi/reference-edges@1'],
    };
    const config = configOf({ config: stored });
    expect(config.effects).toEqual({
      'js_distance/base2/reference-edges@2': 0.3,
      'wasserstein/reference-std@1': 0.2,
    });
    expect(config.measures).toEqual(['mmd/linear-time@2', 'l_infinity/shares@2', 'psi/reference-edges@1']);
    expect(policyOf(config)).toMatchObject({
      measures: ['l_infinity/shares@2', 'psi/reference-edges@1'],
      tableMeasures: ['mmd/linear-time@2'],
      limits: { 'js_distance/base2/reference-edges@2': 0.3 },
    });
    // So a request may name either, and means the same limit.
    const asked = applyRequest(config, {
      effects: { 'js_distance/base2/reference-edges@1': 0.4 },
      measures: ['hellinger/reference-edges@1', 'hellinger/reference-edges@2'],
    });
    expect(asked.effects['js_distance/base2/reference-edges@2']).toBe(0.4);
    expect(asked.effects).not.toHaveProperty(['js_distance/base2/reference-edges@1']);
    expect(asked.measures).toEqual(['hellinger/reference-edges@2']);
  });

  it('has the limits that were made for a measure by a former name', () => {
    const made: StoredCalibration = {
      ...{ method: 'largest-column/conformal@5', windows: 50, perWindow: 0.03, factor: 1.2, tail: 'counted' },
      ...{ source: 'resamples', seed: 1, windowRows: 100, why: '' },
      scales: { x: { 'js_distance/base2/reference-edges@1': 2, 'wasserstein/reference-std@1': 3 } },
      tables: { 'mmd/linear-time@1': { factor: 1, rate: 0.1, windows: 50, scales: {} } },
    };
    expect(policyOf(base, made).calibration).toEqual({
      ...made,
      scales: { x: { 'js_distance/base2/reference-edges@2': 2, 'wasserstein/reference-std@1': 3 } },
      tables: { 'mmd/linear-time@2': { factor: 1, rate: 0.1, windows: 50, scales: {} } },
    });
    const { tables: _, ...without } = made;
    expect(policyOf(base, without).calibration).not.toHaveProperty('tables');
  });

  it('takes what is said and keeps the rest', () => {
    const config = applyRequest(base, {
      window: { length: 'PT1H' },
      effects: { 'missing_share/difference@1': 0.2 },
      alert: { fire_after: 5 },
    });
    expect(config.window_seconds).toBe(3600);
    expect(config.effects).toEqual({ ...base.effects, 'missing_share/difference@1': 0.2 });
    expect(config.alert).toEqual({ fire_after: 5, resolve_after: 2, minimum_drifted_columns: 1 });
    expect(policyOf(config)).toMatchObject({ alpha: 0.05, minimumDriftedColumns: 1, limits: config.effects });
  });

  it('takes other measures and another adjustment, and gives them up again', () => {
    const names = ['cramer_von_mises/integral@1', 'energy/reference-std@1', 'energy/reference-std@1'];
    const chosen = applyRequest(base, { measures: names, adjustment: 'benjamini-yekutieli' });
    expect(chosen.measures).toEqual(names.slice(0, 2));
    expect(chosen.effects).toEqual({ ...base.effects, 'energy/reference-std@1': 0.1 });
    expect(policyOf(chosen)).toMatchObject({ measures: chosen.measures, adjustment: 'benjamini-yekutieli' });
    expect(configOf({ config: chosen })).toEqual(chosen);
    expect(applyRequest(chosen, { alpha: 0.01 })).toMatchObject({ measures: chosen.measures, alpha: 0.01 });
    const whole = applyRequest(base, { measures: ['domain_classifier/auc@1'] });
    expect(policyOf(whole)).toMatchObject({ measures: null, tableMeasures: ['domain_classifier/auc@1'] });
    const again = applyRequest(chosen, { measures: null, adjustment: 'benjamini-hochberg' });
    expect(again.measures).toBeUndefined();
    expect(policyOf(again)).toMatchObject({ measures: null, adjustment: 'benjamini-hochberg' });
  });

  it('looks at the spread too where limits are made for it, and not where they were made without', () => {
    const rated = applyRequest(base, { false_alarms: { at_most: 1, per: 'month' } });
    const made = {
      method: 'largest-column/conformal@1',
      windows: 200,
      perWindow: 0.03,
      factor: 1,
      scales: {},
    } as const;
    const before = { ...made, tail: 'counted', source: 'resamples', seed: 1, windowRows: 200, why: '' } as const;
    const spread = ['spread/log-ratio@1'];
    expect(policyOf(base).besides).toBeUndefined();
    expect(policyOf(rated).besides).toEqual(spread);
    expect(policyOf(rated, before).besides).toBeUndefined();
    expect(policyOf(rated, { ...before, method: 'largest-column/conformal@2' }).besides).toEqual(spread);
    expect(policyOf({ ...rated, measures: ['psi/reference-edges@1'] }).besides).toBeUndefined();
  });

  it('looks into slices where nothing is chosen, unless by a way from before', () => {
    const slices = ['slice_shift/mean-rank@2'];
    const both = [...slices, 'rank_correlations/largest-change@2'];
    expect(policyOf(base)).toMatchObject({ method: 'judge@5', tableMeasures: both });
    expect(policyOf(base, null, 'judge@4')).toMatchObject({ method: 'judge@4', tableMeasures: slices });
    expect(policyOf(base, null, 'judge@3')).toMatchObject({ method: 'judge@3', tableMeasures: [] });
    const made = { windows: 200, perWindow: 0.03, factor: 1, tail: 'counted', scales: {} } as const;
    const stored = { ...made, source: 'resamples', seed: 1, windowRows: 200, why: '' } as const;
    const withLimits = (version: 2 | 3 | 4 | 5) =>
      policyOf(base, { ...stored, method: `largest-column/conformal@${version}` });
    expect(withLimits(2).tableMeasures).toEqual([]);
    expect(withLimits(3).tableMeasures).toEqual(slices);
    expect(withLimits(4).tableMeasures).toEqual(both);
    expect(withLimits(5)).toMatchObject({ method: 'judge@5', tableMeasures: both });
    // Limits from before there were any of unseen values are of judgements without those.
    expect([withLimits(2), withLimits(3), withLimits(4)].map(({ method }) => method)).toEqual([
      'judge@4',
      'judge@4',
      'judge@5',
    ]);
    const limits = { ...stored, method: 'largest-column/conformal@3' } as const;
    expect(policyOf(base, limits, 'judge@2').method).toBe('judge@2');
    expect(policyOf(applyRequest(base, { measures: ['psi/reference-edges@1'] })).tableMeasures).toEqual([]);
  });

  it.each([
    [{ measures: ['psi/reference-edges@1', 'psl'] }, '/measures/1', 'unknown-measure'],
    [{ measures: ['mmd'] }, '/measures/0', 'unknown-measure'],
    [{ effects: { 'hellinger/reference-edges@2': 2 } }, '/effects/hellinger~1reference-edges@2', 'out-of-range'],
    [{ window: { length: 0 } }, '/window/length', 'out-of-range'],
    [{ window: { length: 'PT1S' } }, '/window/length', 'out-of-range'],
    [{ window: { length: 'P36500D' } }, '/window/length', 'out-of-range'],
    [{ window: { length: 'P1M' } }, '/window/length', 'invalid-duration'],
    [{ lateness: -1 }, '/lateness', 'out-of-range'],
    [{ idle_after: 'soon' }, '/idle_after', 'invalid-duration'],
    [{ effects: { nonsense: 0.1 } }, '/effects/nonsense', 'unknown-measure'],
    [{ effects: { 'ks/two-sided@1': 0.1 } }, '/effects/ks~1two-sided@1', 'unknown-measure'],
    [{ effects: { ks: 0.1 } }, '/effects/ks', 'unknown-measure'],
    [{ effects: { js: 1.5 } }, '/effects/js', 'out-of-range'],
    [{ effects: { 'l_infinity/shares@2': 1.5 } }, '/effects/l_infinity~1shares@2', 'out-of-range'],
  ])('refuses %j at %s', (request, pointer, code) => {
    expect(issuesOf(() => applyRequest(base, request))).toEqual([{ pointer, code }]);
  });

  it('keeps measures by their full names, however they were said', () => {
    const { measures, effects } = applyRequest(base, {
      measures: ['psi', 'psi/reference-edges', 'ks', 'jensen_shannon'],
      effects: { wasserstein: 0.2 },
    });
    expect(measures).toEqual(['psi/reference-edges@1', 'ks/two-sided@1', 'js_distance/base2/reference-edges@2']);
    expect(effects).toMatchObject({ 'wasserstein/reference-std@1': 0.2 });
  });

  it('names every wrong value at once', () => {
    expect(issuesOf(() => applyRequest(base, { lateness: 'x', idle_after: 'y' }))).toHaveLength(2);
  });

  it('knows the columns of its reference', () => {
    expect(() => checkColumns({ columns: { include: ['a'], exclude: [] } }, ['a', 'b'])).not.toThrow();
    expect(
      issuesOf(() =>
        checkColumns({ columns: { include: ['a', 'z'], exclude: ['q'] }, importance: { 'x/y': 1 } }, ['a']),
      ),
    ).toEqual([
      { pointer: '/columns/include/1', code: 'unknown-column' },
      { pointer: '/columns/exclude/0', code: 'unknown-column' },
      { pointer: '/importance/x~1y', code: 'unknown-column' },
    ]);
  });
});

describe('the cost of segments', () => {
  const names = Array.from({ length: 1000 }, (_, i) => `c${i}`);
  const config = (most: number) =>
    applyRequest(defaultConfig({ task: 'binary', roles: { ignore: [] } }), { segments: { by: ['c1', 'c2'], most } });

  it('counts each of them as all rows, and says what would cost less', () => {
    expect(() => requireAffordable(config(2), names)).not.toThrow();
    expect(() => requireAffordable(config(50), names)).toThrow(/100 segments beside all rows.*"most"/);
  });
});
