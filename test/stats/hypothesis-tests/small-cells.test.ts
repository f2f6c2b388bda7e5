import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasSmallCells, poolSmallCells } from '../../../src/stats/hypothesis-tests/small-cells.ts';

type Cell = readonly [x: number, y: number];

/** Cochran's conditions as they are written, on the expected counts of the whole table. */
function fits(cells: readonly Cell[]): boolean {
  const sum = (side: 0 | 1) => cells.reduce((total, cell) => total + cell[side], 0);
  const [n, m] = [sum(0), sum(1)];
  const expected = cells.flatMap(([x, y]) => [((x + y) * n) / (n + m), ((x + y) * m) / (n + m)]);
  return expected.every((count) => count >= 1) && expected.filter((count) => count < 5).length <= 0.2 * expected.length;
}

/** The table with as few of its smallest cells together as make it fit; all of them where none does. */
function pooled(cells: readonly Cell[]): { readonly cells: readonly Cell[]; readonly pooled: number } {
  const used = cells.filter(([x, y]) => x + y > 0);
  if (used.length < 2 || fits(used)) return { cells: used, pooled: 0 };
  const order = used.toSorted(([a, b], [c, d]) => c + d - (a + b) || c - a);
  for (let count = 2; ; count++) {
    const apart = order.slice(0, order.length - count);
    const last = order.slice(order.length - count).reduce<Cell>(([a, b], [c, d]) => [a + c, b + d], [0, 0]);
    const table = [...apart, last];
    if (count === order.length || fits(table)) return { cells: table, pooled: count };
  }
}

describe('poolSmallCells', () => {
  const count = fc.oneof({ arbitrary: fc.nat(12), weight: 3 }, fc.nat(300));

  it('puts as few of the smallest cells together as Cochran’s conditions ask for', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(count, count), { minLength: 1, maxLength: 14 }), (cells) => {
        fc.pre(cells.some(([x]) => x > 0) && cells.some(([, y]) => y > 0));
        const found = poolSmallCells(
          cells.map(([x]) => x),
          cells.map(([, y]) => y),
        );
        const expected = pooled(cells);
        expect(found).toEqual({
          x: expected.cells.map(([x]) => x),
          y: expected.cells.map(([, y]) => y),
          pooled: expected.pooled,
        });
      }),
      { numRuns: 600, seed: 11 },
    );
  });

  it('takes an expected count of 1 and one of 5 for enough, and a fifth below 5', () => {
    const kept = (x: number[], y: number[]) => poolSmallCells(x, y).pooled;
    // Equal sides: a cell of 2 rows expects 1 on each, one of 10 rows 5.
    expect(kept([50, 5, 5, 5, 1], [50, 5, 5, 5, 1])).toBe(0);
    expect(kept([50, 5, 5, 1, 1], [50, 5, 5, 1, 1])).toBe(3);
    expect(kept([50, 5, 5, 5, 1], [51, 5, 5, 5, 0])).toBe(2);
    // Together two small ones expect 5.
    expect(kept([50, 4, 1], [50, 4, 1])).toBe(2);
  });

  it('leaves a table alone that fits the law', () => {
    expect(poolSmallCells([420, 310, 180, 70, 20, 0], [300, 270, 140, 60, 0, 30])).toEqual({
      x: [420, 310, 180, 70, 20, 0],
      y: [300, 270, 140, 60, 0, 30],
      pooled: 0,
    });
  });

  it('puts the smallest cells together until Cochran’s conditions hold, losing no row', () => {
    const x = [100, 80, 1, 0, 1, 1, 2];
    const y = [90, 85, 0, 1, 1, 2, 1];
    const { x: px, y: py, pooled } = poolSmallCells(x, y);
    expect(px).toEqual([100, 80, 5]);
    expect(py).toEqual([90, 85, 5]);
    expect(pooled).toBe(5);
  });

  it('leaves one cell when even two are too many', () => {
    expect(poolSmallCells([1, 1, 1], [1, 0, 1])).toEqual({ x: [3], y: [2], pooled: 3 });
  });
});

describe('hasSmallCells', () => {
  const has = (cells: readonly Cell[]): boolean =>
    hasSmallCells(
      cells.map(([x]) => x),
      cells.map(([, y]) => y),
    );

  it('is whether Cochran’s conditions do not hold of the cells with a row, where there are two', () => {
    const count = fc.oneof({ arbitrary: fc.nat(12), weight: 3 }, fc.nat(300));
    fc.assert(
      fc.property(fc.array(fc.tuple(count, count), { maxLength: 12 }), (cells) => {
        const used = cells.filter(([x, y]) => x + y > 0);
        fc.pre(used.some(([x]) => x > 0) && used.some(([, y]) => y > 0));
        expect(has(cells)).toBe(used.length >= 2 && !fits(used));
      }),
    );
  });

  it('sees one small cell wherever it is, and none of one cell', () => {
    const large: Cell = [100, 100];
    const small: Cell = [1, 0];
    for (const cells of [
      [small, large, large],
      [large, small, large],
      [large, large, small],
      [large, [0, 0], small],
      [small, large],
    ] satisfies Cell[][]) {
      expect(has(cells)).toBe(true);
    }
    expect(has([large, [0, 0], large])).toBe(false);
    expect(has([large, large])).toBe(false);
    expect(has([small, [0, 0]])).toBe(false);
    expect(has([])).toBe(false);
    // Equal differences of both sides are no equal totals.
    expect(
      has([
        [50, 50],
        [2, 60],
        [60, 2],
      ]),
    ).toBe(false);
  });
});
