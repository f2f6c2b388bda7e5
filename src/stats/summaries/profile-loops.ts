import type { NumberColumn } from '../column.ts';
import { type FiniteNumbers, takeFinite } from './finite-numbers.ts';
import { addNumbers } from './hyperloglog.ts';
import { type MomentSums, momentsAbout } from './moments.ts';
import { workingValues } from './working-values.ts';

/** The loops that numbers go through when they are profiled: those here, or compiled twins of them. */
export type ProfileLoops = {
  /** As `workingValues`: where `take` puts numbers, until others are taken. */
  readonly room: (length: number) => Float64Array;
  /** As `takeFinite`. */
  readonly take: (column: NumberColumn, out: Float64Array) => FiniteNumbers;
  /** As `momentsAbout`. */
  readonly moments: (values: Float64Array, n: number, sum: number) => MomentSums;
  /** As `addNumbers`. */
  readonly hash: typeof addNumbers;
};

export const PLAIN_PROFILE_LOOPS: ProfileLoops = {
  room: workingValues,
  take: takeFinite,
  moments: momentsAbout,
  hash: addNumbers,
};
