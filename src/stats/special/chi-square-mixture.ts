/**
 * The law of Q = Σ λ_j χ²₁ for falling, distinct λ_j > 0, given by its Fredholm determinant D(u) = Π (1 - u λ_j)
 * and the zeros of D, κ_j = 1 / λ_j.
 */
export type ChiSquareMixture = {
  /** κ_j for j = 1, 2, …; undefined past the last one. Asked for in order. */
  readonly zero: (j: number) => number | undefined;
  /** |D(u)| for u = `from` + `above` between two zeros; `above` and `below` are its distances to them, kept exact. */
  readonly determinant: (place: Place) => number;
  /** The same of many u between the same two zeros at once, where that is quicker; value for value the same numbers. */
  readonly determinants?: (us: Float64Array) => Float64Array;
};

/** A point between the zeros `from` and `to`, with its distance to each. */
type Place = { readonly u: number; readonly j: number; readonly above: number; readonly below: number };

/** Nodes of the midpoint rule at θ: by how much of the half length they lie above and below the two zeros, and sin θ. */
type Nodes = {
  /** How many there are with those of the coarser rules. */
  readonly count: number;
  readonly above: Float64Array;
  readonly below: Float64Array;
  readonly sine: Float64Array;
};

/** Of the coarsest rule; each finer one has three times as many, and has the nodes of the one before among its own. */
const COARSEST = 8;
const RULES: readonly Nodes[] = [0, 1, 2, 3, 4].map(addedNodes);
/** The midpoint rule converges exponentially here, so that a rule with a third of the nodes errs by the third root. */
const SETTLED = 1e-7;
/** x times the half length from which on all that counts lies so near the lower zero that the upper one is not felt. */
const NARROW = 80;

function addedNodes(level: number): Nodes {
  const count = COARSEST * 3 ** level;
  const places = Array.from({ length: count }, (_, i) => i).filter((i) => level === 0 || i % 3 !== 1);
  const halves = places.map((i) => (Math.PI * (i + 0.5)) / (2 * count));
  return {
    count,
    above: Float64Array.from(halves, (half) => 2 * Math.sin(half) ** 2),
    below: Float64Array.from(halves, (half) => 2 * Math.cos(half) ** 2),
    sine: Float64Array.from(halves, (half) => Math.sin(2 * half)),
  };
}

/**
 * P(Q > x) by Smirnov's (1936) alternating series Σ (-1)^(k+1)/π ∫ e^(-xu/2) / (u √|D(u)|) du over the intervals
 * [κ_(2k-1), κ_2k]. Each term is positive and falls like e^(-x κ / 2), so the first one gives a far tail to its last
 * digits, where 1 - P(Q <= x) would be noise. With u = c - r cos θ the inverse roots at both ends vanish.
 * Cost some 24 to 72 determinants an interval; few intervals unless x is far below the mean.
 */
export function mixtureTail(law: ChiSquareMixture, x: number): number {
  if (x <= 0) return 1;
  let sum = 0;
  for (let j = 1; j < 2_000; j += 2) {
    const from = law.zero(j);
    if (from === undefined) break;
    const to = law.zero(j + 1) ?? Number.POSITIVE_INFINITY;
    const interval = { x, from, to, j };
    const term = x * (to - from) > 2 * NARROW ? narrowTerm(law, interval) : wideTerm(law, interval);
    sum += (j % 4 === 1 ? 1 : -1) * term;
    if (term < 1e-17 * Math.abs(sum) || term === 0) break;
  }
  return Math.min(1, Math.max(0, sum / Math.PI));
}

/** `to`: infinite past the last zero. */
type Interval = { readonly x: number; readonly from: number; readonly to: number; readonly j: number };

/** By ever finer rules, until one says what the one before it said. */
function wideTerm(law: ChiSquareMixture, interval: Interval): number {
  let sum = 0;
  let last = Number.NaN;
  for (const nodes of RULES) {
    sum += sumAt(law, interval, nodes);
    const term = (sum * Math.PI) / nodes.count;
    if (Math.abs(term - last) <= SETTLED * term) return term;
    last = term;
  }
  return last;
}

function sumAt(law: ChiSquareMixture, { x, from, to, j }: Interval, { above, below, sine }: Nodes): number {
  const r = (to - from) / 2;
  const us = above.map((part) => from + r * part);
  const known = law.determinants?.(us);
  let sum = 0;
  for (let i = 0; i < us.length; i++) {
    const u = us[i]!;
    const place = { u, j, above: r * above[i]!, below: r * below[i]! };
    const root = Math.sqrt(known === undefined ? law.determinant(place) : known[i]!);
    sum += (Math.exp(-(x * u) / 2) / (u * root)) * r * sine[i]!;
  }
  return sum;
}

/** Where e^(-xu/2) is gone before the next zero comes: u = κ (1 + w²), w from 0 on. */
function narrowTerm(law: ChiSquareMixture, { x, from, to, j }: Interval): number {
  const step = Math.min(0.05, 0.25 / Math.sqrt(x * from));
  let sum = 0;
  for (let i = 0; i < 20_000; i++) {
    const w = (i + 0.5) * step;
    const above = from * w * w;
    const u = from * (1 + w * w);
    const root = Math.sqrt(law.determinant({ u, j, above, below: to - u }));
    const value = (Math.exp(-(x * u) / 2) / (u * root)) * 2 * from * w;
    sum += value;
    // Also where the whole of it is too small for a double.
    if (value <= 1e-18 * sum) break;
  }
  return sum * step;
}
