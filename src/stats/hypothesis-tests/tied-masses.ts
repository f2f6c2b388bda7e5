import { type PooledBlock, walkPooled } from '../summaries/pooled-blocks.ts';

/** Values lighter than this share are put together into cells of that mass for the law of a tied sample. */
const LIGHTEST_CELL = 1 / 2048;

/**
 * Shares of the rows of two sorted samples, not both empty, by value, in the order of the values, light ones together:
 * what the law of a rank test needs of ties.
 */
export function tiedMasses(x: Float64Array, y: Float64Array): Float64Array {
  const size = x.length + y.length;
  const cells: number[] = [];
  let cell = 0;
  let upTo = 0;
  const add = (block: PooledBlock): void => {
    for (let k = 0; k < block.length; k++) {
      const here = block.x[k]! + block.y[k]!;
      const mass = (here - upTo) / size;
      upTo = here;
      if (cell > 0 && (mass >= LIGHTEST_CELL || cell >= LIGHTEST_CELL)) {
        cells.push(cell);
        cell = 0;
      }
      cell += mass;
    }
  };
  walkPooled(x, y, [{ add }]);
  cells.push(cell);
  return Float64Array.from(cells);
}
