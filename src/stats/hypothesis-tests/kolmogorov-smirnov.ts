import { logGamma } from '../special/gamma.ts';
import { kolmogorovTail } from '../special/kolmogorov.ts';
import { type PooledBlock, type PooledTwin, type PooledVisitor, walkPooled } from '../summaries/pooled-blocks.ts';
import { insideTail, oneSidedSquareTail, oneSidedTail, squareTail } from './lattice-paths.ts';

/** Up to this size on both sides the p-value is counted exactly (SciPy's rule). */
const LARGEST_EXACT = 10_000;
/** ln of the largest double. */
const LOG_LARGEST = 709.782712893384;

/** `greater`: the first sample's distribution function lies above somewhere (its values are smaller); `less`: below. */
type KolmogorovSmirnovAlternative = 'two-sided' | 'greater' | 'less';

export type KolmogorovSmirnovOptions = {
  readonly alternative?: KolmogorovSmirnovAlternative;
  /** `auto`: exact where SciPy is. */
  readonly method?: 'auto' | 'exact' | 'asymptotic';
};

export type KolmogorovSmirnov = {
  /** Largest difference of the two distribution functions: absolute, or in the direction of the alternative. */
  readonly d: number;
  /** A value at which the difference is largest. */
  readonly location: number;
  /** 1 where the first sample's distribution function lies above (its values are smaller), else -1. */
  readonly sign: 1 | -1;
  readonly p: number;
  readonly mode: 'exact' | 'asymptotic';
};

type Difference = Pick<KolmogorovSmirnov, 'd' | 'location' | 'sign'>;

/** The largest differences of two distribution functions either way. */
export class LargestDifferences implements PooledVisitor {
  /** Rows of each side. */
  readonly n: number;
  readonly m: number;
  /** The largest difference above and where it is, then the same below. */
  readonly #sums = Float64Array.of(0, Number.NaN, 0, Number.NaN);
  readonly twin: PooledTwin = { name: 'differences', sums: this.#sums };

  constructor({ n, m }: Sizes) {
    this.n = n;
    this.m = m;
  }

  add({ length, values, difference }: PooledBlock): void {
    const sums = this.#sums;
    let [above, below] = [sums[0]!, sums[2]!];
    let [aboveAt, belowAt] = [-1, -1];
    for (let k = 0; k < length; k++) {
      const d = difference[k]!;
      if (d > above) {
        above = d;
        aboveAt = k;
      } else if (-d > below) {
        below = -d;
        belowAt = k;
      }
    }
    // Where the functions never differ, the first value is as good a place as any.
    if (Number.isNaN(sums[1]!)) [sums[1], sums[3]] = [values[0]!, values[0]!];
    if (aboveAt >= 0) [sums[0], sums[1]] = [above, values[aboveAt]!];
    if (belowAt >= 0) [sums[2], sums[3]] = [below, values[belowAt]!];
  }

  largest(alternative: KolmogorovSmirnovAlternative): Difference {
    const sums = this.#sums;
    const [above, below] = [
      { d: sums[0]!, location: sums[1]! },
      { d: sums[2]!, location: sums[3]! },
    ];
    const down = alternative === 'less' || (alternative === 'two-sided' && below.d > above.d);
    return down ? { ...below, sign: -1 } : { ...above, sign: 1 };
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  let x = a;
  let y = b;
  while (y > 0) [x, y] = [y, x % y];
  return x;
}

/** To the nearest integer, halves to the even one. */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

function clip(p: number): number {
  return Math.min(1, Math.max(0, p));
}

type Sizes = { readonly n: number; readonly m: number };

function exactResult(
  difference: Difference,
  { n, m }: Sizes,
  alternative: KolmogorovSmirnovAlternative,
): KolmogorovSmirnov | null {
  const g = greatestCommonDivisor(n, m);
  const lcm = (n / g) * m;
  const h = roundHalfEven(difference.d * lcm);
  const d = h / lcm;
  if (h === 0) return { ...difference, d, p: 1, mode: 'exact' };
  const p = alternative === 'two-sided' ? twoSidedTail({ n, m, g, h }) : upwardTail({ n, m, g, h });
  // Nearly equal samples of one size: rounding may leave more than 1, and then SciPy takes the asymptotic law too.
  return p <= 1 ? { ...difference, d, p, mode: 'exact' } : null;
}

type Lattice = Sizes & { readonly g: number; readonly h: number };

const twoSidedTail = (lattice: Lattice): number =>
  lattice.n === lattice.m ? squareTail(lattice.n, lattice.h) : insideTail(lattice);

const upwardTail = (lattice: Lattice): number =>
  lattice.n === lattice.m ? oneSidedSquareTail(lattice.n, lattice.h) : oneSidedTail(lattice);

/** Hodges' (1958, equation 5.3) approximation of the one-sided tail, the larger sample first. */
function hodgesTail(d: number, { n, m }: Sizes): number {
  const large = Math.max(n, m);
  const small = Math.min(n, m);
  const z = Math.sqrt((n * m) / (n + m)) * d;
  return Math.exp(-2 * z * z - (2 * z * (large + 2 * small)) / Math.sqrt(n * m * (n + m)) / 3);
}

/** SciPy counts paths as they are for one side of unequal samples, and gives up where their number overflows. */
function countable({ n, m }: Sizes, alternative: KolmogorovSmirnovAlternative): boolean {
  if (Math.max(n, m) > LARGEST_EXACT) return false;
  if (alternative === 'two-sided' || n === m) return true;
  return logGamma(n + m + 1) - logGamma(n + 1) - logGamma(m + 1) < LOG_LARGEST;
}

/** Pairs of rows up to which the paths to one distance are counted at once: some milliseconds. */
const MOST_PAIRS = 4_000_000;

/**
 * P(D >= d) of the two-sided test for samples of these sizes, where the samples themselves are not there: counted where the
 * test counts too and that costs little, else by the finite-n tail. A distance between two that are possible has
 * the probability of one of them. Cost O(n m) at most.
 */
export function kolmogorovSmirnovTail(d: number, { n, m }: Sizes): number {
  if (n * m <= MOST_PAIRS && countable({ n, m }, 'two-sided')) {
    const exact = exactResult({ d, location: Number.NaN, sign: 1 }, { n, m }, 'two-sided');
    if (exact !== null) return exact.p;
  }
  return asymptoticTail(d, { n, m });
}

function asymptoticTail(d: number, { n, m }: Sizes): number {
  return clip(kolmogorovTail(Math.max(1, roundHalfEven((n * m) / (n + m))), d));
}

/**
 * The two-sample Kolmogorov-Smirnov test on two sorted, non-empty samples without NaN (infinities take part with
 * their rank), by SciPy's rules for `ks_2samp`: counted exactly when both sides have at most 10,000 rows, else the
 * finite-n Kolmogorov tail at round(n m / (n + m)), or Hodges' approximation for one side. With ties the p-value is
 * conservative. Cost O(n + m), and O(n m) at most for an exact p.
 */
export function kolmogorovSmirnov(
  x: Float64Array,
  y: Float64Array,
  options: KolmogorovSmirnovOptions = {},
): KolmogorovSmirnov {
  const differences = new LargestDifferences({ n: x.length, m: y.length });
  walkPooled(x, y, [differences]);
  return kolmogorovSmirnovOf(differences, options);
}

/** The same of samples that were gone through before. */
export function kolmogorovSmirnovOf(
  differences: LargestDifferences,
  options: KolmogorovSmirnovOptions = {},
): KolmogorovSmirnov {
  const { alternative = 'two-sided', method = 'auto' } = options;
  const { n, m } = differences;
  const difference = differences.largest(alternative);
  if (method === 'exact' || (method === 'auto' && countable({ n, m }, alternative))) {
    const exact = exactResult(difference, { n, m }, alternative);
    if (exact !== null) return exact;
  }
  const p =
    alternative === 'two-sided' ? asymptoticTail(difference.d, { n, m }) : clip(hodgesTail(difference.d, { n, m }));
  return { ...difference, p, mode: 'asymptotic' };
}
