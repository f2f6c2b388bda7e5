import { readFileSync } from 'node:fs';
import { type SampleSpec, sample } from './samples.ts';

type StatisticAndP = [statistic: number, p: number];
type Chi = [statistic: number, df: number, p: number];

export type PairValues = {
  readonly x: SampleSpec;
  readonly y: SampleSpec;
  readonly ks?: [
    alternative: 'less' | 'greater' | 'two-sided',
    method: 'auto' | 'asymp',
    d: number,
    p: number | null,
  ][];
  readonly wasserstein?: number;
  readonly energy?: number;
  /** Of the whole first sample. */
  readonly deviation?: number;
  readonly mannWhitney?: StatisticAndP;
  readonly cvm?: { midrank: number; integral: number; tied: boolean; p?: number } | null;
  readonly ad?: { statistic: number; p: number } | null;
  readonly eppsSingleton?: StatisticAndP;
  readonly t?: { t: number; p: number; welch: number; df: number; welchP: number } | null;
  readonly levene?: { w: number; p: number } | null;
  readonly brownForsythe?: { w: number; p: number } | null;
  readonly cells?: {
    r: number[];
    c: number[];
    hellinger: number;
    kl: number;
    tvd: number;
    nad: number;
    jsNat: number;
    psi: number;
    linf: number;
    g?: Chi;
    chi2?: Chi;
  };
};

type MeasureValues = {
  readonly setA: {
    cvm: StatisticAndP;
    ad: number;
    energy: number;
    mannWhitney: StatisticAndP;
    eppsSingleton: StatisticAndP;
    t: StatisticAndP;
    welchP: number;
    meanX: number;
    meanY: number;
    pooledSturges: [number[], number[]];
    doane: [number[], number[]];
  };
  readonly pairs: readonly PairValues[];
  readonly fisher: readonly [
    table: [number, number, number, number],
    twoSided: number,
    less: number,
    greater: number,
  ][];
  readonly fisherWide: readonly [table: [number[], number[]], p: number][];
  readonly z: readonly [table: [number, number, number, number], z: number, p: number][];
  readonly benjaminiYekutieli: readonly [p: number[], q: number[]][];
  readonly tails: {
    normal: [z: number, p: number][];
    student: [t: number, df: number, p: number][];
    f: [f: number, d1: number, d2: number, p: number][];
    chiSquare: [x: number, df: number, p: number][];
    cramerVonMises: [x: number, p: number][];
    andersonDarling: [x: number, p: number][];
    /** Of three values; nothing is counted behind the last. */
    bridges: [masses: number[], weights: number[], x: number, p: number][];
  };
};

/** Written by test/fixtures/stats/generate_measures.py, so its shape is known. */
export const MEASURE_VALUES: MeasureValues = JSON.parse(
  readFileSync(new URL('../fixtures/stats/measure-values.json', import.meta.url), 'utf8'),
);

export type SortedPair = { readonly x: Float64Array; readonly y: Float64Array; readonly name: string };

/** Every pair with a value of that kind, its samples rebuilt and sorted. */
export function pairsWith<K extends keyof PairValues>(
  key: K,
): (SortedPair & { readonly expected: NonNullable<PairValues[K]> })[] {
  return MEASURE_VALUES.pairs.flatMap((pair) => {
    const expected = pair[key];
    if (expected === undefined || expected === null) return [];
    return [{ ...sortedPair(pair), expected }];
  });
}

function sortedPair(pair: Pick<PairValues, 'x' | 'y'>): SortedPair {
  return { x: sample(pair.x).sort(), y: sample(pair.y).sort(), name: JSON.stringify([pair.x, pair.y]) };
}

export function sorted(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values).sort();
}
