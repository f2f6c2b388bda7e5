import { describe, expect, it } from 'vitest';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { domainClassifier } from '../../../src/stats/table/domain-classifier.ts';
import { centroidDistance, componentDrift } from '../../../src/stats/table/embedding-drift.ts';
import type { Matrix } from '../../../src/stats/table/matrix.ts';
import {
  landmarkMmd,
  linearMmd,
  type MatrixPair,
  medianBandwidth,
} from '../../../src/stats/table/maximum-mean-discrepancy.ts';
import { vectorSpreadRatio } from '../../../src/stats/table/vector-spread-ratio.ts';
import { DEFAULT_POLICY } from '../../../src/stats/verdict/judge.ts';
import type { Finding } from '../../../src/stats/verdict/judgement.ts';
import { MEASURES, type MeasureName } from '../../../src/stats/verdict/measures.ts';
import { vectorFindings } from '../../../src/stats/verdict/vector-findings.ts';
import { numbers } from '../columns.ts';
import { drawMatrices, drawMatrix } from '../table/tables.ts';

/** The chance that findings on vectors are made with. */
const SEED = 8;
const TOO_FEW = 'too few finite vectors, or they do not vary, or by more than numbers can say';

const found = (measure: MeasureName, pair: MatrixPair): Finding => {
  const findings = vectorFindings([measure], pair, DEFAULT_POLICY);
  expect(findings.map((one) => one.measure)).toEqual([measure]);
  return findings[0]!;
};

const matrix = (...rows: number[][]): Matrix => ({
  rows: rows.length,
  columns: rows[0]!.length,
  values: Float64Array.from(rows.flat()),
});
const many = (rows: number, vector: number[]): Matrix => matrix(...Array.from({ length: rows }, () => vector));
const columnOf = ({ rows, columns, values }: Matrix, j: number): number[] =>
  Array.from({ length: rows }, (_, i) => values[i * columns + j]!);

describe('a finding on vectors', () => {
  const pair = drawMatrices(3, { shift: 0.7 }, 120);
  const { x, y } = pair;
  const sizes = { n: 120, m: 84 };

  it('of the centroids is their distance, in deviations of the reference, and the angle between them', () => {
    const { euclidean, cosine, nullMean, null95, p } = centroidDistance(pair, xoshiro128(SEED))!;
    expect(found('centroid_distance/dealing@1', pair)).toMatchObject({
      value: euclidean,
      p,
      nullMean,
      null95,
      parameters: sizes,
    });
    // The root mean square distance of a row from the mean.
    const variance = (of: number[]): number => {
      const mean = of.reduce((sum, v) => sum + v, 0) / of.length;
      return of.reduce((sum, v) => sum + (v - mean) ** 2, 0) / of.length;
    };
    const spread = Math.sqrt([0, 1, 2, 3, 4].reduce((sum, j) => sum + variance(columnOf(x, j)), 0));
    const scaled = found('centroid_distance/reference-spread@2', pair);
    expect(scaled.value).toBeCloseTo(euclidean / spread, 12);
    expect(scaled.nullMean).toBeCloseTo(nullMean / spread, 12);
    expect(scaled.null95).toBeCloseTo(null95 / spread, 12);
    expect(scaled).toMatchObject({ p: null, parameters: { ...sizes, referenceSpread: expect.closeTo(spread, 12) } });
    expect(found('centroid_distance/cosine@1', pair)).toMatchObject({ value: cosine, p: null, parameters: sizes });
  });

  it('says why there is no angle, and no spread', () => {
    const zero = { x: many(5, [0, 0]), y: many(5, [1, 2]) };
    expect(found('centroid_distance/cosine@1', zero)).toMatchObject({ value: null, reason: 'a mean vector is 0' });
    expect(found('centroid_distance/reference-spread@2', zero)).toMatchObject({ value: null, reason: TOO_FEW });
    const wild = { x: matrix([-1e200, 0], [1e200, 0], [-1e200, 0], [1e200, 0]), y: many(5, [1, 2]) };
    expect(found('centroid_distance/reference-spread@2', wild)).toMatchObject({ value: null, reason: TOO_FEW });
    const few = { x: many(3, [0, 0]), y: many(5, [1, 2]) };
    for (const name of ['dealing@1', 'cosine@1', 'reference-spread@2'] as const) {
      expect(found(`centroid_distance/${name}`, few)).toMatchObject({ value: null, reason: TOO_FEW, parameters: {} });
    }
  });

  it('of a discrepancy has its bandwidth and its null', () => {
    const made = (permutations: number) => {
      const random = xoshiro128(SEED);
      const bandwidth = medianBandwidth(pair, random);
      return { bandwidth, ...landmarkMmd(pair, { bandwidth, random, permutations })! };
    };
    const byLaw = made(0);
    expect(found('mmd/vectors/landmarks@1', pair)).toMatchObject({
      value: byLaw.mmd2,
      p: byLaw.p,
      nullMean: byLaw.nullMean,
      null95: byLaw.null95,
    });
    expect(found('mmd/vectors/landmarks@1', pair).parameters).toEqual({
      ...sizes,
      bandwidth: byLaw.bandwidth,
      null: 'saddlepoint',
      seed: SEED,
    });
    const dealt = made(999);
    expect(found('mmd/vectors/permutation@3', pair)).toMatchObject({ value: dealt.mmd2, p: dealt.p });
    expect(found('mmd/vectors/permutation@3', pair).parameters).toEqual({
      ...sizes,
      bandwidth: dealt.bandwidth,
      null: 'permutation',
      permutations: 999,
      seed: SEED,
    });
    const random = xoshiro128(SEED);
    const bandwidth = medianBandwidth(pair, random);
    const linear = linearMmd(pair, { bandwidth, random })!;
    expect(found('mmd/vectors/linear-time@2', pair)).toMatchObject({
      value: linear.mmd2,
      p: linear.p,
      nullMean: 0,
      null95: null,
      parameters: { ...sizes, pairs: 42, z: linear.z, bandwidth, seed: SEED },
    });
    const same = { x: many(40, [1, 2]), y: many(40, [1, 2]) };
    for (const name of ['landmarks@1', 'permutation@3', 'linear-time@2'] as const) {
      expect(found(`mmd/vectors/${name}`, same)).toMatchObject({ value: null, p: null, reason: TOO_FEW });
    }
  });

  it('of the spread is how much wider the window lies, whichever way it moved', () => {
    const ratio = vectorSpreadRatio(pair)!;
    expect(found('spread/vectors/log-ratio@1', pair)).toMatchObject({
      ...{ value: ratio.value, null95: ratio.null95, nullMean: 0, p: null, reason: null },
      parameters: sizes,
    });
    const still = { x: many(5, [1, 2]), y };
    expect(found('spread/vectors/log-ratio@1', still)).toMatchObject({ value: null, reason: TOO_FEW, parameters: {} });
  });

  it('of components is Welch’s test of the one that moved most', () => {
    const welch = found('component_means/welch@1', pair);
    expect(welch.parameters).toEqual({ component: 0 });
    expect(welch.value).toBeGreaterThan(3);
    const turned = { x: y, y: x };
    expect(found('component_means/welch@1', turned).value).toBeCloseTo(welch.value!, 12);
    expect(found('component_means/welch@1', { x: many(5, [1, 2]), y: many(5, [1, 3]) })).toMatchObject({
      value: null,
      p: 0,
      reason: 'the component varies on neither side',
      parameters: { component: 1 },
    });
    expect(found('component_means/welch@1', { x: many(1, [1]), y: many(1, [2]) })).toMatchObject({ value: null });
  });

  it('of components by two tests is the less sure of them', () => {
    const small = matrix([1], [1.5], [2], [1.2]);
    const large = matrix(...Array.from({ length: 12 }, (_, i) => [3 + ((i * 5) % 12)]));
    const [welch, both] = [
      found('component_means/welch@1', { x: small, y: large }),
      found('component_means/welch-student@1', { x: small, y: large }),
    ];
    expect(both.p!).toBeGreaterThan(2 * welch.p!);
    expect(both.value!).toBeLessThan(welch.value!);
    expect(both.parameters).toEqual({ component: 0 });
  });

  it('of the share of components that drifted names the one that did most', () => {
    const moved = { x, y: { ...y, values: y.values.map((v, at) => v + (at % 5 === 3 ? 5 : at % 5 === 4 ? 2 : 0)) } };
    const drift = componentDrift(moved, { level: 0.05, effect: 0.1 })!;
    expect(found('drifted_components/share@1', moved)).toMatchObject({
      value: drift.share,
      p: null,
      nullMean: 0,
      null95: 0,
      parameters: { ...sizes, drifted: drift.drifted, components: 5, worstComponent: 3 },
    });
    // One that did not vary has moved by more than any that did.
    const constant = { x: matrix([0, 1], [1, 1], [2, 1], [3, 1]), y: matrix([9, 2], [8, 2], [7, 2], [9, 2]) };
    expect(found('drifted_components/share@1', constant).parameters).toMatchObject({ worstComponent: 1 });
    const two = { x: matrix([0, 1, 5], [1, 1, 5], [2, 1, 5]), y: matrix([0, 2, 6], [1, 2, 6], [2, 2, 6]) };
    expect(found('drifted_components/share@1', two).parameters).toMatchObject({ worstComponent: 1 });
    const first = { x: matrix([1, 0], [1, 1], [1, 2], [1, 3]), y: matrix([2, 9], [2, 8], [2, 7], [2, 9]) };
    expect(found('drifted_components/share@1', first).parameters).toMatchObject({ worstComponent: 0 });
  });

  it('of a classifier is its area, with the component that tells most', () => {
    const columns = [0, 1, 2, 3, 4].map((j) => ({
      name: String(j),
      reference: numbers(columnOf(x, j)),
      window: numbers(columnOf(y, j)),
    }));
    const { auc, low, high, p, n, m } = domainClassifier(columns, { random: xoshiro128(SEED) })!;
    expect(found('domain_classifier/components@1', pair)).toMatchObject({ value: auc, p, nullMean: 0.5, null95: null });
    expect(found('domain_classifier/components@1', pair).parameters).toEqual({
      ...{ n, m, low, high, seed: SEED },
      strongestComponent: '0',
    });
    const few = drawMatrices(1, {}, 49);
    expect(found('domain_classifier/components@1', few)).toMatchObject({ value: null, reason: TOO_FEW });
  });

  it('is of two thousand rows of a side where more would take long', () => {
    const random = xoshiro128(5);
    const large = {
      x: drawMatrix({ rows: 2001, columns: 1 }, random),
      y: drawMatrix({ rows: 60, columns: 1 }, random),
    };
    const parameters = { n: 2000, m: 60 };
    expect(found('mmd/vectors/landmarks@1', large).parameters).toMatchObject(parameters);
    expect(found('domain_classifier/components@1', large).parameters).toMatchObject(parameters);
    expect(found('centroid_distance/dealing@1', large).parameters).toMatchObject({ n: 2001, m: 60 });
    const cut = { x: { ...large.x, rows: 2000, values: large.x.values.slice(0, 2000) }, y: large.y };
    expect(found('mmd/vectors/landmarks@1', cut)).toEqual(found('mmd/vectors/landmarks@1', large));
    expect(found('mmd/vectors/linear-time@2', large).parameters).toMatchObject({ n: 2001, pairs: 30 });
  });

  it('is none of measures of other kinds, and says which side has no vectors', () => {
    expect(vectorFindings(['ks/two-sided@1', 'centroid_distance/cosine@1'], pair, DEFAULT_POLICY)).toHaveLength(1);
    const none = { rows: 0, columns: 5, values: new Float64Array(0) };
    const names = Object.keys(MEASURES).filter((name) => /vectors|centroid|component/.test(name)) as MeasureName[];
    const without = (side: MatrixPair) => vectorFindings(names, side, DEFAULT_POLICY);
    expect(without(pair).length).toBe(11);
    for (const one of without({ x: none, y })) {
      expect(one).toMatchObject({ value: null, p: null, reason: 'the reference has no usable values' });
    }
    for (const side of [
      { x, y: none },
      { x: none, y: none },
    ]) {
      expect(without(side).length).toBe(11);
      for (const one of without(side)) expect(one.reason).toBe('the window has no usable values');
    }
  });
});
