import type { NumberColumn } from '../column.ts';
import { cellSort } from './cell-sort.ts';
import { type WalkPooled, walkPooled } from './pooled-blocks.ts';
import { type TakenNumbers, takeNumbers } from './taken-numbers.ts';

/** The loops that most of the time goes into when columns of numbers are compared: those here, or compiled twins of them. */
export type NumberLoops = {
  /** Whether numbers that were taken are there for ever, not only until `release`. */
  readonly lasting: boolean;
  /** As `takeNumbers`. */
  readonly take: (column: NumberColumn) => TakenNumbers;
  /** As `cellSort`. */
  readonly sort: (values: Float64Array) => Float64Array;
  readonly walk: WalkPooled;
  /** Says that nobody needs what was taken any more. */
  readonly release: () => void;
};

export const PLAIN_LOOPS: NumberLoops = {
  lasting: true,
  take: takeNumbers,
  sort: cellSort,
  walk: walkPooled,
  release: () => {
    // Nothing is kept.
  },
};
