/**
 * PostgreSQL array literals, to be cast in the statement (`${bigints(ids)}::int8[]`): one parameter for a whole
 * column of a bulk statement, where drizzle would make one parameter of each element.
 */

/** Integers, or finite numbers for a `float8[]`. */
export function bigints(values: ArrayLike<number | bigint> & Iterable<number | bigint>): string {
  return `{${Array.from(values).join(',')}}`;
}

/** Words of hexadecimal digits or the like, which need no quotes. */
export function words(values: readonly string[]): string {
  return `{${values.join(',')}}`;
}

/** Any texts (without U+0000, which PostgreSQL holds nowhere); null stays null. */
export function texts(values: readonly (string | null)[]): string {
  return `{${values.map((value) => (value === null ? 'null' : `"${value.replaceAll(/["\\]/g, '\\$&')}"`)).join(',')}}`;
}
