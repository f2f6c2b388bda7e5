import { measuresNamed } from '../../stats/verdict/measure-name.ts';
import { isMeasureName, MEASURE_NAMES, MEASURES, type MeasureName } from '../../stats/verdict/measures.ts';
import { isTableMeasureName, TABLE_MEASURE_NAMES, type TableMeasureName } from '../../stats/verdict/table-measures.ts';

type AnyMeasure = MeasureName | TableMeasureName;

/** Whether a measure has a limit that people may set. */
function isEffect(name: string): name is AnyMeasure {
  return isTableMeasureName(name) || (isMeasureName(name) && MEASURES[name].use !== 'test');
}

/** A measure, or what is to be said of a word that names none, or several. */
type Named = { readonly name: AnyMeasure } | { readonly name: null; readonly detail: string };

const ALL: readonly AnyMeasure[] = [...MEASURE_NAMES, ...TABLE_MEASURE_NAMES];

/** The measure that a word means, in full or as people also call it. */
export function measureNamed(word: string): Named {
  return only(measuresNamed(word), `is not a measure; there are ${ALL.join(', ')}`);
}

/** The same of those that have a limit. */
export function effectNamed(word: string): Named {
  const detail = `is not a measure with a limit; there are ${ALL.filter(isEffect).join(', ')}`;
  return only(measuresNamed(word).filter(isEffect), detail);
}

function only(found: readonly AnyMeasure[], none: string): Named {
  const [first, ...others] = found;
  if (first === undefined) return { name: null, detail: none };
  if (others.length > 0) return { name: null, detail: `may be any of ${found.join(', ')}; say which` };
  return { name: first };
}
