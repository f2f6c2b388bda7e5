import type { Entry, Parameter } from './document.ts';
import { sampleOf } from './sample.ts';
import type { JsonSchema, NamedSchemas } from './schema-outline.ts';

/** A call with what it takes to type it. */
export type Call = Entry & { readonly named: NamedSchemas; readonly address: string };

/** The names that all examples share; what has no name of its own, such as an id, stays in braces. */
const NAMES: Readonly<Record<string, string>> = {
  dataset: 'churn',
  model: 'churn',
  monitor: 'daily',
  ref: 'latest',
  path: 'train.csv',
  tag: 'production',
  column: 'age',
  start: '2026-01-08T00:00:00Z',
};

/** Files that bodies come from, by their type. */
const FILES: Readonly<Record<string, string>> = {
  'application/x-ndjson': 'rows.ndjson',
  'text/csv': 'rows.csv',
};

type Body =
  | { readonly kind: 'none' }
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'file'; readonly type: string; readonly file: string };

/** The call as it is typed in a shell. */
export function curlOf(call: Call): string {
  const body = bodyOf(call);
  const method = call.method.toUpperCase();
  const implied = method === 'GET' || (method === 'POST' && body.kind !== 'none');
  const parts = ['curl -sS', ...(implied ? [] : [`-X ${method}`]), quoted(urlOf(call, body))];
  if (body.kind === 'json') parts.push(`-H 'content-type: application/json' -d ${quoted(JSON.stringify(body.value))}`);
  if (body.kind === 'file') parts.push(`-H 'content-type: ${body.type}' --data-binary @${body.file}`);
  return parts.join(' ');
}

/** The same in Python, with `requests`. */
export function pythonOf(call: Call): string {
  const body = bodyOf(call);
  const lines = [`    "${urlOf(call, body)}",`];
  if (body.kind === 'json') lines.push(`    json=${literal(body.value)},`);
  if (body.kind === 'file') {
    lines.push(`    data=open("${body.file}", "rb"),`, `    headers={"content-type": "${body.type}"},`);
  }
  return ['import requests', '', `answer = requests.${call.method}(`, ...lines, ')', 'answer.raise_for_status()'].join(
    '\n',
  );
}

function bodyOf({ operation, named }: Call): Body {
  const content = operation.requestBody?.content ?? {};
  const types = Object.keys(content);
  // A file where one is taken: what else such a call takes is for those who know why.
  const file = types.find((type) => type !== 'application/json');
  if (file !== undefined) return { kind: 'file', type: file, file: FILES[file] ?? 'train.csv' };
  const schema = content['application/json']?.schema;
  return schema === undefined ? { kind: 'none' } : { kind: 'json', value: sampleOf(schema, named) };
}

function urlOf({ path, operation, address, named }: Call, body: Body): string {
  const parameters = operation.parameters ?? [];
  const filled = path.replace(/\{([^}]+)\}/g, (whole, name: string) => NAMES[name] ?? whole);
  const asked = parameters.filter((parameter) => isAsked(parameter, body));
  const query = asked.map(({ name, schema = {} }) => `${name}=${givenFor(name, schema, named)}`).join('&');
  return address + filled + (query === '' ? '' : `?${query}`);
}

/** A file that is pushed has a name, although a commit of objects has none. */
function isAsked({ name, in: where, required }: Parameter, body: Body): boolean {
  return where === 'query' && (required === true || (body.kind === 'file' && name === 'path'));
}

function givenFor(name: string, schema: JsonSchema, named: NamedSchemas): string {
  return encodeURIComponent(NAMES[name] ?? String(sampleOf(schema, named, name)));
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const WORDS: Readonly<Record<string, string>> = { true: 'True', false: 'False', null: 'None' };

/** JSON as Python writes it: but for three words, outside of texts, it is the same. */
function literal(value: unknown): string {
  return JSON.stringify(value).replace(/"(?:[^"\\]|\\.)*"|\b(?:true|false|null)\b|[,:]/g, (part) => {
    if (part === ',' || part === ':') return `${part} `;
    return WORDS[part] ?? part;
  });
}
