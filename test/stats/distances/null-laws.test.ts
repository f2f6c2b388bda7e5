import { describe, expect, it } from 'vitest';
import { energyDistance, energyNull } from '../../../src/stats/distances/energy.ts';
import { hellinger, hellingerNull } from '../../../src/stats/distances/hellinger.ts';
import { jensenShannonDistance, jensenShannonNull } from '../../../src/stats/distances/jensen-shannon.ts';
import { kullbackLeibler, kullbackLeiblerNull } from '../../../src/stats/distances/kullback-leibler.ts';
import { lInfinity, lInfinityPoint95 } from '../../../src/stats/distances/l-infinity.ts';
import {
  normalisedAbsoluteDifference,
  normalisedAbsoluteDifferencePoint95,
} from '../../../src/stats/distances/normalised-absolute-difference.ts';
import { totalVariation, totalVariationNull } from '../../../src/stats/distances/total-variation.ts';
import { wasserstein } from '../../../src/stats/distances/wasserstein.ts';
import { wassersteinLaw } from '../../../src/stats/distances/wasserstein-law.ts';
import { permutationTest } from '../../../src/stats/hypothesis-tests/permutation.ts';
import { drawHypergeometric } from '../../../src/stats/sampling/draw-hypergeometric.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { pooledValues } from '../../../src/stats/summaries/pooled-values.ts';
import { filled, relativeError, type SampleSpec, sample } from '../samples.ts';

type Counts = { readonly x: number[]; readonly y: number[] };

/** Deals the rows of each cell to sides of n and the rest, as under no drift. */
function deal(totals: readonly number[], n: number, random: () => number): Counts {
  let rest = totals.reduce((a, b) => a + b, 0);
  let drawn = n;
  const x = totals.map((marked) => {
    const count = drawHypergeometric({ total: rest, marked, drawn }, random);
    rest -= marked;
    drawn -= count;
    return count;
  });
  return { x, y: totals.map((count, k) => count - x[k]!) };
}

const CELLS: readonly (readonly [string, readonly number[], number])[] = [
  ['two cells', [700, 900], 1000],
  ['twenty equal bins', filled(20, 300), 5000],
  ['few large and many rare texts', [3000, 1500, 400, ...filled(60, 3), ...filled(200, 1)], 4000],
  ['a small window', [500, 300, 200, 90, 10], 1000],
  ['a window of a fiftieth of the reference', filled(10, 1020), 10_000],
];

const DISTANCES = [
  ['Hellinger', hellinger, hellingerNull],
  ['Kullback-Leibler', kullbackLeibler, kullbackLeiblerNull],
  ['total variation', totalVariation, totalVariationNull],
  ['Jensen-Shannon', jensenShannonDistance, jensenShannonNull],
] as const;

describe('the mean and the 95 % point of distances between counts are those of random dealing', () => {
  it.each(CELLS)('%s', (_, totals, n) => {
    const random = xoshiro128(11);
    const deals = Array.from({ length: 1500 }, () => deal(totals, n, random));
    const first = deals[0]!;
    for (const [name, distance, law] of DISTANCES) {
      const values = deals.map(({ x, y }) => distance(x, y)!).sort((a, b) => a - b);
      const mean = values.reduce((a, b) => a + b, 0) / values.length;
      const { mean: expected, point95 } = law(first.x, first.y)!;
      // The mean of a root lies below the root of the mean: most for two cells, where it is 1 degree of freedom.
      const rooted = name === 'Hellinger' || name === 'Jensen-Shannon';
      expect(relativeError(expected, mean), name).toBeLessThan(rooted ? 0.28 : 0.08);
      expect(relativeError(point95, values[Math.ceil(0.95 * values.length) - 1]!), name).toBeLessThan(0.09);
    }
    const largest = deals.filter(
      ({ x, y }) => normalisedAbsoluteDifference(x, y)!.value > normalisedAbsoluteDifferencePoint95(x, y),
    );
    expect(largest.length / deals.length).toBeLessThan(0.06);
  });
});

describe('the 95 % point of the largest change of a share', () => {
  it.each([
    ['a hundred texts in a window of twenty rows', filled(100, 50), 4980],
    ['ten texts in a window of twenty', filled(10, 500), 4980],
    ['two texts, of which one is rare', [4995, 25], 5000],
    ['rare texts on sides of one size', [500, 300, ...filled(100, 2)], 500],
  ])('is passed by chance in one of twenty at most: %s', (_, totals, n) => {
    const random = xoshiro128(6);
    const deals = Array.from({ length: 1000 }, () => deal(totals, n, random));
    const passed = deals.filter(({ x, y }) => lInfinity(x, y)!.value > lInfinityPoint95(x, y));
    expect(passed.length).toBeLessThan(60);
  });
});

describe('the law of thin cells is the same whichever side is the larger one', () => {
  it.each([
    [5000, 20],
    [10_000, 200],
    [900_000, 50],
  ])('%i and %i rows', (n, m) => {
    const [x, y] = [filled(10, n / 10), filled(10, m / 10)];
    for (const [name, , law] of DISTANCES) {
      if (name === 'Kullback-Leibler') continue;
      const [there, back] = [law(x, y)!, law(y, x)!];
      expect(there.point95, name).toBeGreaterThan(there.mean);
      expect(there.mean, name).toBeGreaterThan(0.05);
      expect(relativeError(there.mean, back.mean), name).toBeLessThan(1e-9);
      expect(relativeError(there.point95, back.point95), name).toBeLessThan(1e-9);
    }
  });
});

const SAMPLES: readonly (readonly [string, SampleSpec, SampleSpec])[] = [
  ['normal', { n: 300, kind: 'normal' }, { n: 200, kind: 'normal', offset: 30_000 }],
  ['uniform', { n: 400 }, { n: 100, plastic: true }],
  ['zero-inflated', { n: 300, zeros: 0.7 }, { n: 300, plastic: true, zeros: 0.7 }],
  ['few values', { n: 200, levels: 3 }, { n: 150, plastic: true, levels: 3 }],
];

describe('the mean and the 95 % point of distances between numbers are those of random dealing', () => {
  it.each(SAMPLES)('%s', (_, a, b) => {
    const [x, y] = [sample(a).sort(), sample(b).sort()];
    const pooled = pooledValues(x, y);
    const sides = (u: Float64Array, v: Float64Array) => [u.slice().sort(), v.slice().sort()] as const;
    const options = { permutations: 1500, random: xoshiro128(4) };
    const energy = permutationTest({ x, y }, (u, v) => energyDistance(pooledValues(...sides(u, v))), options);
    const moved = permutationTest({ x, y }, (u, v) => wasserstein(...sides(u, v)), options);
    expect(relativeError(energyNull(pooled).mean, energy.nullMean)).toBeLessThan(0.2);
    expect(relativeError(energyNull(pooled).point95, energy.null95)).toBeLessThan(0.06);
    expect(relativeError(wassersteinLaw(pooled).mean, moved.nullMean)).toBeLessThan(0.04);
    expect(relativeError(wassersteinLaw(pooled).point95, moved.null95)).toBeLessThan(0.1);
  });
});
