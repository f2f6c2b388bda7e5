import { cellSort } from './cell-sort.ts';
import { type WalkPooled, walkPooled } from './pooled-blocks.ts';

/** The loops that most of the time goes into when columns of numbers are compared: those here, or compiled twins of them. */
export type NumberLoops = {
  /** As `cellSort`. */
  readonly sort: (values: Float64Array) => Float64Array;
  readonly walk: WalkPooled;
};

export const PLAIN_LOOPS: NumberLoops = { sort: cellSort, walk: walkPooled };
