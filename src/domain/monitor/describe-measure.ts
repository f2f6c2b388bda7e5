import { MEASURES, type MeasureName } from '../../stats/verdict/measures.ts';

export type MeasureText = { readonly title: string; readonly description: string };

/** What people call a measure, and what it is; a name that this release does not know stands for itself. */
export function describeMeasure(name: string): MeasureText {
  if (!Object.hasOwn(MEASURES, name)) return { title: name, description: '' };
  const { title, description } = MEASURES[name as MeasureName];
  return { title, description };
}
