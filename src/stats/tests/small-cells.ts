export type PooledCells = {
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** How many cells were put together into the last one; 0 when none had to be. */
  readonly pooled: number;
};

/** Cochran (1954): no expected count below 1, and at most a fifth of them below 5. */
function satisfiesCochran(totals: readonly number[], smallerShare: number, largerShare: number): boolean {
  let below5 = 0;
  for (const total of totals) {
    if (total * smallerShare < 1) return false;
    if (total * smallerShare < 5) below5++;
    if (total * largerShare < 5) below5++;
  }
  return below5 <= 0.2 * 2 * totals.length;
}

/**
 * Makes a 2 x k table fit for the chi-square law: while Cochran's conditions do not hold, the cells with the
 * smallest totals are put together into one. Cells empty on both sides are dropped. A table that fits is
 * returned as it is. When even two cells do not fit, what is left is one cell, and no test is possible.
 * Cost O(k²).
 */
export function poolSmallCells(x: ArrayLike<number>, y: ArrayLike<number>): PooledCells {
  const cells: { x: number; y: number }[] = [];
  let n = 0;
  let m = 0;
  for (let i = 0; i < x.length; i++) {
    n += x[i]!;
    m += y[i]!;
    if (x[i]! + y[i]! > 0) cells.push({ x: x[i]!, y: y[i]! });
  }
  const shareX = n / (n + m);
  const small = Math.min(shareX, 1 - shareX);
  const large = Math.max(shareX, 1 - shareX);
  if (cells.length < 2 || satisfiesCochran(totalsOf(cells), small, large)) return result(cells, 0);
  cells.sort((a, b) => b.x + b.y - (a.x + a.y) || b.x - a.x);
  const pool = { x: 0, y: 0 };
  for (let pooled = 1; cells.length > 0; pooled++) {
    const smallest = cells.pop()!;
    pool.x += smallest.x;
    pool.y += smallest.y;
    if (pooled > 1 && satisfiesCochran(totalsOf([...cells, pool]), small, large)) {
      return result([...cells, pool], pooled);
    }
  }
  return result([pool], x.length);
}

function totalsOf(cells: readonly { x: number; y: number }[]): number[] {
  return cells.map((cell) => cell.x + cell.y);
}

function result(cells: readonly { x: number; y: number }[], pooled: number): PooledCells {
  return { x: cells.map((cell) => cell.x), y: cells.map((cell) => cell.y), pooled };
}
