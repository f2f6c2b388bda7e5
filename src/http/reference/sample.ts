import { formsOf, isObject, type JsonSchema, listOf, type NamedSchemas, resolve, schemasIn } from './schema-outline.ts';

/** Texts of a form are shown as one of that form. */
const OF_FORMAT: Readonly<Record<string, string>> = {
  'date-time': '2026-01-01T00:00:00Z',
  date: '2026-01-01',
  uri: 'https://example.com/tidemark',
  email: 'ada@example.com',
};

/**
 * A value that a schema admits: its example where it has one, else as little as it takes, that is of an object what is
 * required.
 */
export function sampleOf(schema: JsonSchema, named: NamedSchemas, name = ''): unknown {
  const known = resolve(schema, named);
  const given = [schema['example'], known['example'], known['const'], listOf(known['enum'])[0], known['default']];
  const found = given.find((value) => value !== undefined);
  if (found !== undefined) return found;
  const form = formsOf(known)[0];
  if (form !== undefined) return sampleOf(form, named, name);
  if (isObject(known)) return objectOf(known, named);
  const type = Array.isArray(known['type']) ? known['type'][0] : known['type'];
  if (type === 'array') return listIn(known, named, name);
  if (type === 'integer' || type === 'number') return Math.max(1, Number(known['minimum'] ?? 1));
  if (type === 'boolean') return true;
  return type === 'object' ? {} : (OF_FORMAT[String(known['format'])] ?? name);
}

function objectOf(schema: JsonSchema, named: NamedSchemas): Record<string, unknown> {
  const required = listOf(schema['required']);
  const members = Object.entries(schemasIn(schema['properties'])).filter(([name]) => required.includes(name));
  return Object.fromEntries(members.map(([name, inner]) => [name, sampleOf(inner, named, name)]));
}

function listIn({ items }: JsonSchema, named: NamedSchemas, name: string): unknown[] {
  return typeof items === 'object' && items !== null ? [sampleOf(items as JsonSchema, named, name)] : [];
}
