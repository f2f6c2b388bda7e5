import { html } from 'hono/html';
import { basePathOf } from '../base-path.ts';
import type { App } from '../route.ts';
import { type JsonSchema, type Member, memberOf, membersOf, type NamedSchemas } from '../schema-outline.ts';

const INFO = {
  openapi: '3.1.0',
  info: {
    title: 'Tidemark',
    version: '1',
    license: { name: 'Apache 2.0', identifier: 'Apache-2.0' },
    description:
      'Data versioning and drift monitoring. Errors are RFC 9457 problem documents; lists are paged by cursor; mutations may be repeated.',
  },
  tags: [
    { name: 'datasets', description: 'Named histories of data, and their tags' },
    { name: 'versions', description: 'Versions of data, by content, and what is known of them' },
    { name: 'objects', description: 'Bytes under their DVC names' },
    { name: 'dvc', description: 'The remote of the dvc command' },
    { name: 'remote', description: 'Where the bytes lie, whether they are whole, and what is deleted' },
    { name: 'models', description: 'Models and the data they were trained on' },
    { name: 'logs', description: 'Predictions and labels' },
    { name: 'monitors', description: 'What is watched, against which reference' },
    { name: 'windows', description: 'Windows, verdicts and reports' },
    { name: 'alerts', description: 'Episodes of drift' },
    { name: 'webhooks', description: 'Receivers, messages and attempts' },
    { name: 'retraining', description: 'Policies and runs' },
    { name: 'access', description: 'Projects and keys' },
    { name: 'operations', description: 'Health and metrics' },
  ],
};

type Operation = {
  tags?: string[];
  summary?: string;
  description?: string;
  'x-scope'?: string;
  parameters?: { name: string; in: string; required?: boolean; description?: string; schema?: JsonSchema }[];
  requestBody?: { content: Record<string, { schema: JsonSchema }> };
  responses: Record<string, { description: string }>;
};

/** The OpenAPI document and a page that reads it out, without scripts. */
export function referenceRoutes(app: App): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'key', { type: 'http', scheme: 'bearer' });
  app.get('/openapi.json', (c) => {
    const base = basePathOf(c.get('ctx').publicUrl());
    // From the root of whatever host the document was read at.
    const document = app.getOpenAPI31Document({ ...INFO, servers: [{ url: base || '/' }] });
    c.header('content-type', 'application/json');
    return c.body(JSON.stringify(document, withoutEmptyDefaults));
  });
  app.get('/docs', (c) => {
    c.header('content-security-policy', POLICY);
    return c.html(html`<!doctype html>${<Reference operations={operationsOf(app)} />}`);
  });
}

/**
 * An object that may be left out is empty then; that it may be is said already, and some readers of the document drop
 * a shape whose default is an object.
 */
function withoutEmptyDefaults(name: string, value: unknown): unknown {
  const empty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  return name === 'default' && empty && !Array.isArray(value) ? undefined : value;
}

const POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'";

type Entry = {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
  readonly named: NamedSchemas;
};

function operationsOf(app: App): Entry[] {
  const { paths = {}, components } = app.getOpenAPI31Document(INFO);
  const named = (components?.schemas ?? {}) as NamedSchemas;
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item as Record<string, Operation>).map(([method, operation]) => ({
      path,
      method,
      operation,
      named,
    })),
  );
}

function Reference({ operations }: { operations: readonly Entry[] }) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>API reference · Tidemark</title>
        <link rel="icon" href="/assets/tidemark.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/assets/tidemark.css" />
      </head>
      <body>
        <main class="reference">
          <h1>API reference</h1>
          <p>
            The same as a document for machines: <a href="/openapi.json">/openapi.json</a>
          </p>
          {INFO.tags.map((tag) => (
            <section>
              <h2>{tag.name}</h2>
              <p>{tag.description}</p>
              {operations
                .filter(({ operation }) => operation.tags?.includes(tag.name))
                .map((entry) => (
                  <OperationEntry {...entry} />
                ))}
            </section>
          ))}
        </main>
      </body>
    </html>
  );
}

function OperationEntry({ path, method, operation, named }: Entry) {
  const parameters = (operation.parameters ?? []).map(({ name, required, description, schema = {} }) => ({
    ...memberOf(name, schema, { named, depth: 0, required: required === true }),
    description: description ?? null,
  }));
  return (
    <article class="operation">
      <h3>
        <code>
          {method.toUpperCase()} {path}
        </code>
      </h3>
      <p>
        {operation.summary}
        {operation.description !== undefined && <Words text={`. ${operation.description}`} />}
      </p>
      <Outline title="Parameters" members={parameters} />
      {bodiesOf(operation).map(([types, schema]) => (
        <Outline title={`Body, ${types}`} members={membersOf(schema, named)} />
      ))}
      <p>
        Answers:{' '}
        {Object.entries(operation.responses)
          .filter(([status]) => status !== 'default')
          .map(([status, answer]) => `${status} ${answer.description}`)
          .join('; ')}
        . Scope: {operation['x-scope'] ?? 'none needed'}.
      </p>
    </article>
  );
}

/** What the document marks as code, between two backticks. */
function Words({ text }: { text: string }) {
  return <>{text.split('`').map((part, i) => (i % 2 === 1 ? <code>{part}</code> : part))}</>;
}

/** Bodies that a call takes, those of one shape together. */
function bodiesOf({ requestBody }: Operation): [types: string, schema: JsonSchema][] {
  const shapes = new Map<string, { readonly types: string[]; readonly schema: JsonSchema }>();
  for (const [type, { schema }] of Object.entries(requestBody?.content ?? {})) {
    const key = JSON.stringify(schema);
    const same = shapes.get(key) ?? { types: [], schema };
    same.types.push(type);
    shapes.set(key, same);
  }
  return [...shapes.values()].map(({ types, schema }) => [types.join(', '), schema]);
}

/** Names at a glance, and what each may hold when it is opened. */
function Outline({ title, members }: { title: string; members: readonly Member[] }) {
  const names = members.map(({ name, required }) => (required ? `${name} (required)` : name)).join(', ');
  if (members.length === 0) return title === 'Parameters' ? null : <p>{title}</p>;
  const plain = members.every(({ type, description }) => type === 'string' && description === null);
  if (plain) return <p>{`${title}: ${names}`}</p>;
  return (
    <details>
      <summary>
        {title}: {names}
      </summary>
      <Members members={members} />
    </details>
  );
}

function Members({ members }: { members: readonly Member[] }) {
  return (
    <ul>
      {members.map(({ name, type, required, description, members: inner }) => (
        <li>
          <code>{name}</code> {type}
          {required ? ', required' : ''}
          {description !== null && <Words text={`: ${description}`} />}
          {inner.length > 0 && <Members members={inner} />}
        </li>
      ))}
    </ul>
  );
}
