import type { CategoryProfile, NumberProfile, TopValues } from '../profile.ts';
import { type Bounded, boundedAt, type CumulativeBounds } from '../summaries/cumulative-bounds.ts';

const exactly = (value: number): Bounded => ({ lower: value, value, upper: value });

/** What lies between two points of a distribution function. */
function between(from: Bounded, to: Bounded): Bounded {
  return {
    lower: Math.max(0, to.lower - from.upper),
    value: Math.max(0, to.value - from.value),
    upper: Math.max(0, to.upper - from.lower),
  };
}

/** Rows without a usable number. */
export function missingNumbers(profile: NumberProfile): number {
  return profile.nulls + profile.nan;
}

/**
 * Shares of all rows on the edges that the reference's profile stores: below the first, in each right-closed bin
 * (the first holds its lower edge too), above the last, missing. As `numberBins` counts them from the data. `bounds` are
 * the profile's.
 */
export function numberCells(profile: NumberProfile, edges: readonly number[], bounds: CumulativeBounds): Bounded[] {
  const filled = profile.rows === 0 ? 0 : bounds.n / profile.rows;
  const cells = sharesOnEdges(bounds, edges).map(({ lower, value, upper }) => ({
    lower: lower * filled,
    value: value * filled,
    upper: upper * filled,
  }));
  return [...cells, exactly(profile.rows === 0 ? 0 : missingNumbers(profile) / profile.rows)];
}

function sharesOnEdges(bounds: CumulativeBounds, edges: readonly number[]): Bounded[] {
  const [first] = edges;
  if (bounds.n === 0) return Array.from({ length: edges.length + 1 }, () => exactly(0));
  if (first === undefined) return [exactly(1)];
  const { below, through } = bounds.along(new Float64Array(edges));
  const cuts = [boundedAt(below, 0), ...edges.slice(1).map((_, i) => boundedAt(through, i + 1)), exactly(1)];
  return cuts.map((cut, i) => between(i === 0 ? exactly(0) : cuts[i - 1]!, cut));
}

/** Rows of both sides in the same cells. */
export type TextCells = {
  readonly labels: readonly string[];
  readonly r: readonly number[];
  readonly w: readonly number[];
  /** Every text of either side has a cell and every count is the data's own. */
  readonly exact: boolean;
  /** The mean of both sides' shares of rows that lie in the cell of other texts: its weight in a divergence. */
  readonly others: number;
};

/**
 * Counts of texts: all of them where both profiles list all of theirs, else those that both list, and one cell for
 * the others. Missing is a cell.
 */
export function textCells(reference: CategoryProfile, current: CategoryProfile): TextCells {
  const r = new Map(reference.top.values.map(({ value, count }) => [String(value), count]));
  const w = new Map(current.top.values.map(({ value, count }) => [String(value), count]));
  const whole = reference.top.complete && current.top.complete;
  const labels = [...new Set([...r.keys(), ...w.keys()])]
    .filter((text) => whole || (r.has(text) && w.has(text)))
    .sort();
  const counts = (side: Map<string, number>, profile: CategoryProfile): number[] => {
    const listed = labels.map((text) => side.get(text) ?? 0);
    const rest = profile.rows - profile.nulls - listed.reduce((sum, count) => sum + count, 0);
    return [...listed, ...(whole ? [] : [rest]), profile.nulls];
  };
  const cells = { r: counts(r, reference), w: counts(w, current) };
  const rest = (side: readonly number[], rows: number): number =>
    whole || rows === 0 ? 0 : side[labels.length]! / rows;
  return {
    labels: [...labels, ...(whole ? [] : ['others']), 'missing'],
    ...cells,
    exact: whole && reference.top.error === 0 && current.top.error === 0,
    others: (rest(cells.r, reference.rows) + rest(cells.w, current.rows)) / 2,
  };
}

/**
 * Rows of the current side whose text the reference does not have; null where the reference does not list all of its texts.
 * Rows that the current side does not list may be of those as far as the reference's texts that it does not list cannot hold
 * all of them.
 */
export function unseenBounds(reference: TopValues, current: TopValues): Bounded | null {
  if (!reference.complete || reference.error > 0) return null;
  const known = new Set(reference.values.map(({ value }) => String(value)));
  let [unseen, met] = [0, 0];
  for (const { value, count } of current.values) {
    if (known.has(String(value))) met++;
    else unseen += count;
  }
  const upper = unseen + current.rest;
  const lower = unseen + Math.max(0, current.rest - (known.size - met) * current.unlisted - met * current.error);
  return { lower, value: (lower + upper) / 2, upper };
}
