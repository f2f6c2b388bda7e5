import { isEarlier } from './judge-method.ts';
import type { Finding, JudgePolicy } from './judgement.ts';
import type { MeasureName } from './measures.ts';
import type { SelectedMeasures } from './select-measures.ts';

/** Rows of both sides that have a value. */
export type Usable = { readonly reference: number; readonly window: number };

export type Floor = {
  /** Why the column has too few rows to be judged, else null. */
  readonly insufficient: string | null;
  /** Why nothing but its missing share can be judged, else null. */
  readonly fewValues: string | null;
  readonly usable: Usable;
};

/** Whether there is enough of a column to judge it by. Before `judge@3` rows were enough, whether they had a value or not. */
export function floorOf(rows: Usable, usable: Usable, { method, minimumRows }: JudgePolicy): Floor {
  const insufficient = tooFew(rows, 'rows', minimumRows);
  const counted = !isEarlier(method) && insufficient === null;
  return { insufficient, fewValues: counted ? tooFew(usable, 'values', minimumRows) : null, usable };
}

function tooFew({ reference, window }: Usable, what: string, least: number): string | null {
  if (window < least) return `The window has ${window} ${what}; at least ${least} are needed on each side.`;
  return reference < least
    ? `The reference has ${reference} ${what}; at least ${least} are needed on each side.`
    : null;
}

/**
 * What the tests say together. Where too few rows have a value, the change of the missing share decides alone: the others
 * would be of values that are hardly there.
 */
export function decision(tests: readonly Finding[], missing: Finding, { fewValues }: Floor) {
  return fewValues === null ? combine(tests) : combine([missing]);
}

/** The smallest p-value of the tests that could be made, times their number (Bonferroni); 1 when nothing can differ. */
function combine(tests: readonly Finding[]): { p: number; decidedBy: MeasureName | null } {
  const made = tests.filter((test) => test.p !== null);
  let smallest: Finding | null = null;
  for (const test of made) if (smallest === null || test.p! < smallest.p!) smallest = test;
  if (smallest === null) return { p: 1, decidedBy: null };
  return { p: Math.min(1, smallest.p! * made.length), decidedBy: smallest.measure };
}

type Made = readonly (readonly Finding[])[];

/** The selected findings, and the standard ones where those say nothing of this column. */
export function complete(selected: SelectedMeasures, make: (names: readonly MeasureName[]) => Made) {
  const further = (made: Made, standard: readonly MeasureName[], given: readonly MeasureName[]): Made => [
    ...made,
    ...make(standard.filter((name) => !given.includes(name))),
  ];
  const tests = make(selected.tests);
  const distances = make(selected.distances);
  const tested = tests.flat().some(({ p }) => p !== null);
  const measured = distances.flat().some(({ value, limit }) => value !== null && limit !== null);
  return {
    tests: tested ? tests : further(tests, selected.standardTests, selected.tests),
    distances: measured ? distances : further(distances, selected.standardDistances, selected.distances),
  };
}
