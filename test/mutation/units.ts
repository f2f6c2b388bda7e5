/** Sources below src/stats that are mutated together, and the tests below test/stats that have to notice. */
export type Unit = { readonly sources: readonly string[]; readonly tests: readonly string[] };

/** One file and the test beside it. */
const own = (...names: string[]): Record<string, Unit> =>
  Object.fromEntries(names.map((name) => [name, { sources: [name], tests: [name] }]));

/**
 * The loops of a mutated file are some thirty times slower, so that few are mutated at a time; and a file's own tests
 * are asked alone: what only a far test notices is found late, and by chance.
 */
export const UNITS: Readonly<Record<string, Unit>> = {
  ...own(
    'sampling/draw-hypergeometric',
    'sampling/normal-deviate',
    'sampling/shuffle',
    'sampling/vector-sample',
    'sampling/xoshiro128',
  ),
};
