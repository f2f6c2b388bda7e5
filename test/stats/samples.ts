import { readFileSync } from 'node:fs';

export const GOLDEN = 0.6180339887498949;
export const PLASTIC = 0.7548776662466927;
const SILVER = 0.4142135623730951;
const PRIMES = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37];

export type SampleSpec = {
  readonly n: number;
  readonly kind?: 'normal' | 'heavy';
  readonly plastic?: boolean;
  readonly offset?: number;
  readonly shift?: number;
  readonly scale?: number;
  readonly square?: boolean;
  readonly levels?: number;
  /** Share of zeros. */
  readonly zeros?: number;
};

/** The fractional part of `i * alpha`: evenly spread numbers that any language computes to the same bits. */
export function weyl(i: number, alpha: number): number {
  const x = i * alpha;
  return x - Math.floor(x);
}

/** Nearly normal: twelve uniforms, added in this order. */
function normal(i: number): number {
  return PRIMES.reduce((sum, prime) => sum + weyl(i, Math.sqrt(prime)), -6);
}

function base(i: number, { kind, plastic }: SampleSpec): number {
  if (kind === 'normal') return normal(i);
  const u = weyl(i, plastic ? PLASTIC : GOLDEN);
  return kind === 'heavy' ? 1 / (1 - u) : u;
}

/** Twin of `sample` in test/fixtures/stats/samples.py. */
export function sample(spec: SampleSpec): Float64Array {
  return Float64Array.from({ length: spec.n }, (_, index) => {
    const i = index + 1 + (spec.offset ?? 0);
    let x = (spec.shift ?? 0) + (spec.scale ?? 1) * base(i, spec);
    if (spec.square) x = x * x;
    if (spec.levels !== undefined) x = Math.floor(x * spec.levels) / spec.levels;
    return spec.zeros !== undefined && weyl(i, SILVER) < spec.zeros ? 0 : x;
  });
}

export function setA(): { reference: Float64Array; current: Float64Array } {
  return {
    reference: Float64Array.from({ length: 1000 }, (_, i) => -Math.log(1 - weyl(i + 1, GOLDEN))),
    current: Float64Array.from({ length: 800 }, (_, i) => 0.05 - 1.15 * Math.log(1 - weyl(i + 1, PLASTIC))),
  };
}

type Ks = { readonly d: number; readonly p: number };

export type ReferenceValues = {
  readonly setA: { ks: Ks; asymptotic: Ks; wasserstein: number; populationStd: number; psiDeciles: number };
  readonly pairs: readonly {
    x: SampleSpec;
    y: SampleSpec;
    sumX: number;
    ks: Ks;
    asymptotic: Ks;
    wasserstein: number;
    wassersteinStd: number;
    deciles: number[];
    window: number[];
    psi: number;
    js2: number;
  }[];
  readonly kolmogorov: readonly [n: number, d: number, p: number][];
  readonly gammaQ: readonly [a: number, x: number, q: number][];
  readonly tables: readonly {
    x: number[];
    y: number[];
    statistic: number;
    df: number;
    p: number;
    js2: number;
    psi: number;
    lInfinity: number;
  }[];
  readonly quantiles: readonly {
    x: SampleSpec;
    quantiles: [number, number][];
    mean: number;
    variance?: number;
    populationStd?: number;
    skewness?: number;
    kurtosis?: number;
  }[];
  readonly chiSquareQuantiles: readonly [df: number, tail: number, x: number][];
  readonly benjaminiHochberg: readonly { p: number[]; q: number[] }[];
  readonly classification: {
    auc: number;
    brier: number;
    logLoss: number;
    confusion: [number, number, number, number];
    wilson: [number, number];
  };
};

/** What SciPy and NumPy say; written by test/fixtures/stats/generate.py, so its shape is known. */
export const REFERENCE: ReferenceValues = JSON.parse(
  readFileSync(new URL('../fixtures/stats/reference-values.json', import.meta.url), 'utf8'),
);

export function filled<T>(n: number, value: T): T[] {
  return Array.from({ length: n }, () => value);
}

/** |a - b| / |b|, and |a - b| where b is 0. */
export function relativeError(a: number, b: number): number {
  return b === 0 ? Math.abs(a) : Math.abs(a - b) / Math.abs(b);
}
