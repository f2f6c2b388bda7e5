import { energyDistance, energyNull } from '../distances/energy.ts';
import { spreadRatio } from '../distances/spread-ratio.ts';
import { wassersteinLaw } from '../distances/wasserstein-law.ts';
import { andersonDarling } from '../hypothesis-tests/anderson-darling.ts';
import { andersonDarlingIntegral } from '../hypothesis-tests/anderson-darling-integral.ts';
import { cramerVonMises, midrankCramerVonMises } from '../hypothesis-tests/cramer-von-mises.ts';
import { eppsSingleton } from '../hypothesis-tests/epps-singleton.ts';
import { kolmogorovSmirnovOf } from '../hypothesis-tests/kolmogorov-smirnov.ts';
import { type LeveneCentre, levene } from '../hypothesis-tests/levene.ts';
import { mannWhitney } from '../hypothesis-tests/mann-whitney.ts';
import { permutationTest } from '../hypothesis-tests/permutation.ts';
import { studentTTest, type TTest, welchTTest } from '../hypothesis-tests/t-test.ts';
import { shuffledRows } from '../sampling/shuffle.ts';
import { xoshiro128 } from '../sampling/xoshiro128.ts';
import { chiSquareQuantile } from '../special/chi-square.ts';
import { momentsOf } from '../summaries/moments.ts';
import type { PooledValues } from '../summaries/pooled-values.ts';
import { CELL_FINDINGS } from './cell-findings.ts';
import {
  finding,
  finiteOrNull,
  jensenShannonFinding,
  kolmogorovSmirnovFinding,
  lacking,
  psiFinding,
  type Result,
  SPREAD_BEYOND,
  wassersteinFinding,
} from './findings.ts';
import type { Finding, JudgePolicy } from './judgement.ts';
import type { MeasureName } from './measures.ts';
import type { NumberPair } from './number-pair.ts';

type Compute = (pair: NumberPair, policy: JudgePolicy) => Finding;
/** `pooled`: both put together. */
type Values = Pick<NumberPair, 'walked'> & {
  readonly r: Float64Array;
  readonly w: Float64Array;
  readonly pooled: () => PooledValues;
};

/** Rows of a side that are dealt anew, and how often. Chance is an argument: the same columns have the same p. */
const PERMUTED = { rows: 5_000, permutations: 999, seed: 9 };

/** What is said of a measure that has no value on samples that are not empty. */
const NO_SPREAD = 'the values do not vary, or are too few';

/** A measure of the sorted usable values (ranks: infinities too) of both sides; null where it cannot be had. */
function on(measure: MeasureName, part: 'sorted' | 'finite', of: (values: Values) => Result | null): Compute {
  return (pair, policy) => {
    const { r, w } = pair;
    const reason = lacking(r[part], w[part]);
    if (reason !== null) return finding(measure, policy, { reason });
    const values = { r: r[part], w: w[part], pooled: () => pair.pooled(part), walked: pair.walked };
    return finding(measure, policy, of(values) ?? { reason: NO_SPREAD });
  };
}

/** Window minus reference: t > 0 where the window's mean is larger. */
function tFinding(measure: MeasureName, test: (x: Float64Array, y: Float64Array) => TTest | null): Compute {
  return on(measure, 'finite', ({ r, w }) => {
    const result = test(w, r);
    return result && { value: result.t, p: result.p, nullMean: 0, parameters: { df: result.df } };
  });
}

function leveneFinding(measure: MeasureName, centre: LeveneCentre): Compute {
  return on(measure, 'finite', ({ r, w }) => {
    const result = levene([r, w], centre);
    if (result === null) return null;
    const { statistic, p, d1, d2 } = result;
    return { value: statistic, p, nullMean: d2 > 2 ? d2 / (d2 - 2) : null, parameters: { d1, d2 } };
  });
}

/** Mean and 95 % point of √n D+ under the limit law, P(D+ > d) = exp(-2 d²). */
const ONE_SIDED_MEAN = Math.sqrt(Math.PI / 8);
const ONE_SIDED_95 = Math.sqrt(-Math.log(0.05) / 2);

/** The reference is the first sample: its distribution function is `greater` where the window's values are larger. */
function oneSidedKs(measure: MeasureName, alternative: 'greater' | 'less'): Compute {
  return on(measure, 'sorted', ({ r, w, walked }) => {
    const { d, p, mode, location } = kolmogorovSmirnovOf(walked().differences, { alternative });
    const scale = Math.sqrt(1 / r.length + 1 / w.length);
    const parameters = { mode, location: finiteOrNull(location), n: r.length, m: w.length };
    const [mean, point95] = [ONE_SIDED_MEAN, ONE_SIDED_95].map((point) => Math.min(1, point * scale));
    return { value: d, p, nullMean: mean, null95: point95, parameters };
  });
}

function midrankCramerVonMisesResult({ r, w }: Values): Result | null {
  const result = midrankCramerVonMises(r, w);
  const [n, m] = [r.length, w.length];
  return result && { value: result.statistic, p: result.p, nullMean: (1 + 1 / (n + m)) / 6, parameters: { n, m } };
}

function permutationResult({ r, w }: Values): Result {
  const random = xoshiro128(PERMUTED.seed);
  const drawn = (side: Float64Array): Float64Array =>
    Float64Array.from(shuffledRows(side.length, random, PERMUTED.rows), (row) => side[row]!);
  const [x, y] = [drawn(r), drawn(w)];
  const found = permutationTest({ x, y }, meanDifference, { permutations: PERMUTED.permutations, random });
  const { statistic, p, permutations, nullMean, null95 } = found;
  const parameters = { n: x.length, m: y.length, permutations, seed: PERMUTED.seed };
  const std = Math.sqrt(momentsOf(r, r.length).m2 / r.length);
  if (!(std > 0) && statistic > 0) return { p, reason: 'the reference is constant', parameters };
  if (!Number.isFinite(std) && statistic > 0) return { p, reason: SPREAD_BEYOND, parameters };
  const scaled = (size: number): number => (std > 0 ? size / std : 0);
  return { value: scaled(statistic), p, nullMean: scaled(nullMean), null95: scaled(null95), parameters };
}

function meanDifference(x: Float64Array, y: Float64Array): number {
  const mean = (values: Float64Array): number => values.reduce((sum, v) => sum + v, 0) / values.length;
  return Math.abs(mean(y) - mean(x));
}

function cramerVonMisesResult({ r, w }: Values): Result | null {
  const result = cramerVonMises(r, w);
  return result && { value: result.statistic, p: result.p, nullMean: result.mean, parameters: { mode: result.mode } };
}

function andersonDarlingResult({ r, w }: Values): Result | null {
  const result = andersonDarling([r, w]);
  if (result === null) return null;
  const parameters = { a2: finiteOrNull(result.a2), interpolatedP: result.interpolated };
  return { value: result.statistic, p: result.p, nullMean: 0, parameters };
}

function andersonDarlingIntegralResult({ r, w }: Values): Result | null {
  const result = andersonDarlingIntegral(r, w);
  if (result === null) return null;
  const { statistic, p, mean, mode } = result;
  return { value: statistic, p, nullMean: mean, parameters: { mode, n: r.length, m: w.length } };
}

function combinedRanksResult({ walked }: Values): Result | null {
  const result = walked().ranks;
  if (result === null) return null;
  const { p, location, spread, distribution, atom, atomValue } = result;
  const parameters = { location, spread, distribution, atom, atomValue: finiteOrNull(atomValue) };
  return { p, parameters, reason: 'several tests have one p-value, and no one value' };
}

function mannWhitneyResult({ r, w }: Values): Result {
  const { u, superiority, p, mode } = mannWhitney(w, r);
  return { value: superiority, p, nullMean: 0.5, parameters: { u, mode, n: r.length, m: w.length } };
}

function eppsSingletonResult({ r, w }: Values): Result | null {
  const result = eppsSingleton(r, w);
  if (result === null) return null;
  const { statistic, p, df } = result;
  return { value: statistic, p, nullMean: df, null95: chiSquareQuantile(0.05, df), parameters: { df } };
}

function rawWassersteinResult({ r, w, pooled, walked }: Values): Result {
  const { mean, point95 } = wassersteinLaw(pooled());
  return { value: walked().wasserstein, nullMean: mean, null95: point95, parameters: { n: r.length, m: w.length } };
}

function rawEnergyResult({ r, w, pooled }: Values): Result {
  const both = pooled();
  const { mean, point95 } = energyNull(both);
  const parameters = { n: r.length, m: w.length };
  return { value: energyDistance(both), nullMean: mean, null95: point95, parameters };
}

function spreadResult({ r, w }: Values): Result | null {
  const found = spreadRatio(r, w);
  return found && { ...found, nullMean: 0, parameters: { n: r.length, m: w.length } };
}

/** In roots of the reference's population standard deviation, so that it does not depend on the unit. */
function scaledEnergyResult(values: Values): Result {
  const { value, nullMean, null95, parameters } = rawEnergyResult(values);
  const std = Math.sqrt(momentsOf(values.r, values.r.length).m2 / values.r.length);
  const told = { ...parameters, referenceStd: finiteOrNull(std) };
  if (value === 0) return { value: 0, nullMean: 0, null95: 0, parameters: told };
  if (!(std > 0)) return { reason: 'the reference is constant', parameters: told };
  if (!Number.isFinite(std)) return { reason: SPREAD_BEYOND, parameters: told };
  const scale = Math.sqrt(std);
  return {
    value: (value ?? Number.NaN) / scale,
    nullMean: (nullMean ?? Number.NaN) / scale,
    null95: (null95 ?? Number.NaN) / scale,
    parameters: told,
  };
}

const TABLE: Readonly<Partial<Record<MeasureName, Compute>>> = Object.freeze({
  'ks/two-sided@1': kolmogorovSmirnovFinding,
  'ks/window-larger@1': oneSidedKs('ks/window-larger@1', 'greater'),
  'ks/window-smaller@1': oneSidedKs('ks/window-smaller@1', 'less'),
  'combined_ranks/cauchy@1': on('combined_ranks/cauchy@1', 'sorted', combinedRanksResult),
  'anderson_darling/integral@1': on('anderson_darling/integral@1', 'sorted', andersonDarlingIntegralResult),
  'cramer_von_mises/integral@1': on('cramer_von_mises/integral@1', 'sorted', cramerVonMisesResult),
  'cramer_von_mises/midrank@1': on('cramer_von_mises/midrank@1', 'sorted', midrankCramerVonMisesResult),
  'permutation/mean@1': on('permutation/mean@1', 'finite', permutationResult),
  'anderson_darling/midrank@1': on('anderson_darling/midrank@1', 'sorted', andersonDarlingResult),
  'mann_whitney/two-sided@1': on('mann_whitney/two-sided@1', 'sorted', mannWhitneyResult),
  'epps_singleton/two-points@1': on('epps_singleton/two-points@1', 'finite', eppsSingletonResult),
  't_test/welch@1': tFinding('t_test/welch@1', welchTTest),
  't_test/student@1': tFinding('t_test/student@1', studentTTest),
  'levene/median@1': leveneFinding('levene/median@1', 'median'),
  'levene/mean@1': leveneFinding('levene/mean@1', 'mean'),
  'wasserstein/reference-std@1': wassersteinFinding,
  'wasserstein/raw@1': on('wasserstein/raw@1', 'finite', rawWassersteinResult),
  'energy/reference-std@1': on('energy/reference-std@1', 'finite', scaledEnergyResult),
  'spread/log-ratio@1': on('spread/log-ratio@1', 'finite', spreadResult),
  'energy/raw@1': on('energy/raw@1', 'finite', rawEnergyResult),
  'psi/reference-edges@1': ({ cells }, policy) => psiFinding(cells, policy),
  'js_distance/base2/reference-edges@2': ({ cells }, policy) => jensenShannonFinding(cells, policy),
  ...Object.fromEntries(
    Object.entries(CELL_FINDINGS).map(([name, of]): [string, Compute] => [
      name,
      ({ cells }, policy) => of(cells, policy),
    ]),
  ),
});

/** The findings of these measures on two samples of numbers; a name of another kind of column is left out. */
export function numberFindings(names: readonly MeasureName[], pair: NumberPair, policy: JudgePolicy): Finding[] {
  return names.flatMap((name) => TABLE[name]?.(pair, policy) ?? []);
}
