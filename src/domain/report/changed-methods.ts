import { z } from 'zod';
import { presentMeasure } from '../../stats/verdict/former-measures.ts';
import type { Json } from '../canonical.ts';

/** A method that a report names, and the one that has taken its place since. */
export type ChangedMethod = { readonly stored: string; readonly recomputed: string };

/** Every report names its measures so. */
const naming = z.object({ methods: z.object({ measures: z.array(z.string()) }) });

/** The methods that were changed since a report was made by them, by name. Pure. */
export function changedMethods(body: Json): ChangedMethod[] {
  const { measures } = naming.parse(body).methods;
  return measures
    .map((stored) => ({ stored, recomputed: presentMeasure(stored) }))
    .filter(({ stored, recomputed }) => stored !== recomputed);
}

/** The body of a report in which measures have the names of now, as values and as keys. Pure. */
export function withPresentNames(body: Json): Json {
  if (typeof body === 'string') return presentMeasure(body);
  if (body === null || typeof body !== 'object') return body;
  if (isList(body)) return body.map(withPresentNames);
  return Object.fromEntries(
    Object.entries(body).map(([key, value]) => [presentMeasure(key), withPresentNames(value)] as const),
  );
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
