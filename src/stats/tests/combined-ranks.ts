import { type PooledValues, pooledValues } from '../summaries/pooled-values.ts';
import { andersonDarlingOf } from './anderson-darling-integral.ts';
import { cauchyCombination, type WeightedP } from './cauchy-combination.ts';
import { chiSquareContingency } from './chi-square-contingency.ts';
import { mood, vanDerWaerden } from './linear-rank.ts';

export type CombinedRanks = {
  readonly p: number;
  /** The p-values that it is made of; null where a test could not be made. `atom`: of the share of the most frequent value. */
  readonly location: number | null;
  readonly spread: number | null;
  readonly distribution: number | null;
  readonly atom: number | null;
  /** The value that has a share of its own, as zero often does; null where none has. */
  readonly atomValue: number | null;
};

/** The share of all rows from which on one value is looked at on its own. */
const ATOM_SHARE = 0.1;
/** Rows of each side besides an atom that a test of them takes. */
const LEAST_ROWS = 10;

const WEIGHTS = { location: 0.5, spread: 0.2, distribution: 0.3 };
const WITH_ATOM = { atom: 0.3, location: 0.3, spread: 0.15, distribution: 0.25 };

/**
 * Whether two sorted samples without NaN differ in anything: location (van der Waerden), spread (Mood) and the whole
 * distribution function (Anderson-Darling), as one p-value by the Cauchy combination. No one of them sees everything:
 * the distance between two distribution functions hardly notices a change of spread alone. Where one value has a tenth of
 * the rows or more, its share is a fourth test, and location and spread are those of the other rows, which the many
 * equal ones would drown. All of it depends on ranks alone, so that no unit and no transformation matters. Null when a
 * side is empty or all values are equal. Cost O(n + m).
 */
export function combinedRanks(x: Float64Array, y: Float64Array): CombinedRanks | null {
  return x.length === 0 || y.length === 0 ? null : combinedRanksOf(pooledValues(x, y));
}

/** The same of samples that were put together before; null when all values are equal. */
export function combinedRanksOf(pooled: PooledValues): CombinedRanks | null {
  const whole = andersonDarlingOf(pooled);
  if (whole === null) return null;
  const atomAt = atomOf(pooled);
  const rest = atomAt === null ? pooled : without(pooled, atomAt);
  const enough = Math.min(rest.n, rest.m) >= LEAST_ROWS;
  const found = {
    location: enough ? (vanDerWaerden(rest)?.p ?? null) : null,
    spread: enough ? (mood(rest)?.p ?? null) : null,
    distribution: whole.p,
    atom: atomAt === null ? null : shareP(pooled, atomAt),
  };
  const weights = atomAt === null ? { ...WEIGHTS, atom: 0 } : WITH_ATOM;
  const tests: WeightedP[] = [];
  for (const name of ['location', 'spread', 'distribution', 'atom'] as const) {
    const p = found[name];
    if (p !== null) tests.push({ p, weight: weights[name] });
  }
  return { p: cauchyCombination(tests), ...found, atomValue: atomAt === null ? null : pooled.values[atomAt]! };
}

/** The place of the value with the most rows, when they are many. */
function atomOf({ x, y, n, m }: PooledValues): number | null {
  let most = 0;
  for (let k = 1; k < x.length; k++) if (x[k]! + y[k]! > x[most]! + y[most]!) most = k;
  return x[most]! + y[most]! >= ATOM_SHARE * (n + m) ? most : null;
}

function without({ values, x, y, n, m }: PooledValues, at: number): PooledValues {
  const others = <T extends Float64Array | Uint32Array>(of: T): T => {
    const rest = of.slice(0, -1);
    rest.set(of.subarray(at + 1), at);
    return rest as T;
  };
  return { values: others(values), x: others(x), y: others(y), n: n - x[at]!, m: m - y[at]! };
}

function shareP({ x, y, n, m }: PooledValues, at: number): number {
  return chiSquareContingency([x[at]!, n - x[at]!], [y[at]!, m - y[at]!])?.p ?? 1;
}
