/** Rows of columns and tables as JSON records, so that a refused one can be mended and sent again. */

/** A value as JSON writes it, under the name of its column (`feature.age`, `score.yes`, …). */
export type NamedValue = { readonly name: string; readonly json: string };

/** The places of a record that hold objects, by the beginning of the names of their columns. */
const GROUPS = [
  ['feature.', 'features'],
  ['score.', 'scores'],
  ['tag.', 'tags'],
] as const;

/** One line of NDJSON, without its line end. */
export function recordText(values: readonly NamedValue[]): string {
  const members: string[] = [];
  const grouped = new Map<string, string[]>();
  for (const { name, json } of values) {
    const group = GROUPS.find(([start]) => name.startsWith(start));
    if (group === undefined) members.push(member(name === 'score' ? 'scores' : name, json));
    else {
      const [start, key] = group;
      grouped.set(key, [...(grouped.get(key) ?? []), member(name.slice(start.length), json)]);
    }
  }
  for (const [key, inner] of grouped) members.push(member(key, `{${inner.join(',')}}`));
  return `{${members.join(',')}}`;
}

function member(key: string, json: string): string {
  return `${JSON.stringify(key)}:${json}`;
}
