/** A JSON schema, as the OpenAPI document has it. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** Schemas that others name by `$ref`. */
export type NamedSchemas = Readonly<Record<string, JsonSchema>>;

/** One member of a body, for a reader: what it is called, what it may hold, and the members of that. */
export type Member = {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly description: string | null;
  readonly members: readonly Member[];
};

/** A schema may name itself; nothing that is sent lies deeper. */
const DEEPEST = 8;

/** The members of what a schema describes: of an object, of each in a list, or of each form that is possible. */
export function membersOf(schema: JsonSchema, named: NamedSchemas, depth = 0): readonly Member[] {
  const known = resolve(schema, named);
  if (depth > DEEPEST) return [];
  const forms = formsOf(known).filter((form) => isObject(resolve(form, named)));
  if (forms.length === 1) return membersOf(forms[0] ?? {}, named, depth);
  if (forms.length > 1) return forms.map((form, at) => formOf(form, { named, depth, at }));
  if (isSchema(known['items'])) return membersOf(known['items'], named, depth);
  const required = listOf(known['required']);
  const own = Object.entries(schemasIn(known['properties'])).map(([name, inner]) =>
    memberOf(name, inner, { named, depth, required: required.includes(name) }),
  );
  const rest = known['additionalProperties'];
  return isSchema(rest) ? [...own, ...membersOf(rest, named, depth + 1)] : own;
}

type Place = { readonly named: NamedSchemas; readonly depth: number; readonly required: boolean };

/** One member by its schema. */
export function memberOf(name: string, schema: JsonSchema, { named, depth, required }: Place): Member {
  const known = resolve(schema, named);
  return {
    name,
    type: typeOf(known, named),
    required,
    description: textOf(schema) ?? textOf(known),
    members: membersOf(known, named, depth + 1),
  };
}

/** One of several objects that are possible, called by the member that tells it from the others. */
function formOf(
  form: JsonSchema,
  { named, depth, at }: { readonly named: NamedSchemas; readonly depth: number; readonly at: number },
): Member {
  const known = resolve(form, named);
  const telling = Object.entries(schemasIn(known['properties'])).find(([, { enum: one }]) => listOf(one).length === 1);
  const name =
    telling === undefined ? `form ${at + 1}` : `${telling[0]}: ${JSON.stringify(listOf(telling[1]['enum'])[0])}`;
  return {
    name,
    type: typeOf(known, named),
    required: false,
    description: textOf(known),
    members: membersOf(known, named, depth + 1),
  };
}

/** What a value may be, in words. */
function typeOf(schema: JsonSchema, named: NamedSchemas): string {
  const known = resolve(schema, named);
  const values = 'const' in known ? [known['const']] : listOf(known['enum']);
  if (values.length > 0)
    return values
      .map((value) => JSON.stringify(value))
      .join(', ')
      .replace(/, (?=[^,]*$)/, ' or ');
  const forms = formsOf(known);
  if (forms.length > 0) return [...new Set(forms.map((form) => typeOf(form, named)))].join(' or ');
  const types = Array.isArray(known['type']) ? listOf(known['type']) : [known['type']];
  return types.map((type) => simpleType(typeof type === 'string' ? type : 'anything', known, named)).join(' or ');
}

function simpleType(type: string, schema: JsonSchema, named: NamedSchemas): string {
  const { items, format, additionalProperties: rest } = schema;
  if (type === 'array') return isSchema(items) ? `list of ${typeOf(items, named)}` : 'list';
  if (type === 'object' && isSchema(rest)) return `object of ${typeOf(rest, named)}`;
  if (type === 'string' && typeof format === 'string') return `string (${format})`;
  return type === 'integer' || type === 'number' ? type + rangeOf(schema) : type;
}

function rangeOf({ minimum, maximum, exclusiveMinimum: above, exclusiveMaximum: below }: JsonSchema): string {
  const most = typeof maximum === 'number' && maximum < Number.MAX_SAFE_INTEGER ? ` to ${maximum}` : '';
  const least = typeof minimum === 'number' && minimum > Number.MIN_SAFE_INTEGER ? ` from ${minimum}` : '';
  const open = [typeof above === 'number' ? ` above ${above}` : '', typeof below === 'number' ? ` below ${below}` : ''];
  return [least, open[0], most, open[1]].join('');
}

/** What is said of it, with an example where there is one that can be read at a glance, and what holds without it. */
function textOf({ description, example, default: absent }: JsonSchema): string | null {
  const parts = [
    typeof description === 'string' ? description : '',
    example === undefined ? '' : `such as ${JSON.stringify(example)}`,
    absent === undefined || typeof absent === 'object' ? '' : `${JSON.stringify(absent)} when absent`,
  ];
  return parts.filter((part) => part !== '').join('; ') || null;
}

/** The schema itself, where this only names it. */
export function resolve(schema: JsonSchema, named: NamedSchemas): JsonSchema {
  const name = nameOf(schema);
  return name === null ? schema : (named[name] ?? {});
}

/** The name of a schema that is told elsewhere. */
export function nameOf({ $ref: reference }: JsonSchema): string | null {
  return typeof reference === 'string' ? reference.slice(reference.lastIndexOf('/') + 1) : null;
}

export const formsOf = ({ anyOf, oneOf }: JsonSchema): readonly JsonSchema[] =>
  [...listOf(anyOf), ...listOf(oneOf)].filter(isSchema);

export const isObject = ({ properties, additionalProperties: rest }: JsonSchema): boolean =>
  properties !== undefined || isSchema(rest);

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const schemasIn = (value: unknown): Readonly<Record<string, JsonSchema>> =>
  Object.fromEntries(Object.entries(value ?? {}).filter((entry): entry is [string, JsonSchema] => isSchema(entry[1])));
