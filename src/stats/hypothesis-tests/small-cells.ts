export type PooledCells = {
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** How many cells were put together into the last one; 0 when none had to be. */
  readonly pooled: number;
};

type Cell = { readonly x: number; readonly y: number };

/** What Cochran's conditions need to know: the samples' shares of the rows, the smaller first. */
type Shares = readonly [small: number, large: number];

/**
 * Cochran (1954): no expected count below 1, and at most a fifth of them below 5, for the first `count` of cells
 * sorted by falling total, and a pool of `pool` rows (0 for none).
 */
function satisfiesCochran(
  totals: ArrayLike<number>,
  shares: Shares,
  options: { count: number; pool: number },
): boolean {
  const { count, pool } = options;
  const [small] = shares;
  const least = Math.min(pool > 0 ? pool : Number.POSITIVE_INFINITY, count > 0 ? totals[count - 1]! : pool);
  if (least * small < 1) return false;
  let below5 = 0;
  for (const share of shares) {
    below5 += Math.max(0, count - firstBelow(totals, 5 / share));
    if (pool > 0 && pool * share < 5) below5++;
  }
  return below5 <= 0.2 * 2 * (count + (pool > 0 ? 1 : 0));
}

/** How many of the falling totals are at least `limit`. */
function firstBelow(totals: ArrayLike<number>, limit: number): number {
  let low = 0;
  let high = totals.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (totals[mid]! >= limit) low = mid + 1;
    else high = mid;
  }
  return low;
}

/** Whether the chi-square law needs cells of this table put together, at least two of which have a row. Cost O(k log k). */
export function hasSmallCells(x: ArrayLike<number>, y: ArrayLike<number>): boolean {
  const totals = new Float64Array(x.length);
  let [n, m, count] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    n += x[i]!;
    m += y[i]!;
    if (x[i]! + y[i]! > 0) totals[count++] = -(x[i]! + y[i]!);
  }
  const falling = totals.subarray(0, count).sort().map(Math.abs);
  return count >= 2 && !satisfiesCochran(falling, sharesOf(n, m), { count, pool: 0 });
}

const sharesOf = (n: number, m: number): Shares => [Math.min(n, m) / (n + m), Math.max(n, m) / (n + m)];

/**
 * Makes a 2 x k table fit for the chi-square law: while Cochran's conditions do not hold, the cells with the
 * smallest totals are put together into one. Cells empty on both sides are dropped. A table that fits is
 * returned as it is. When even two cells do not fit, what is left is one cell, and no test is possible. Which
 * cells are put together depends on their totals alone, so that the law keeps its level. Cost O(k log k).
 */
export function poolSmallCells(x: ArrayLike<number>, y: ArrayLike<number>): PooledCells {
  const cells: Cell[] = [];
  let n = 0;
  let m = 0;
  for (let i = 0; i < x.length; i++) {
    n += x[i]!;
    m += y[i]!;
    if (x[i]! + y[i]! > 0) cells.push({ x: x[i]!, y: y[i]! });
  }
  const shares = sharesOf(n, m);
  const sorted = cells.toSorted((a, b) => b.x + b.y - (a.x + a.y) || b.x - a.x);
  const totals = sorted.map((cell) => cell.x + cell.y);
  if (cells.length < 2 || satisfiesCochran(totals, shares, { count: cells.length, pool: 0 })) return result(cells, 0);
  let pool: Cell = { x: 0, y: 0 };
  for (let count = sorted.length - 1; count >= 0; count--) {
    const smallest = sorted[count]!;
    pool = { x: pool.x + smallest.x, y: pool.y + smallest.y };
    const pooled = sorted.length - count;
    if (satisfiesCochran(totals, shares, { count, pool: pool.x + pool.y })) {
      return result([...sorted.slice(0, count), pool], pooled);
    }
  }
  return result([pool], cells.length);
}

function result(cells: readonly Cell[], pooled: number): PooledCells {
  return { x: cells.map((cell) => cell.x), y: cells.map((cell) => cell.y), pooled };
}
