import type { PooledValues } from '../summaries/pooled-values.ts';

/** Values lighter than this share are put together into cells of that mass for the law of a tied sample. */
const LIGHTEST_CELL = 1 / 2048;

/** Shares of the rows by value, in the order of the values, light ones together: what the law of a rank test needs of ties. */
export function tiedMasses({ x, y, n, m }: PooledValues): Float64Array {
  const cells: number[] = [];
  let light = 0;
  for (let k = 0; k < x.length; k++) {
    const mass = (x[k]! + y[k]!) / (n + m);
    if (light > 0 && (mass >= LIGHTEST_CELL || light >= LIGHTEST_CELL)) {
      cells.push(light);
      light = 0;
    }
    if (mass >= LIGHTEST_CELL) cells.push(mass);
    else light += mass;
  }
  if (light > 0) cells.push(light);
  return Float64Array.from(cells);
}
