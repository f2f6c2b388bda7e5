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
import { psi, psiNull } from '../../../src/stats/distances/psi.ts';
import { gammaPoint95, isSparse, sparsePart } from '../../../src/stats/distances/relabelling-law.ts';
import { shareDifferencePoint95 } from '../../../src/stats/distances/share-difference.ts';
import { totalVariation, totalVariationNull } from '../../../src/stats/distances/total-variation.ts';
import { wassersteinLaw } from '../../../src/stats/distances/wasserstein-law.ts';
import { pooledValues } from '../../../src/stats/summaries/pooled-values.ts';
import { relativeError, sample } from '../samples.ts';

type Pair = readonly [mean: number, point95: number];
type Expected = {
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly hellinger: Pair;
  readonly js: Pair;
  readonly kl: Pair;
  readonly tv: Pair;
  readonly lInfinity: number;
  readonly nad: number;
};

/** The formulas with SciPy's binomial, gamma and normal laws: well-filled cells, thin ones, both, and hardly a row. */
const TABLES: readonly Expected[] = [
  {
    x: [420, 310, 180, 70, 20, 0],
    y: [300, 270, 140, 60, 0, 30],
    hellinger: [0.03776162162023874, 0.05630557939096949],
    js: [0.04524752659951575, 0.06734780797160266],
    kl: [0.005750829374069644, 0.01296629476226053],
    tv: [0.03469579855456803, 0.06006511311478835],
    lInfinity: 0.06130755889911624,
    nad: 0.0747281954941517,
  },
  {
    x: [40, 3, 0, 1, 7, 0],
    y: [900, 20, 6, 0, 80, 0],
    hellinger: [0.10791882113371988, 0.16436119770778115],
    js: [0.11586891123587098, 0.1739353390569813],
    kl: [0.03525535491967034, 0.08408331854156789],
    tv: [0.047941028254672044, 0.09533642103313238],
    lInfinity: 0.11953767590535219,
    nad: 0.8141501781063308,
  },
  {
    x: [30, 60, 25],
    y: [30, 29, 31],
    hellinger: [0.07071794537428372, 0.12256716534674056],
    js: [0.08480108729730203, 0.14679599361093712],
    kl: [0.0201156941506524, 0.06099086769150677],
    tv: [0.08777521383088165, 0.1712239494320801],
    lInfinity: 0.191304347826087,
    nad: 0.1354005962708248,
  },
  {
    x: [1, 2],
    y: [1, 1],
    hellinger: [0.4428855549911232, 0.7924983553355062],
    js: [0.4492980887948733, 0.7917944899939969],
    kl: [0.28864485771765314, 1.0058234175944651],
    tv: [0.528, 1],
    lInfinity: 1.5,
    nad: 0.6579366546251868,
  },
  {
    x: [5, 90, 3, 2],
    y: [0, 70, 10, 20],
    hellinger: [0.09308526244912065, 0.15660085969441886],
    js: [0.10776539225042965, 0.17474297453902068],
    kl: [0.03284259607953405, 0.08777261936649924],
    tv: [0.06510635973961533, 0.12275759330052556],
    lInfinity: 0.14129155826910011,
    nad: 0.0708230586582944,
  },
];

const DISTANCES = [
  ['Hellinger', hellinger, hellingerNull],
  ['Kullback-Leibler', kullbackLeibler, kullbackLeiblerNull],
  ['total variation', totalVariation, totalVariationNull],
  ['Jensen-Shannon', jensenShannonDistance, jensenShannonNull],
] as const;

function near(actual: number, expected: number, what: string): void {
  expect(relativeError(actual, expected), what).toBeLessThan(1e-9);
}

describe('the laws of distances under no drift', () => {
  it('have the values of their formulas', () => {
    for (const { x, y, hellinger, js, kl, tv, ...points } of TABLES) {
      for (const [name, law, [mean, point95]] of [
        ['Hellinger', hellingerNull, hellinger],
        ['Jensen-Shannon', jensenShannonNull, js],
        ['Kullback-Leibler', kullbackLeiblerNull, kl],
        ['total variation', totalVariationNull, tv],
      ] as const) {
        near(law(x, y)!.mean, mean, `${name} ${x.join(' ')}`);
        near(law(x, y)!.point95, point95, `${name} ${x.join(' ')}`);
      }
      near(lInfinityPoint95(x, y), points.lInfinity, 'L-infinity');
      near(normalisedAbsoluteDifferencePoint95(x, y), points.nad, 'normalised absolute difference');
    }
  });

  it('have the values of their formulas for numbers', () => {
    for (const [x, y, energy, moved] of [
      [
        [1, 2, 2, 4, 9],
        [0, 2, 3, 3.5, 5, 7],
        [1.055146119422961, 1.7450950843720474],
        [1.7493669780996528, 3.1900148552616625],
      ],
      [
        [0, 1],
        [0, 1, 1],
        [0.7071067811865475, 1.3859038243496786],
        [0.39894228040143265, 0.9873255606497482],
      ],
    ] as const) {
      const pooled = pooledValues(Float64Array.from(x), Float64Array.from(y));
      near(energyNull(pooled).mean, energy[0], 'energy');
      near(energyNull(pooled).point95, energy[1], 'energy');
      near(wassersteinLaw(pooled).mean, moved[0], 'Wasserstein');
      near(wassersteinLaw(pooled).point95, moved[1], 'Wasserstein');
    }
  });

  it('have the mean of all values of numbers, also where these are put into blocks for the variance', () => {
    const [x, y] = [sample({ n: 700 }).sort(), sample({ n: 500, plastic: true, scale: 2 }).sort()];
    const pooled = pooledValues(x, y);
    const c = ((1 / 700 + 1 / 500) * 1200) / 1199;
    let integral = 0;
    for (let k = 0; k + 1 < pooled.values.length; k++) {
      const h = (k + 1) / 1200;
      integral += Math.sqrt(h * (1 - h)) * (pooled.values[k + 1]! - pooled.values[k]!);
    }
    near(wassersteinLaw(pooled).mean, Math.sqrt((2 * c) / Math.PI) * integral, 'Wasserstein');
  });

  it('are 0 where nothing can differ, and not to be had without rows', () => {
    for (const [name, distance, law] of DISTANCES) {
      expect(law([9], [5]), name).toEqual({ mean: 0, point95: 0 });
      for (const [x, y] of [
        [
          [0, 0],
          [5, 1],
        ],
        [
          [5, 1],
          [0, 0],
        ],
        [[0], [0]],
      ] as const) {
        expect(law(x, y), name).toBeNull();
        expect(distance(x, y), name).toBeNull();
      }
    }
    expect(normalisedAbsoluteDifferencePoint95([9], [9])).toBe(0);
    expect(normalisedAbsoluteDifferencePoint95([0], [0])).toBe(0);
  });

  it('have no point in version 1 of Jensen-Shannon where every dealing is as far apart', () => {
    // Two rows of two kinds, one for each side.
    expect(jensenShannonNull([1, 0], [0, 1])).toEqual({ mean: Math.SQRT1_2, point95: Number.NaN });
    expect(normalisedAbsoluteDifferencePoint95([1, 0], [0, 1])).toBeCloseTo(2.241402727604947 / 2, 12);
  });

  it('are 0 for numbers that are all one', () => {
    const pooled = pooledValues(new Float64Array(5).fill(2), new Float64Array(3).fill(2));
    expect(energyNull(pooled)).toEqual({ mean: 0, point95: 0 });
    expect(wassersteinLaw(pooled)).toEqual({ mean: 0, point95: 0 });
    expect(energyDistance(pooled)).toBe(0);
  });

  it('have no width where nothing can differ', () => {
    expect(lInfinityPoint95([5, 0], [7, 0])).toBe(0);
    expect(lInfinityPoint95([5, 1], [0, 0])).toBe(0);
    expect(lInfinityPoint95([0, 0], [5, 1])).toBe(0);
    expect(normalisedAbsoluteDifferencePoint95([1, 0], [0, 0])).toBe(0);
    expect(lInfinity([5, 1], [0, 0])).toBeNull();
    expect(normalisedAbsoluteDifference([5, 1], [0, 0])).toEqual({ value: 5 / 6, index: 0 });
    expect(normalisedAbsoluteDifference([1, 2], [2, 1])).toEqual({ value: 1 / 6, index: 0 });
    expect(lInfinity([1, 2], [2, 1])).toEqual({ value: 1 / 3, index: 0 });
    expect(gammaPoint95({ mean: 3, variance: 0 })).toBe(3);
    expect(gammaPoint95({ mean: 0, variance: 2 })).toBe(0);
    expect(psiNull(2, 10, 40)).toEqual({ mean: 0.125, point95: expect.closeTo(3.841458820694124 * 0.125, 12) });
  });
});

describe('parts of distances', () => {
  it('are those of thin cells where fewer than 30 rows are expected on the thinner side', () => {
    expect(isSparse(59, 100, 100)).toBe(true);
    expect(isSparse(60, 100, 100)).toBe(false);
    expect(isSparse(119, 100, 300)).toBe(true);
    expect(isSparse(120, 300, 100)).toBe(false);
  });

  it('of a thin cell have the mean and variance of relabelling its rows', () => {
    // A row is of the first side with probability 1/4: 9/16, 6/16 and 1/16 for 0, 1 and 2 of two.
    const { mean, variance } = sparsePart(2, { n: 1, m: 3 }, (x, y) => x * x + 10 * y);
    expect(mean).toBeCloseTo((9 * 20 + 6 * 11 + 4) / 16, 12);
    expect(variance).toBeCloseTo((9 * 400 + 6 * 121 + 16) / 16 - (250 / 16) ** 2, 10);
    expect(sparsePart(1, { n: 2, m: 2 }, () => 0.1)).toEqual({ mean: 0.1, variance: expect.closeTo(0, 12) });
  });

  it.each([
    [10_000, 200],
    [200, 10_000],
  ])('has the mean and the variance of the binomial law also where one side is far thinner: %i and %i', (n, m) => {
    // 500 rows, of which each is of the first sample with a chance of n / (n + m): none at all is beyond a double.
    const f = n / (n + m);
    const first = sparsePart(500, { n, m }, (x) => x);
    const second = sparsePart(500, { n, m }, (_, y) => y);
    expect(relativeError(first.mean, 500 * f)).toBeLessThan(1e-12);
    expect(relativeError(second.mean, 500 * (1 - f))).toBeLessThan(1e-12);
    for (const { variance } of [first, second]) expect(relativeError(variance, 500 * f * (1 - f))).toBeLessThan(1e-9);
  });

  it('of an empty bin are those of half a row, and of one that is empty on both sides nothing', () => {
    expect(psi([1, 0, 2], [2, 0, 5])).toBe(psi([1, 2], [2, 5]));
    expect(psi([4, 0], [3, 2])).toBeCloseTo(0.4 * Math.log(1 / 0.6) + (0.125 - 0.4) * Math.log(0.125 / 0.4), 12);
    expect(psi([0, 0], [3, 2])).toBeNull();
    expect(psi([3, 2], [0, 0])).toBeNull();
  });

  it('of a share has the width of the normal law with one row more of either kind', () => {
    expect(shareDifferencePoint95({ x: 3, n: 100, y: 8, m: 200 })).toBeCloseTo(0.046889586140792715, 12);
    expect(shareDifferencePoint95({ x: 0, n: 10, y: 0, m: 10 })).toBeCloseTo(0.18257867684214488, 12);
  });
});
