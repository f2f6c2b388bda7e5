import { TidemarkError } from '../../errors.ts';
import { effectNamed, type measureNamed } from '../configuration/measure-names.ts';

type Named = ReturnType<typeof measureNamed>;
type AnyMeasure = NonNullable<Named['name']>;

/** @throws TidemarkError `bad-request`, saying what the word could be. */
export function nameOrRefuse(word: string, named: Named): AnyMeasure {
  if (named.name !== null) return named.name;
  throw new TidemarkError('bad-request', `"${word.slice(0, 100)}" ${named.detail}.`);
}

/**
 * Limits by the full names of their measures.
 * @throws TidemarkError `bad-request` for a word that names no measure with a limit, or several.
 */
export function namedLimits(given: Readonly<Record<string, number>>): Readonly<Partial<Record<AnyMeasure, number>>> {
  return Object.fromEntries(
    Object.entries(given).map(([word, limit]) => [nameOrRefuse(word, effectNamed(word)), limit] as const),
  );
}
