import type { z } from 'zod';
import type { measureView } from '../../../schemas/wire/measures.ts';
import { FORMER_MEASURES, presentMeasure } from '../../stats/verdict/former-measures.ts';
import { measuresNamed } from '../../stats/verdict/measure-name.ts';
import { MEASURE_NAMES, MEASURES, type MeasureName } from '../../stats/verdict/measures.ts';
import {
  STANDARD_TABLE_MEASURES,
  TABLE_MEASURE_NAMES,
  TABLE_MEASURES,
  type TableMeasureName,
} from '../../stats/verdict/table-measures.ts';
import { TEXT_MEASURES } from '../../stats/verdict/text-measures.ts';

export type CatalogueEntry = z.input<typeof measureView>;

/** Every measure that there is: those of columns first, then those of whole rows. */
export function measureCatalogue(): CatalogueEntry[] {
  return [...MEASURE_NAMES.map(ofColumns), ...TABLE_MEASURE_NAMES.map(ofRows)];
}

/** Those that a word may mean, in full or as people also call it; none where it means none. */
export function measuresMeant(word: string): CatalogueEntry[] {
  const meant: readonly string[] = measuresNamed(word);
  return measureCatalogue().filter(({ name }) => meant.includes(name));
}

function ofColumns(name: MeasureName): CatalogueEntry {
  const { title, description, kinds, use, direction, defaultLimit: limit, standard } = MEASURES[name];
  const entry = { name, title, description, use, direction, limit, former_names: formerNames(name) };
  // Whatever is chosen, free text is compared by these.
  if (name in TEXT_MEASURES) return { ...entry, of: ['text'], standard: true };
  return { ...entry, of: kinds.filter((kind) => kind !== 'time'), standard };
}

function ofRows(name: TableMeasureName): CatalogueEntry {
  const { title, description, direction, limit } = TABLE_MEASURES[name];
  const use = limit === null ? 'test' : 'effect';
  const standard = STANDARD_TABLE_MEASURES.includes(name);
  return { name, title, description, of: ['rows'], use, direction, limit, standard, former_names: formerNames(name) };
}

const formerNames = (name: string): string[] => FORMER_MEASURES.filter((former) => presentMeasure(former) === name);
