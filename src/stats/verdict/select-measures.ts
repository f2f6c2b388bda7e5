import type { Column } from '../column.ts';
import { isBefore } from './judge-method.ts';
import type { JudgePolicy } from './judgement.ts';
import { MEASURE_NAMES, MEASURES, type MeasureName } from './measures.ts';
import { TEXT_MEASURES } from './text-measures.ts';

const CHI_SQUARE = 'chi_square/contingency@1';
/** Made beside the chi-square where that needs it, never alone. */
const BESIDE: readonly MeasureName[] = ['chi_square/pooled-cells@1', 'chi_square/dealt@1'];
const MISSING = 'missing_share/difference@1';

export type SelectedMeasures = {
  readonly tests: readonly MeasureName[];
  /** Tests that are made and shown, and decide nothing. */
  readonly shown: readonly MeasureName[];
  /** The tests that are made where none of the chosen ones can be. */
  readonly standardTests: readonly MeasureName[];
  readonly distances: readonly MeasureName[];
  /** The distances that are taken where none of the chosen ones has a value and a limit. */
  readonly standardDistances: readonly MeasureName[];
};

/** Whether a change has to reach the limit of a measure to matter, or may alone. */
export function decides(measure: MeasureName, { measures }: Pick<JudgePolicy, 'measures'>): boolean {
  const { use } = MEASURES[measure];
  return use === 'effect' || (use === 'index' && (measures?.includes(measure) ?? false));
}

/**
 * What a column of that kind is compared by, in the order of the registry: the chosen measures, or the standard ones where
 * none is chosen. The missing share is not among them, since it is always looked at.
 */
export function selectMeasures(
  kind: Column['kind'],
  { measures: chosen, method, besides = [] }: Pick<JudgePolicy, 'measures' | 'method' | 'besides'>,
): SelectedMeasures {
  const wanted = new Set<MeasureName>(chosen?.map((name) => (BESIDE.includes(name) ? CHI_SQUARE : name)));
  const fitting = MEASURE_NAMES.filter((name) => {
    const kinds: readonly Column['kind'][] = MEASURES[name].kinds;
    return name !== MISSING && !BESIDE.includes(name) && !(name in TEXT_MEASURES) && kinds.includes(kind);
  });
  const tests = fitting.filter((name) => MEASURES[name].use === 'test');
  const distances = fitting.filter((name) => MEASURES[name].use !== 'test');
  const standard = (list: readonly MeasureName[]) =>
    list.filter((name) => MEASURES[name].standard && !isBefore(method, MEASURES[name].since ?? method));
  const chosenOf = (list: readonly MeasureName[]) => list.filter((name) => wanted.has(name));
  const newest = standard(tests).filter((name) => MEASURES[name].since !== undefined);
  const standardTests = newest.length > 0 ? newest : standard(tests);
  const [chosenTests, chosenDistances] = [chosenOf(tests), chosenOf(distances)];
  const usual = chosenDistances.length > 0 ? chosenDistances : standard(distances);
  return {
    tests: chosenTests.length > 0 ? chosenTests : standardTests,
    shown: chosenTests.length > 0 ? [] : standard(tests).filter((name) => !standardTests.includes(name)),
    standardTests,
    distances: distances.filter((name) => usual.includes(name) || besides.includes(name)),
    standardDistances: standard(distances),
  };
}
