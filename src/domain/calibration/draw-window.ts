import { shuffledRows } from '../../stats/sampling/shuffle.ts';
import type { Uniform } from '../../stats/sampling/xoshiro128.ts';
import type { ReferencePeriods } from '../reference/reference-periods.ts';

/** Rows of the reference that are drawn from. */
export const POOL = 20_000;
/** Rows of a window where nothing shows how many it has. */
export const USUAL_ROWS = 1000;

/** How many windows before it a window is compared with, and how far back. */
export type Trailing = { readonly windows: number; readonly offset: number };

type Draw = {
  /** Rows of a window; null while none shows it. */
  readonly windowRows: number | null;
  /** Null where it is the reference itself. */
  readonly trailing: Trailing | null;
  readonly pool: number;
  readonly i: number;
  readonly random: Uniform;
  /** Rows that a window is compared with. */
  readonly against: number;
};

/** Rows of a window, and of what it is held against. */
export type Drawn = {
  readonly taken: Int32Array;
  readonly rest: Int32Array;
  /** The part that all others are held against; null where it is held against others, or is no part. */
  readonly part: Int32Array | null;
  /** Rows of the two sides as they will be judged. */
  readonly against: number;
  readonly wanted: number;
};

/** Draws the i-th window of rows that stand for healthy ones. */
export function drawWindow(periods: ReferencePeriods | null, draw: Draw): Drawn {
  const { pool, i, random, against } = draw;
  const wanted = draw.windowRows ?? USUAL_ROWS;
  if (periods === null) {
    const order = shuffledRows(pool, random);
    const count = Math.max(1, Math.min(wanted, Math.floor(pool / 2)));
    const [taken, rest] = [order.subarray(0, count), order.subarray(count)];
    return { taken, rest, part: null, against: rest.length, wanted: count };
  }
  const trailing = followed(periods, draw.trailing);
  if (trailing !== null) return drawFollowing(periods.parts, trailing, draw);
  const part = periods.parts[i % periods.parts.length] ?? new Int32Array();
  const rest = togetherOf(periods.parts.filter((other) => other !== part));
  const count = Math.min(wanted, POOL);
  // A day of the reference may have fewer rows than one of the log: then its rows are drawn again and again.
  const taken =
    count <= part.length
      ? Int32Array.from(shuffledRows(part.length, random, count), (at) => part[at] ?? 0)
      : Int32Array.from({ length: count }, () => part[Math.floor(random() * part.length)] ?? 0);
  return { taken, rest, part, against, wanted };
}

/** By how much effects count for more than they are: a season is as large in more rows, where what chance gives is smaller. */
export function largerBy({ taken, rest, against, wanted }: Drawn, seen = Number.POSITIVE_INFINITY): number {
  const judged = chance(Math.min(seen, against), Math.min(seen, wanted));
  return Math.max(1, chance(rest.length, taken.length) / judged);
}

const chance = (n: number, m: number): number => Math.sqrt(1 / Math.max(1, n) + 1 / Math.max(1, m));

/** Fewer parts that have others before them show no season. */
const FEWEST_FOLLOWING = 7;

/** The windows before, where parts of the reference are windows and enough of them have so many before them. */
export function followed({ kind, parts }: ReferencePeriods, trailing: Trailing | null): Trailing | null {
  if (trailing === null || kind !== 'window') return null;
  return parts.length - firstFollowing(trailing) >= FEWEST_FOLLOWING ? trailing : null;
}

/** The first window that has so many before it. */
export const firstFollowing = ({ windows, offset }: Trailing): number => windows + offset - 1;

/** A window of the reference and those before it, as they are. */
function drawFollowing(parts: readonly Int32Array[], trailing: Trailing, { i, random, windowRows }: Draw): Drawn {
  const first = firstFollowing(trailing);
  const at = first + (i % (parts.length - first));
  const own = parts[at] ?? new Int32Array();
  const rest = togetherOf(parts.slice(at - first, at - first + trailing.windows));
  const wanted = windowRows ?? own.length;
  const taken =
    wanted < own.length ? Int32Array.from(shuffledRows(own.length, random, wanted), (row) => own[row] ?? 0) : own;
  return { taken, rest, part: null, against: trailing.windows * wanted, wanted };
}

/** The rows of several parts, one after another. */
export function togetherOf(parts: readonly Int32Array[]): Int32Array {
  const rows = new Int32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    rows.set(part, at);
    at += part.length;
  }
  return rows;
}
