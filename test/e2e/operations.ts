import fc from 'fast-check';
import type { RawRequest } from './raw-http.ts';

/** Random calls of every operation that the OpenAPI document names: mostly of the right form, seldom right. */
type Schema = {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly pattern?: string;
};
type Parameter = { readonly in: string; readonly name: string; readonly schema: Schema };
type Operation = {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
};
export type ApiDocument = {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
};

export type RandomOperation = { readonly name: string; readonly requests: fc.Arbitrary<RawRequest> };

const HOSTILE = [
  '',
  '..',
  '../x',
  '%00',
  '\u0000',
  "'; drop table jobs; --",
  '<script>',
  '__proto__',
  '{}',
  '💥',
  'x'.repeat(3000),
];
const NUMBERS = [0, -1, 0.5, 1e308, -1e308, 2 ** 31, 2 ** 53, 1e21];
const INSTANTS = ['2026-01-03T00:00:00Z', '2026-01-03T00:00:00+14:00', '0000-01-01T00:00:00Z', '9999-12-31T23:59:59Z'];

/** Names that lead to something, so that requests come further than their first parameter. */
const known: Readonly<Record<string, readonly string[]>> = {
  dataset: ['d'],
  ref: ['v1', 'latest'],
  path: ['rows.csv'],
  model: ['m'],
  monitor: ['daily'],
  start: ['2026-01-03T00:00:00Z', '2026-01-03T00:00:00.000Z'],
  column: ['age', 'plan'],
  name: ['p', 'm', 'fuzz'],
  policy: ['p'],
  batch: ['1'],
};

const hostileText = fc.oneof(fc.constantFrom(...HOSTILE, ...INSTANTS), fc.string({ unit: 'binary', maxLength: 30 }));

export function operationsOf(document: ApiDocument): RandomOperation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      requests: requestsOf(document, { method: method.toUpperCase(), path, operation }),
    })),
  );
}

type Place = { readonly method: string; readonly path: string; readonly operation: Operation };

function requestsOf(document: ApiDocument, { method, path, operation }: Place): fc.Arbitrary<RawRequest> {
  const parameters = operation.parameters ?? [];
  const valuesFor = ({ name, schema }: Parameter) =>
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...(known[name] ?? ['1'])) },
      { weight: 2, arbitrary: hostileText },
      { weight: 1, arbitrary: valuesOf(document, schema, 2).map((value) => String(value)) },
    );
  const inPath = fc.record(
    Object.fromEntries(parameters.filter((p) => p.in === 'path').map((p) => [p.name, valuesFor(p)])),
  );
  const inQuery = fc.record(
    Object.fromEntries(parameters.filter((p) => p.in === 'query').map((p) => [p.name, valuesFor(p)])),
    { requiredKeys: [] },
  );
  return fc.record({ inPath, inQuery, sent: bodiesOf(document, operation) }).map(({ inPath, inQuery, sent }) => {
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => escaped(String(inPath[name] ?? 'x')));
    const query = Object.entries(inQuery).map(([name, value]) => `${name}=${escaped(String(value))}`);
    return { method, path: query.length === 0 ? filled : `${filled}?${query.join('&')}`, ...sent };
  });
}

/** A text as a part of an address; an empty one would make it another address. */
const escaped = (text: string): string => encodeURIComponent(text.toWellFormed()).slice(0, 6000) || '%20';

type Sent = Pick<RawRequest, 'headers' | 'body'>;

function bodiesOf(document: ApiDocument, operation: Operation): fc.Arbitrary<Sent> {
  const content = Object.entries(operation.requestBody?.content ?? {});
  if (content.length === 0) return fc.constant({});
  return fc.oneof(
    ...content.map(([type, { schema }]) => {
      const json = valuesOf(document, schema, 4).map((value) => JSON.stringify(value) ?? '');
      const texts = type === 'application/json' ? fc.oneof({ weight: 4, arbitrary: json }, hostileText) : hostileText;
      return texts.map((body) => ({ headers: { 'content-type': type }, body: Buffer.from(body) }));
    }),
  );
}

/** Values near a schema: of its form, with parts left out, of another type or hostile. */
function valuesOf(document: ApiDocument, given: Schema, depth: number): fc.Arbitrary<unknown> {
  const schema = resolved(document, given);
  const near = nearValues(document, schema, depth);
  const anything = fc.oneof(
    fc.constantFrom<unknown>(null, [], {}, true, ...NUMBERS),
    hostileText,
    fc.jsonValue({ maxDepth: 2 }),
  );
  return fc.oneof({ weight: 8, arbitrary: near }, { weight: 1, arbitrary: anything });
}

function nearValues(document: ApiDocument, schema: Schema, depth: number): fc.Arbitrary<unknown> {
  if (schema.enum !== undefined && schema.enum.length > 0) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((one) => valuesOf(document, one, depth)));
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (depth > 0 && schema.properties !== undefined) {
    const members = Object.entries(schema.properties).map(([name, member]) => [
      name,
      known[name] === undefined
        ? valuesOf(document, member, depth - 1)
        : fc.oneof(fc.constantFrom(...known[name]), valuesOf(document, member, depth - 1)),
    ]);
    return fc.record(Object.fromEntries(members), { requiredKeys: [] });
  }
  if (depth > 0 && type === 'object') return fc.dictionary(fc.string({ maxLength: 10 }), fc.double(), { maxKeys: 3 });
  if (depth > 0 && type === 'array')
    return fc.array(valuesOf(document, schema.items ?? {}, depth - 1), { maxLength: 3 });
  if (type === 'integer' || type === 'number') return fc.oneof(fc.nat(10), fc.constantFrom(...NUMBERS));
  if (type === 'boolean') return fc.boolean();
  return fc.oneof(hostileText, fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/));
}

function resolved(document: ApiDocument, schema: Schema): Schema {
  if (schema.$ref === undefined) return schema;
  return document.components.schemas[schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)] ?? {};
}
