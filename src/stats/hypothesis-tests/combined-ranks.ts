import { placeOf } from '../summaries/place-of.ts';
import { type PooledVisitor, type WalkPooled, walkPooled } from '../summaries/pooled-blocks.ts';
import { AndersonDarlingSum } from './anderson-darling-integral.ts';
import { cauchyCombination, type WeightedP } from './cauchy-combination.ts';
import { chiSquareContingency } from './chi-square-contingency.ts';
import { MoodSum, VanDerWaerdenSum } from './linear-rank.ts';

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
  if (x.length === 0 || y.length === 0) return null;
  const sums = new CombinedRanksSums(x, y);
  walkPooled(x, y, sums.visitors);
  return sums.finish();
}

/** The same of samples, neither of them empty, that are gone through for other tests as well. */
export class CombinedRanksSums {
  /** What is to see the samples. */
  readonly visitors: readonly PooledVisitor[];
  readonly #x: Float64Array;
  readonly #y: Float64Array;
  readonly #walk: WalkPooled;
  readonly #distribution: AndersonDarlingSum;
  readonly #atom: Atom | null;
  readonly #others: OtherRows;

  /** `walk`: what goes through the rows besides an atom. */
  constructor(x: Float64Array, y: Float64Array, walk: WalkPooled = walkPooled) {
    this.#x = x;
    this.#y = y;
    this.#walk = walk;
    this.#atom = atomOf(x, y);
    this.#distribution = new AndersonDarlingSum(x, y);
    const { x: inX, y: inY } = this.#atom ?? NOWHERE;
    this.#others = new OtherRows(without(x, inX), without(y, inY));
    this.visitors = [this.#distribution, ...(this.#atom === null ? this.#others.visitors : [])];
  }

  /** The test, once all blocks were taken, and asked for once; null when all values are equal. */
  finish(): CombinedRanks | null {
    const whole = this.#distribution.finish();
    if (whole === null) return null;
    const atom = this.#atom;
    if (atom !== null) this.#others.walk(this.#walk);
    const found = {
      ...this.#others.finish(),
      distribution: whole.p,
      atom: atom === null ? null : this.#shareP(atom),
    };
    const weights = atom === null ? { ...WEIGHTS, atom: 0 } : WITH_ATOM;
    const tests: WeightedP[] = [];
    for (const name of ['location', 'spread', 'distribution', 'atom'] as const) {
      const p = found[name];
      if (p !== null) tests.push({ p, weight: weights[name] });
    }
    return { p: cauchyCombination(tests), ...found, atomValue: atom === null ? null : atom.value };
  }

  #shareP({ x, y }: Atom): number {
    const [inX, inY] = [rowsIn(x), rowsIn(y)];
    return chiSquareContingency([inX, this.#x.length - inX], [inY, this.#y.length - inY])?.p ?? 1;
  }
}

/** The tests of the rows besides an atom, of all rows where there is none. */
class OtherRows {
  readonly visitors: readonly PooledVisitor[];
  readonly #x: Float64Array;
  readonly #y: Float64Array;
  readonly #location: VanDerWaerdenSum;
  readonly #spread: MoodSum;

  constructor(x: Float64Array, y: Float64Array) {
    this.#x = x;
    this.#y = y;
    this.#location = new VanDerWaerdenSum(x, y);
    this.#spread = new MoodSum(x, y);
    this.visitors = this.#enough ? [this.#location, this.#spread] : [];
  }

  get #enough(): boolean {
    return Math.min(this.#x.length, this.#y.length) >= LEAST_ROWS;
  }

  walk(walk: WalkPooled): void {
    walk(this.#x, this.#y, this.visitors);
  }

  finish(): Pick<CombinedRanks, 'location' | 'spread'> {
    if (!this.#enough) return { location: null, spread: null };
    return { location: this.#location.finish()?.p ?? null, spread: this.#spread.finish()?.p ?? null };
  }
}

/** Rows of a sorted sample, from the first to the one behind the last. */
type Run = readonly [from: number, to: number];

/** A value and its rows on both sides. */
type Atom = { readonly value: number; readonly x: Run; readonly y: Run };

const NOWHERE = { x: [0, 0], y: [0, 0] } as const;

const rowsIn = ([from, to]: Run): number => to - from;

/** So many rows of a side apart lies at least one of a value that has a tenth of them. */
const STEPS = Math.ceil(2 / ATOM_SHARE);

/** The value with the most rows, the smallest of several, when they are many. Cost O(log N). */
function atomOf(x: Float64Array, y: Float64Array): Atom | null {
  let most: Atom | null = null;
  for (const value of Float64Array.from([...spread(x), ...spread(y)]).sort()) {
    if (most?.value === value) continue;
    const found: Atom = { value, x: runOf(x, value), y: runOf(y, value) };
    if (most === null || rowsIn(found.x) + rowsIn(found.y) > rowsIn(most.x) + rowsIn(most.y)) most = found;
  }
  if (most === null || rowsIn(most.x) + rowsIn(most.y) < ATOM_SHARE * (x.length + y.length)) return null;
  return most;
}

function spread(sorted: Float64Array): number[] {
  const step = Math.max(1, Math.floor(sorted.length / STEPS));
  const values: number[] = [];
  for (let i = 0; i < sorted.length; i += step) values.push(sorted[i]!);
  return values;
}

function runOf(sorted: Float64Array, value: number): Run {
  return [placeOf(sorted, (v) => v >= value), placeOf(sorted, (v) => v > value)];
}

function without(sorted: Float64Array, [from, to]: Run): Float64Array {
  if (from === to) return sorted;
  const rest = new Float64Array(sorted.length - (to - from));
  rest.set(sorted.subarray(0, from));
  rest.set(sorted.subarray(to), from);
  return rest;
}
