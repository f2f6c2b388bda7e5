import type { CategoryColumn, NumberColumn } from '../../src/stats/column.ts';
import { normalDeviate } from '../../src/stats/sampling/normal-deviate.ts';
import type { Uniform } from '../../src/stats/sampling/xoshiro128.ts';

export const KINDS = ['normal', 'log-normal', 'zero-inflated', '5 categories', '200 categories'] as const;
export type Kind = (typeof KINDS)[number];

/**
 * What moves, and by how much in units of sqrt(1/n + 1/m): so that a good test sees it in somewhat more than half of the
 * windows, whatever their size.
 */
export type Shift = {
  readonly name: 'location' | 'spread' | 'zeros' | 'one share' | 'all shares';
  readonly size: number;
};

export const SHIFTS: Readonly<Record<Kind, readonly Shift[]>> = {
  normal: [
    { name: 'location', size: 4 },
    { name: 'spread', size: 4.2 },
  ],
  'log-normal': [
    { name: 'location', size: 4 },
    { name: 'spread', size: 4.2 },
  ],
  'zero-inflated': [
    { name: 'location', size: 8 },
    { name: 'zeros', size: 1.9 },
  ],
  '5 categories': [
    { name: 'one share', size: 2 },
    { name: 'all shares', size: 4.8 },
  ],
  '200 categories': [
    { name: 'one share', size: 1 },
    { name: 'all shares', size: 8.5 },
  ],
};

const ZEROS = 0.7;

/** Rows of a column of that kind; `shift` is how far it has moved, 0 for not at all. */
export function drawColumn(
  kind: Kind,
  rows: number,
  {
    random,
    moved,
  }: { readonly random: Uniform; readonly moved: { readonly name: Shift['name']; readonly by: number } | null },
): NumberColumn | CategoryColumn {
  const by = (name: Shift['name']): number => (moved?.name === name ? moved.by : 0);
  if (kind === '5 categories' || kind === '200 categories') {
    const shares = sharesOf(kind === '5 categories' ? 5 : 200);
    return drawCategories(movedShares(shares, by('one share'), by('all shares')), rows, random);
  }
  const deviate = (): number => (1 + by('spread')) * normalDeviate(random) + by('location');
  const zeros = ZEROS + by('zeros');
  const values = Float64Array.from({ length: rows }, () => {
    if (kind === 'normal') return deviate();
    return kind === 'zero-inflated' && random() < zeros ? 0 : Math.exp(deviate());
  });
  return { kind: 'number', type: 'float64', length: rows, values, valid: null, exact: null };
}

/** Falling shares, as categories have. */
function sharesOf(count: number): Float64Array {
  const weights = Float64Array.from({ length: count }, (_, k) => 1 / (k + 2));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

/** Mass to the second category from all others; and every share by a factor of its own, the same in every run. */
function movedShares(shares: Float64Array, one: number, all: number): Float64Array {
  const factors = shares.map((share, k) => share * Math.exp(all * Math.SQRT2 * Math.cos(2.4 * (k + 1))));
  const sum = factors.reduce((a, b) => a + b, 0);
  return factors.map((weight, k) => (weight / sum) * (1 - one) + (k === 1 ? one : 0));
}

function drawCategories(shares: Float64Array, rows: number, random: Uniform): CategoryColumn {
  const ends = new Float64Array(shares.length);
  let sum = 0;
  for (let k = 0; k < shares.length; k++) {
    sum += shares[k] ?? 0;
    ends[k] = sum;
  }
  const codes = Int32Array.from({ length: rows }, () => firstAbove(ends, random() * sum));
  const dictionary = Array.from(shares, (_, k) => `c${k}`);
  return { kind: 'category', type: 'text', length: rows, codes, dictionary };
}

function firstAbove(ends: Float64Array, x: number): number {
  let low = 0;
  let high = ends.length - 1;
  while (low < high) {
    const mid = (low + high) >> 1;
    if ((ends[mid] ?? 0) > x) high = mid;
    else low = mid + 1;
  }
  return low;
}
