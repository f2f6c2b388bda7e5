import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { scopeShape } from '../../schemas/wire/access.ts';
import { type DatasetService, startDatasetService } from '../support/datasets.ts';

type Node = { readonly [name: string]: unknown };
type Parameter = { readonly name: string; readonly in: string; readonly required?: boolean; readonly schema?: Node };
type Operation = {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly 'x-scope'?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { schema: Node }>> };
  readonly responses: Readonly<Record<string, { description: string; content?: Record<string, { schema: Node }> }>>;
};
type Document = {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Node>>; readonly securitySchemes: Node };
};

/** Open to all: what load balancers ask, and the calls that carry a proof of their own. */
const PUBLIC = [
  'get /livez',
  'get /metrics',
  'get /readyz',
  'post /v1/registries/{registry}/events',
  'post /v1/runs/{run}/events',
];

let service: DatasetService;
let document: Document;
let operations: readonly { readonly name: string; readonly path: string; readonly operation: Operation }[];
beforeAll(async () => {
  service = await startDatasetService();
  // The document of this very service; its form is what is tested below.
  document = (await service.send('GET', '/openapi.json')).body as unknown as Document;
  operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ name: `${method} ${path}`, path, operation })),
  );
});
afterAll(() => service.close());

/** Every object inside a value. */
function* nodesOf(value: unknown): Generator<Node> {
  if (typeof value !== 'object' || value === null) return;
  // Whatever is an object and parsed from JSON has only names for keys.
  if (!Array.isArray(value)) yield value as Node;
  for (const inner of Object.values(value)) yield* nodesOf(inner);
}

describe('the OpenAPI document', () => {
  it('has every route of the API, and no other', () => {
    const registered = service.app.routes
      .filter(
        ({ method, path }) =>
          method !== 'ALL' &&
          (path.startsWith('/v1/') || path.startsWith('/dvc/') || /^\/(livez|readyz|metrics)$/.test(path)),
      )
      .map(({ method, path }) => `${method.toLowerCase()} ${path.replace(/:(\w+)(\{[^}]*\})?/g, '{$1}')}`);
    expect(operations.map(({ name }) => name).sort()).toEqual([...new Set(registered)].sort());
    expect(operations.length).toBeGreaterThan(50);
  });

  it('names the scope of each, or says that there is none', () => {
    const open = operations.filter(({ operation }) => operation.security?.length === 0);
    expect(open.map(({ name }) => name).sort()).toEqual(PUBLIC);
    for (const { operation, name } of operations.filter((entry) => !open.includes(entry))) {
      const scope = operation['x-scope'];
      expect(scopeShape.options, name).toContain(scope);
      expect(operation.security).toEqual([{ key: [scope] }]);
    }
    expect(document.components.securitySchemes).toEqual({ key: { type: 'http', scheme: 'bearer' } });
  });

  it('keeps out of each route whoever has no key', async () => {
    const { key } = (await service.send('POST', '/v1/keys', { name: 'admin', scopes: ['admin'] })).body;
    for (const { name, path } of operations.filter((entry) => !PUBLIC.includes(entry.name))) {
      const method = name.split(' ', 1)[0]?.toUpperCase() ?? '';
      const answer = await service.app.request(path.replace(/\{\w+\}/g, 'x'), { method });
      expect(answer.status, name).toBe(401);
    }
    const headers = { authorization: `Bearer ${String(key)}` };
    expect((await service.send('GET', '/v1/keys', undefined, headers)).status).toBe(200);
    await service.ctx.sql`delete from api_keys`;
  });

  it('is OpenAPI 3.1 in its structure', () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    expect(document.info).toMatchObject({ title: 'Tidemark', version: '1' });
    const tags = document.tags.map(({ name }) => name);
    expect(new Set(tags).size).toBe(tags.length);
    for (const { name, path, operation } of operations) {
      for (const tag of operation.tags) expect(tags, name).toContain(tag);
      expect(operation.summary, name).not.toBe('');
      const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
      const inPath = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      expect(inPath.map((parameter) => parameter.name).sort(), name).toEqual(named.sort());
      expect(
        inPath.every((parameter) => parameter.required === true),
        name,
      ).toBe(true);
      for (const parameter of operation.parameters ?? []) expect(parameter.schema, name).toBeTypeOf('object');
      const responses = Object.entries(operation.responses);
      expect(
        responses.some(([status]) => /^[23]\d\d$/.test(status)),
        name,
      ).toBe(true);
      for (const [status, response] of responses) {
        expect(status).toMatch(/^([1-5]\d\d|default)$/);
        expect(response.description, name).toBeTypeOf('string');
        for (const media of Object.values(response.content ?? {})) expect(media.schema, name).toBeTypeOf('object');
      }
      expect(operation.responses.default?.content?.['application/problem+json']?.schema).toEqual({
        $ref: '#/components/schemas/Problem',
      });
    }
  });

  it('refers to nothing that is not there, and holds no word of OpenAPI 3.0', () => {
    for (const node of nodesOf(document)) {
      if (typeof node.$ref === 'string') {
        const name = /^#\/components\/schemas\/([\w.-]+)$/.exec(node.$ref)?.[1] ?? '';
        expect(Object.keys(document.components.schemas)).toContain(name);
      }
      // A field may be called so; the keyword is gone.
      expect(node.nullable).not.toBeTypeOf('boolean');
      if (typeof node.exclusiveMinimum === 'boolean') expect.unreachable('exclusiveMinimum is a number in 3.1');
    }
    for (const name of Object.keys(document.components.schemas)) expect(name).toMatch(/^[\w.-]+$/);
  });

  it('lets no body have fields that it does not show', () => {
    for (const { name, operation } of operations) {
      const schema = operation.requestBody?.content['application/json']?.schema;
      if (schema?.type === 'object') expect(schema.additionalProperties, name).toBe(false);
    }
  });

  it('names each call and each shape, so that generated clients read well', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    for (const id of ids) expect(id).toMatch(/^[a-z]+([A-Z][a-z]+)+$/);
    expect(new Set(ids).size).toBe(ids.length);
    // What is left is one of several forms, of which each has its name.
    const unnamed = (content: Readonly<Record<string, { schema: Node }>> = {}) =>
      content['application/json']?.schema.type === 'object';
    for (const { name, operation } of operations) {
      expect(unnamed(operation.requestBody?.content), `the body of ${name}`).toBe(false);
      for (const answer of Object.values(operation.responses)) expect(unnamed(answer.content), name).toBe(false);
    }
  });

  it('shows patterns, bounds and defaults as any reader takes them', () => {
    for (const node of nodesOf(document)) {
      if (typeof node.pattern === 'string') {
        // Flags have no place in it: `…$/u` is a pattern that nothing fits.
        expect(node.pattern).not.toMatch(/\/[a-z]*$|\\[pP]\{/);
        expect(() => new RegExp(String(node.pattern))).not.toThrow();
      }
      if (node.name === 'limit') expect(node.schema).toMatchObject({ minimum: 1, maximum: expect.any(Number) });
    }
    // By `nullable` a name would mean null wherever it stands.
    for (const [name, { type }] of Object.entries(document.components.schemas))
      expect(Array.isArray(type) && type.includes('null'), name).toBe(false);
    expect(JSON.stringify(document)).not.toContain('"default":{}');
  });

  it('says how a project is named, and which calls may be repeated under a key', () => {
    const names = (operation: Operation) => (operation.parameters ?? []).map((parameter) => parameter.name);
    for (const { name, path, operation } of operations) {
      expect(names(operation).includes('project'), name).toBe(
        (path.startsWith('/v1/') && !PUBLIC.includes(name)) || path.includes('{project}'),
      );
    }
    const repeatable = operations.filter(({ operation }) => names(operation).includes('Idempotency-Key'));
    expect(repeatable.map(({ operation }) => operation.operationId).sort()).toEqual([
      'createRegistry',
      'createSilence',
      'createVersion',
      'createWebhook',
      'deriveVersion',
      'logLabels',
      'logPredictions',
      'reportRunEvent',
      'rotateWebhookSecret',
      'selectPredictions',
      'startRun',
    ]);
  });

  it('is readable as a page without scripts, every operation in it', async () => {
    const page = await service.send('GET', '/docs');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page.text).not.toContain('<script');
    for (const { path, name, operation } of operations) {
      const method = name.split(' ', 1)[0] ?? '';
      const heading = `is-${method}">${method.toUpperCase()}</span> <a href="#${operation.operationId}">${path}</a>`;
      expect(page.text.includes(heading), name).toBe(true);
      expect(page.text.includes(`id="${operation.operationId}"`), name).toBe(true);
    }
  });

  it('leads from each place of the page only to others that there are', async () => {
    const { text } = await service.send('GET', '/docs');
    const places = new Set([...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    const named = [...text.matchAll(/ href="#([^"]+)"/g)].map(([, id]) => id);
    expect(named.length).toBeGreaterThan(2 * operations.length);
    expect(named.filter((id) => !places.has(id))).toEqual([]);
  });
});

describe('answers', () => {
  /** The schema that the document gives an answer, as a validator. References are written out in place. */
  function shapeOf(method: string, path: string, status: number | 'default'): z.ZodType {
    const content = document.paths[path]?.[method]?.responses[status]?.content ?? {};
    const schema = Object.values(content)[0]?.schema;
    if (schema === undefined) throw new Error(`the document has no schema for ${method} ${path} ${status}`);
    // What is left without references is plain JSON Schema.
    return z.fromJSONSchema(withoutReferences(schema) as Parameters<typeof z.fromJSONSchema>[0]);
  }

  function withoutReferences(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(withoutReferences);
    if (typeof value !== 'object' || value === null) return value;
    const reference = (value as Node).$ref;
    if (typeof reference === 'string')
      return withoutReferences(document.components.schemas[reference.slice('#/components/schemas/'.length)]);
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withoutReferences(inner)]));
  }

  it('are as the document says', async () => {
    const { send, hold } = service;
    const md5 = await hold('a,b\n1,2\n');
    const asked: readonly [string, string, number, (string | undefined)?, unknown?][] = [
      ['get', '/livez', 200],
      ['get', '/readyz', 200],
      ['get', '/v1/projects', 200],
      ['post', '/v1/projects', 201, undefined, { name: 'second' }],
      ['post', '/v1/projects', 200, undefined, { name: 'second' }],
      ['post', '/v1/datasets/{dataset}/versions', 201, '/v1/datasets/d/versions', { oid: md5, path: 'a.csv' }],
      ['get', '/v1/datasets', 200],
      ['get', '/v1/datasets/{dataset}/versions', 200, '/v1/datasets/d/versions'],
      ['get', '/v1/datasets/{dataset}/versions/{ref}', 200, '/v1/datasets/d/versions/v1'],
      ['get', '/v1/datasets/{dataset}/versions/{ref}/profile', 202, '/v1/datasets/d/versions/v1/profile'],
      ['post', '/v1/models', 201, undefined, { name: 'm', task: 'regression' }],
      ['get', '/v1/models', 200],
      ['get', '/v1/webhooks', 200],
      ['get', '/v1/alerts', 200],
      ['get', '/v1/runs', 200],
      ['get', '/v1/keys', 200],
      ['post', '/v1/keys', 201, undefined, { name: 'last', scopes: ['admin'] }],
    ];
    for (const [method, path, status, address = path, body] of asked) {
      const answer = await send(method.toUpperCase(), address, body);
      expect(answer.status, `${method} ${path}: ${answer.text}`).toBe(status);
      const judged = shapeOf(method, path, status).safeParse(answer.body);
      expect(judged.error?.issues, `${method} ${path}`).toBeUndefined();
    }
    const problem = await send('GET', '/v1/keys');
    expect(problem.status).toBe(401);
    expect(shapeOf('get', '/v1/keys', 'default').safeParse(problem.body).success).toBe(true);
    expect(shapeOf('get', '/v1/keys', 200).safeParse(problem.body).success).toBe(false);
  });
});

describe('the page that reads the document out', () => {
  it('says what each body may hold', async () => {
    const page = await (await service.app.request('/docs')).text();
    const words = page
      .replaceAll(/<[^>]*>/g, ' ')
      .replaceAll('&quot;', '"')
      .replaceAll(/\s+/g, ' ');
    // Not `toContain`, which would print the whole page.
    const says = (text: string): boolean => words.includes(text);
    // What is said of every list is what lists have.
    expect(says('has a cursor next , which the same call takes as cursor')).toBe(true);
    expect(document.components.schemas.DatasetPage?.properties).toHaveProperty('next');
    expect(says('Body, application/json: state (required), token, external_url')).toBe(true);
    expect(says('state "accepted", "running", "succeeded", "failed" or "cancelled", required')).toBe(true);
    expect(says('timestamp_unit "s", "ms" or "us": Unit of timestamps sent as numbers.')).toBe(true);
    expect(page.includes('which takes the scope <code>admin</code>')).toBe(true);
    for (const { path, operation } of operations) {
      for (const type of Object.keys(operation.requestBody?.content ?? {}))
        expect([path, says(type)]).toEqual([path, true]);
    }
  });
});

describe('the calls that the page shows', () => {
  it('have bodies that the service understands, each of them', async () => {
    const open = await startDatasetService();
    try {
      const page = await (await open.app.request('/docs')).text();
      const shown = [...page.matchAll(/<pre>(curl -sS .*?)<\/pre>/g)].map(([, line]) => unescaped(line ?? ''));
      expect(shown.length).toBe(operations.length);
      const misread: string[] = [];
      let sent = 0;
      for (const line of shown) {
        const [, method, address, body] = JSON_CALL.exec(line) ?? [];
        if (address === undefined || body === undefined) continue;
        sent++;
        const { pathname, search } = new URL(address.replaceAll(/[{}]/g, ''));
        const given: unknown = JSON.parse(body.replaceAll(`'\\''`, `'`));
        const answer = await open.send(method ?? 'POST', pathname + search, given);
        if (answer.status >= 500 || (/invalid-body/.test(answer.text) && !EXCUSED.test(answer.text)))
          misread.push(`${line}\n${answer.text}`);
      }
      expect(sent).toBeGreaterThan(40);
      expect(misread.join('\n\n')).toBe('');
    } finally {
      await open.close();
    }
  });
});

/** What no example can know: whether there are keys, and what time it is. */
const EXCUSED = /"code":"first-key"|"code":"out-of-range","pointer":"\/ends_at"/;

const JSON_CALL = /^curl -sS (?:-X (\w+) )?'(\S+)' -H 'content-type: application\/json' -d '(.*)'$/;

const unescaped = (text: string): string =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
