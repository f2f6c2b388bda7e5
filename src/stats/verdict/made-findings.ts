import type { Finding, JudgePolicy } from './judgement.ts';
import type { MeasureName } from './measures.ts';
import type { SelectedMeasures } from './select-measures.ts';

/** Why two sides of a column have too few rows to be judged, or null. */
export function tooFewRows(reference: number, window: number, policy: JudgePolicy): string | null {
  const least = policy.minimumRows;
  if (window < least) return `The window has ${window} rows; at least ${least} are needed on each side.`;
  return reference < least ? `The reference has ${reference} rows; at least ${least} are needed on each side.` : null;
}

/** The smallest p-value of the tests that could be made, times their number (Bonferroni); 1 when nothing can differ. */
export function combine(tests: readonly Finding[]): { p: number; decidedBy: MeasureName | null } {
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
