import { presentMeasure } from '../../stats/verdict/former-measures.ts';
import { isMeasureName, MEASURES } from '../../stats/verdict/measures.ts';
import { isTableMeasureName, TABLE_MEASURES } from '../../stats/verdict/table-measures.ts';

export type MeasureText = { readonly title: string; readonly description: string };

/** What people call a measure, and what it is; a name that this release does not know stands for itself. */
export function describeMeasure(told: string): MeasureText {
  const name = presentMeasure(told);
  const known = isMeasureName(name) ? MEASURES[name] : isTableMeasureName(name) ? TABLE_MEASURES[name] : null;
  return known === null ? { title: told, description: '' } : { title: known.title, description: known.description };
}
