import type { Column } from '../column.ts';
import type { JudgePolicy } from './judgement.ts';
import { MEASURE_NAMES, MEASURES, type MeasureName } from './measures.ts';

/** Made beside the chi-square where that needs it, never alone. */
const POOLED = 'chi_square/pooled-cells@1';
const MISSING = 'missing_share/difference@1';

export type SelectedMeasures = {
  readonly tests: readonly MeasureName[];
  /** The tests that are made where none of the chosen ones can be. */
  readonly standardTests: readonly MeasureName[];
  readonly distances: readonly MeasureName[];
  /** The distances that are taken where none of the chosen ones has a value and a limit. */
  readonly standardDistances: readonly MeasureName[];
};

/**
 * What a column of that kind is compared by, in the order of the registry: the chosen measures, or the standard ones where
 * none is chosen. The missing share is not among them, since it is always looked at.
 */
export function selectMeasures(kind: Column['kind'], chosen: JudgePolicy['measures']): SelectedMeasures {
  const wanted = new Set<MeasureName>(chosen?.map((name) => (name === POOLED ? 'chi_square/contingency@1' : name)));
  const fitting = MEASURE_NAMES.filter((name) => {
    const kinds: readonly Column['kind'][] = MEASURES[name].kinds;
    return name !== MISSING && name !== POOLED && kinds.includes(kind);
  });
  const tests = fitting.filter((name) => MEASURES[name].use === 'test');
  const distances = fitting.filter((name) => MEASURES[name].use !== 'test');
  const standard = (list: readonly MeasureName[]) => list.filter((name) => MEASURES[name].standard);
  const pick = (list: readonly MeasureName[]) => {
    const picked = list.filter((name) => wanted.has(name));
    return picked.length > 0 ? picked : standard(list);
  };
  return {
    tests: pick(tests),
    standardTests: standard(tests),
    distances: pick(distances),
    standardDistances: standard(distances),
  };
}
