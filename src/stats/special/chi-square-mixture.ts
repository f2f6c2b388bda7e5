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

/** Nodes of the midpoint rule between two zeros: it converges exponentially there, also for a factor e^-700. */
const NODES = 400;
/** θ / 2 of each. */
const HALVES = Float64Array.from({ length: NODES }, (_, i) => (Math.PI * (i + 0.5)) / (2 * NODES));

/**
 * P(Q > x) by Smirnov's (1936) alternating series Σ (-1)^(k+1)/π ∫ e^(-xu/2) / (u √|D(u)|) du over the intervals
 * [κ_(2k-1), κ_2k]. Each term is positive and falls like e^(-x κ / 2), so the first one gives a far tail to its last
 * digits, where 1 - P(Q <= x) would be noise. With u = c - r cos θ the inverse roots at both ends vanish.
 * Cost O(intervals · 400) determinants; few intervals unless x is far below the mean.
 */
export function mixtureTail(law: ChiSquareMixture, x: number): number {
  if (x <= 0) return 1;
  let sum = 0;
  for (let j = 1; j < 2_000; j += 2) {
    const from = law.zero(j);
    if (from === undefined) break;
    const to = law.zero(j + 1);
    const term = to === undefined ? lastTerm(law, { x, from, j }) : innerTerm(law, { x, from, to, j });
    sum += (j % 4 === 1 ? 1 : -1) * term;
    if (term < 1e-17 * Math.abs(sum) || term === 0) break;
  }
  return Math.min(1, Math.max(0, sum / Math.PI));
}

type Interval = { readonly x: number; readonly from: number; readonly j: number };

function innerTerm(law: ChiSquareMixture, { x, from, to, j }: Interval & { readonly to: number }): number {
  const r = (to - from) / 2;
  const known = law.determinants?.(HALVES.map((half) => from + 2 * r * Math.sin(half) ** 2));
  let sum = 0;
  for (let i = 0; i < NODES; i++) {
    const half = HALVES[i]!;
    const above = 2 * r * Math.sin(half) ** 2;
    const below = 2 * r * Math.cos(half) ** 2;
    const u = from + above;
    const root = Math.sqrt(known === undefined ? law.determinant({ u, j, above, below }) : known[i]!);
    sum += (Math.exp(-(x * u) / 2) / (u * root)) * r * Math.sin(2 * half);
  }
  return (sum * Math.PI) / NODES;
}

/** Past the last zero, to infinity: u = κ (1 + w²). */
function lastTerm(law: ChiSquareMixture, { x, from, j }: Interval): number {
  const step = Math.min(0.05, 0.25 / Math.sqrt(x * from));
  let sum = 0;
  for (let i = 0; i < 20_000; i++) {
    const w = (i + 0.5) * step;
    const u = from * (1 + w * w);
    const value =
      (Math.exp(-(x * u) / 2) / (u * Math.sqrt(law.determinant({ u, j, above: from * w * w, below: 0 })))) *
      2 *
      from *
      w;
    sum += value;
    if (value < 1e-18 * sum) break;
  }
  return sum * step;
}
