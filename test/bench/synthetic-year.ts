import type { CategoryColumn, Column, NumberColumn } from '../../src/stats/column.ts';
import { normalDeviate } from '../../src/stats/sampling/normal-deviate.ts';
import { type Uniform, xoshiro128 } from '../../src/stats/sampling/xoshiro128.ts';

/**
 * A log with the seasons of a day and of a week and no drift, and the changes that may be put into it. 18 columns are
 * numbers, 12 are texts; every one has its own seasons.
 */
const NUMBERS = 18;
const TEXTS = 12;
const CATEGORIES = ['a', 'b', 'c', 'd', 'e'];
const NEW_CATEGORY = 'new';

export const COLUMN_NAMES: readonly string[] = [
  ...Array.from({ length: NUMBERS }, (_, i) => `number ${i}`),
  ...Array.from({ length: TEXTS }, (_, i) => `text ${i}`),
];

/**
 * What changes in which column; `strength` of the change in this window. `correlation`: with the column before it, each
 * of the two being distributed as ever. `slice`: the mean of 3 % of the rows.
 */
export type Change = {
  readonly kind: 'mean' | 'variance' | 'new category' | 'vanished category' | 'missing' | 'correlation' | 'slice';
  readonly column: number;
  readonly strength: number;
};

/** What each column is like, from a seed: how far its day and its weekend move it. */
export type World = {
  readonly day: readonly number[];
  readonly phase: readonly number[];
  readonly weekend: readonly number[];
};

export function makeWorld(seed: number): World {
  const random = xoshiro128(seed);
  const each = (of: () => number): number[] => COLUMN_NAMES.map(of);
  return { day: each(random), phase: each(() => 24 * random()), weekend: each(() => 0.5 * random()) };
}

export type HoursAt = { readonly from: number; readonly to: number };

/** Hours are counted from a Monday's midnight. */
const isWeekend = (hour: number): boolean => Math.floor(hour / 24) % 7 >= 5;

/** By day there is four times as much traffic as by night. */
const traffic = (hour: number): number => 1 - 0.6 * Math.cos((2 * Math.PI * ((hour % 24) - 2)) / 24);

/** The hours of the rows that `rowsOf` makes from the same seed. */
export function hoursOf(span: HoursAt, rows: number, seed: number): Float64Array {
  const random = xoshiro128(seed);
  return Float64Array.from({ length: rows }, () => drawHour(span, random));
}

/** The rows of some hours, as columns in the order of `COLUMN_NAMES`. */
export function rowsOf(
  world: World,
  span: HoursAt,
  rows: number,
  given: { readonly seed: number; readonly change?: Change | undefined },
): Column[] {
  const random = xoshiro128(given.seed);
  const hours = Float64Array.from({ length: rows }, () => drawHour(span, random));
  const before = new Float64Array(rows);
  return COLUMN_NAMES.map((_, column) => {
    const change = given.change?.column === column ? given.change : undefined;
    return column < NUMBERS
      ? numberColumn(world, column, hours, { random, change, before })
      : textColumn(world, column, hours, { random, change });
  });
}

function drawHour({ from, to }: HoursAt, random: Uniform): number {
  for (;;) {
    const hour = from + (to - from) * random();
    if (random() * 1.6 < traffic(hour)) return hour;
  }
}

/** Where the season has a column at an hour, about 0 on average. */
function seasonOf({ day, phase, weekend }: World, column: number, hour: number): number {
  const daily = (day[column] ?? 0) * Math.sin((2 * Math.PI * (hour - (phase[column] ?? 0))) / 24);
  return daily + (isWeekend(hour) ? (weekend[column] ?? 0) : 0);
}

type Chance = { readonly random: Uniform; readonly change: Change | undefined };

const SLICE_SHARE = 0.03;

/** `before`: how the column before this one deviates in each row, and then how this one does. */
function numberColumn(
  world: World,
  column: number,
  hours: Float64Array,
  { random, change, before }: Chance & { readonly before: Float64Array },
): NumberColumn {
  const length = hours.length;
  const correlation = change?.kind === 'correlation' ? change.strength : 0;
  const slice = change?.kind === 'slice' ? change.strength : 0;
  const mean = change?.kind === 'mean' ? change.strength : 0;
  const deviation = change?.kind === 'variance' ? change.strength : 1;
  const missing = (column % 3 === 0 ? 0.02 : 0) + (change?.kind === 'missing' ? change.strength : 0);
  const valid = new Uint8Array((length + 7) >> 3);
  const values = hours.map((hour, row) => {
    const own = Math.sqrt(1 - correlation ** 2) * normalDeviate(random) + correlation * (before[row] ?? 0);
    before[row] = own;
    const inSlice = slice !== 0 && random() < SLICE_SHARE;
    const value = seasonOf(world, column, hour) + mean + (inSlice ? slice : 0) + deviation * own;
    if (random() >= missing) valid[row >> 3] = (valid[row >> 3] ?? 0) | (1 << (row & 7));
    return value;
  });
  return { kind: 'number', type: 'float64', length, values, valid: missing === 0 ? null : valid, exact: null };
}

function textColumn(world: World, column: number, hours: Float64Array, { random, change }: Chance): CategoryColumn {
  const dictionary = [...CATEGORIES, NEW_CATEGORY];
  const codes = Int32Array.from(hours, (hour) => {
    if (change?.kind === 'new category' && random() < change.strength) return CATEGORIES.length;
    const weights = CATEGORIES.map((_, i) => (5 - i) * Math.exp(0.3 * (i - 2) * seasonOf(world, column, hour)));
    // The one that vanishes is the second most frequent.
    if (change?.kind === 'vanished category') weights[1] = (weights[1] ?? 0) * (1 - change.strength);
    let left = random() * weights.reduce((sum, weight) => sum + weight, 0);
    return Math.max(
      0,
      weights.findIndex((weight) => {
        left -= weight;
        return left < 0;
      }),
    );
  });
  return { kind: 'category', type: 'text', length: hours.length, codes, dictionary };
}
