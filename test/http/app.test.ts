import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Scope } from '../../src/domain/access/actor.ts';
import { createApp } from '../../src/http/app.ts';
import { type App, honoPath, route } from '../../src/http/route.ts';
import { listen } from '../../src/http/server.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { createTestDatabase } from '../support/database.ts';

const LIMIT = 2000;

let ctx: TestContext;
let app: App;
let drop: () => Promise<void>;
beforeAll(async () => {
  const database = await createTestDatabase();
  ctx = await createTestContext(database.url, { environment: { TIDEMARK_MAX_BODY_BYTES: String(LIMIT) } });
  app = createApp(ctx);
  drop = database.drop;
  addTestRoutes(app);
});
afterAll(async () => {
  await ctx.close();
  await drop();
});

/** Two routes that are nobody's: one that shows what it was given, one that breaks as a bug would. */
function addTestRoutes(to: App): void {
  const answers = { 200: { description: 'What came', schema: null } };
  const shared = { tag: 'access', summary: 'For this test', scope: 'data:read', answers } as const;
  const body = z.strictObject({
    name: z.string(),
    deep: z.strictObject({ 'a/b~c': z.int() }).optional(),
    state: z.strictObject({ word: z.enum(['up', 'down']) }).optional(),
    length: z.union([z.string(), z.number()]).optional(),
  });
  const query = z.strictObject({ limit: z.string().optional() });
  route(
    to,
    {
      ...shared,
      id: 'echo',
      method: 'post',
      path: '/v1/tests/{name}/rest/{path*}',
      body,
      query,
      params: z.strictObject({ name: z.string(), path: z.string() }),
    },
    (input) => {
      return { status: 200, body: { params: input.params, query: input.query, body: input.body } };
    },
  );
  route(to, { ...shared, id: 'break', method: 'get', path: '/v1/tests/broken' }, () => {
    throw new Error('connect ECONNREFUSED postgres://user:hunter2@db');
  });
}

type Told = { status: number; headers: Headers; body: Record<string, unknown> };

async function ask(method: string, path: string, init: RequestInit = {}): Promise<Told> {
  const response = await app.request(path, { method, ...init });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) };
}

const json = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  body: typeof body === 'string' ? body : JSON.stringify(body),
  headers: { 'content-type': 'application/json', ...headers },
});
const type = (code: string) => ({ type: `https://tidemark.dev/problems/${code}` });
const AT = '/v1/tests/n/rest/a/b';

describe('a route', () => {
  it('hands over parts that were parsed, with a path that goes on', async () => {
    const told = await ask('POST', '/v1/tests/caf%C3%A9/rest/a/b%20c?limit=7&project=default', json({ name: 'x' }));
    expect(told.status).toBe(200);
    expect(told.body).toEqual({ params: { name: 'café', path: 'a/b c' }, query: { limit: '7' }, body: { name: 'x' } });
    expect(honoPath('/v1/{a}/x/{rest*}')).toBe('/v1/:a/x/:rest{.+}');
  });

  it.each([
    ['an unknown field', { name: 'x', naem: 1 }, 'unknown-field', '/naem', /"naem" is not a known field/],
    ['an unknown field inside', { name: 'x', deep: { 'a/b~c': 1, z: 1 } }, 'unknown-field', '/deep/z', /\/deep\/z/],
    ['a wrong type', { name: 7 }, 'invalid-body', '/name', /The body at \/name/],
    ['a wrong type inside', { name: 'x', deep: { 'a/b~c': 'y' } }, 'invalid-body', '/deep/a~1b~0c', /a~1b~0c/],
    ['a missing field', {}, 'invalid-body', '/name', /^The body at \/name: is required\.$/],
    [
      'a missing word, with those there are',
      { name: 'x', state: {} },
      'invalid-body',
      '/state/word',
      /\/state\/word: is required: one of "up"\|"down"\.$/,
    ],
    [
      'what has none of several forms, with those there are',
      { name: 'x', length: null },
      'invalid-body',
      '/length',
      /\/length: Invalid input: expected string or number\.$/,
    ],
    ['null', null, 'invalid-body', '', /The body at \//],
    ['a list', [], 'invalid-body', '', /The body at \//],
  ])('points at %s', async (_, body, code, pointer, says) => {
    const told = await ask('POST', AT, json(body));
    expect(told.status).toBe(422);
    expect(told.body).toMatchObject({ ...type(code), errors: [{ pointer }], errors_total: 1 });
    expect(told.body.detail).toMatch(says);
  });

  it('names every place that is wrong, as a pointer that leads there', async () => {
    const told = await ask('POST', AT, json({ name: 1, 'x/y': 1, 'x~y': 2 }));
    const errors = told.body.errors as { pointer: string; code: string }[];
    expect(told.body).toMatchObject({ ...type('invalid-body'), errors_total: 3 });
    expect(errors.map(({ pointer }) => pointer).sort()).toEqual(['/name', '/x~0y', '/x~1y']);
  });

  it.each([
    [`${AT}?limit=1&limit=2`, '"limit" stands twice'],
    [`${AT}?project=default&project=other`, '"project" stands twice'],
    [`${AT}?page=2`, 'page'],
    ['/v1/keys?x=1', '"x"'],
  ])('refuses the query of %s', async (path, says) => {
    const told = await ask(path.startsWith(AT) ? 'POST' : 'GET', path, path.startsWith(AT) ? json({ name: 'x' }) : {});
    expect(told.status).toBe(400);
    expect(told.body).toMatchObject({ ...type('bad-request'), detail: expect.stringContaining(says) });
  });

  it.each([
    ['no type', {}],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['text', { 'content-type': 'text/plain' }],
    ['a type that only begins so', { 'content-type': 'application/jsonx' }],
  ])('takes JSON alone: %s', async (_, headers) => {
    const told = await ask('POST', AT, { body: new TextEncoder().encode('{"name":"x"}'), headers });
    expect(told.status).toBe(415);
    expect(told.body).toMatchObject(type('unsupported-media-type'));
  });

  it.each(['application/json; charset=utf-8', 'Application/JSON', 'application/vnd.tidemark+json'])(
    'takes %s',
    async (given) => {
      expect((await ask('POST', AT, json({ name: 'x' }, { 'content-type': given }))).status).toBe(200);
    },
  );

  it('refuses bytes that are no UTF-8, and JSON that would be changed', async () => {
    const body = Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d);
    expect((await ask('POST', AT, { ...json(''), body })).body).toMatchObject(type('bad-request'));
    expect((await ask('POST', AT, json('{"name":"a","name":"b"}'))).body).toMatchObject(type('invalid-body'));
  });

  it('stops reading a body that is too large, whether it is announced or not', async () => {
    const announced = await ask('POST', AT, json('', { 'content-length': String(LIMIT + 1) }));
    expect(announced.status).toBe(413);
    expect(announced.body).toMatchObject({ ...type('too-large'), limit: LIMIT });
    let pulled = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulled++;
        controller.enqueue(new Uint8Array(1000).fill(0x20));
      },
    });
    // A stream can only be sent when it is declared as one-way.
    const streamed = await ask('POST', AT, { ...json(''), body, duplex: 'half' } as RequestInit);
    expect(streamed.status).toBe(413);
    expect(pulled).toBeLessThan(8);
    expect((await ask('POST', AT, json({ name: 'x'.repeat(LIMIT - 11) }))).status).toBe(200);
  });
});

describe('an address', () => {
  it.each(['/nothing', '/v1/nothing', '/v1/keys/a/b', '/v1', '/v2/keys', '//v1/keys'])(
    '%s is not there',
    async (path) => {
      for (const method of ['GET', 'POST', 'DELETE', 'PURGE']) {
        const told = await ask(method, path);
        expect(told.status).toBe(404);
        expect(told.body).toMatchObject({
          ...type('not-found'),
          instance: path,
          request_id: told.headers.get('x-request-id'),
        });
      }
    },
  );

  it.each([
    ['PUT', '/v1/keys', 'HEAD, GET, POST'],
    ['PURGE', '/v1/keys', 'HEAD, GET, POST'],
    ['OPTIONS', '/v1/keys', 'HEAD, GET, POST'],
    ['GET', '/v1/keys/abc', 'DELETE'],
    ['HEAD', '/v1/keys/abc', 'DELETE'],
    ['POST', '/livez', 'HEAD, GET'],
    ['DELETE', '/openapi.json', 'HEAD, GET'],
  ])('is there, but not for %s %s', async (method, path, allow) => {
    const response = await app.request(path, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe(allow);
    if (method !== 'HEAD') expect(await response.json()).toMatchObject(type('method-not-allowed'));
  });

  it('answers HEAD as GET, without a body', async () => {
    for (const path of ['/livez', '/v1/keys', '/openapi.json']) {
      const response = await app.request(path, { method: 'HEAD' });
      expect(response.status).toBe(200);
      expect(await response.text()).toBe('');
    }
  });
});

describe('every answer', () => {
  it('carries a request id of its own and cannot be sniffed', async () => {
    const seen = new Set<string>();
    for (const path of ['/livez', '/v1/keys', '/v1/nothing', '/nothing', '/docs', '/v1/tests/broken']) {
      const { headers } = await app.request(path);
      expect(headers.get('x-request-id')).toMatch(/^req_[0-9a-z]{26}$/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      seen.add(headers.get('x-request-id') ?? '');
    }
    expect(seen.size).toBe(6);
  });

  it('to what was not foreseen names the log entry and nothing else', async () => {
    const logged: unknown[] = [];
    const error = (entry: unknown) => logged.push(entry);
    const loud = createApp({ ...ctx, log: Object.assign(Object.create(ctx.log) as typeof ctx.log, { error }) });
    addTestRoutes(loud);
    const response = await loud.request('/v1/tests/broken');
    const text = await response.text();
    expect(response.status).toBe(500);
    expect(JSON.parse(text)).toMatchObject(type('internal'));
    expect(text).not.toMatch(/hunter2|ECONNREFUSED|\.ts/);
    const id = response.headers.get('x-request-id');
    expect(text).toContain(`the log has it under ${id}`);
    expect(logged).toEqual([
      expect.objectContaining({
        request: id,
        code: 'internal',
        err: expect.objectContaining({ message: expect.stringContaining('hunter2') }),
      }),
    ]);
  });

  it('says that the service is stopping', async () => {
    const draining = createApp(ctx, () => true);
    const ready = await draining.request('/readyz');
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ status: 'stopping' });
    expect((await draining.request('/livez')).status).toBe(200);
    expect(await (await app.request('/readyz')).json()).toMatchObject({
      status: 'ready',
      checks: [
        { name: 'database', ok: true },
        { name: 'remote', ok: true },
      ],
    });
  });

  it('to a scraper is in the Prometheus text format', async () => {
    const response = await app.request('/metrics');
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(await response.text()).toMatch(/^tidemark_dataset_versions 0$/m);
  });

  it('counts and times what was answered, by the pattern of the address', async () => {
    await app.request('/v1/datasets/nobody');
    await app.request('/v1/datasets/nobody-else');
    await ask('POST', '/v1/objects/batch', json({ objects: [] }));
    const text = await (await app.request('/metrics')).text();
    const counted = (labels: string) => `tidemark_http_request_duration_seconds_count{${labels}}`;
    expect(text).toContain(`${counted('method="GET",route="/v1/datasets/:dataset",status="404"')} 2`);
    expect(text).toContain(`${counted('method="POST",route="/v1/objects/batch",status="200"')} 1`);
    expect(text).not.toContain('nobody');
  });
});

describe('who asks', () => {
  // Keys close the service, so this comes last.
  const keys = new Map<string, string>();
  const issue = async (name: string, scopes: readonly Scope[], admin?: string): Promise<string> => {
    const headers: Record<string, string> = admin === undefined ? {} : { authorization: `Bearer ${admin}` };
    const told = await ask('POST', '/v1/keys', json({ name, scopes }, headers));
    expect(told.status).toBe(201);
    return String(told.body.key);
  };
  const status = async (authorization: string, path = '/v1/keys') =>
    (await app.request(path, { headers: { authorization } })).status;
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

  beforeAll(async () => {
    const admin = await issue('admin', ['admin']);
    keys.set('admin', admin).set('reader', await issue('reader', ['data:read'], admin));
  });

  it('needs a key once there is one, except where the route is public', async () => {
    const told = await ask('GET', '/v1/projects');
    expect(told.status).toBe(401);
    expect(told.headers.get('www-authenticate')).toMatch(/Bearer.*Basic/);
    for (const path of ['/livez', '/readyz', '/metrics', '/openapi.json', '/docs'])
      expect((await app.request(path)).status).toBe(200);
  });

  it('sends the key as bearer token, or as the password of Basic under any name', async () => {
    const admin = keys.get('admin') ?? '';
    for (const header of [`Bearer ${admin}`, `bearer  ${admin}`, basic(`:${admin}`), basic(`dvc:${admin}`)])
      expect(await status(header)).toBe(200);
    const wrong = [
      'Bearer',
      'Bearer ',
      admin,
      `Token ${admin}`,
      basic(admin.slice(1)),
      basic(`${admin}:`),
      'Basic !!!',
      `Bearer ${admin}x`,
    ];
    for (const header of wrong) expect(await status(header), header).toBe(401);
  });

  it('is told which scope is missing', async () => {
    const headers = { authorization: `Bearer ${keys.get('reader')}` };
    expect((await ask('GET', '/v1/projects', { headers })).status).toBe(200);
    const told = await ask('GET', '/v1/keys', { headers });
    expect(told.status).toBe(403);
    expect(told.body).toMatchObject({ ...type('forbidden'), scope: 'admin' });
    // The scope comes before the body: who may not write learns nothing of how.
    expect((await ask('POST', '/v1/webhooks', json('no json', headers))).status).toBe(403);
  });

  it('is in one project, whatever else is named', async () => {
    const headers = { authorization: `Bearer ${keys.get('reader')}` };
    expect((await ask('GET', '/v1/projects', { headers: { ...headers, 'tidemark-project': 'default' } })).status).toBe(
      200,
    );
    expect((await ask('GET', '/v1/projects', { headers: { ...headers, 'tidemark-project': 'other' } })).status).toBe(
      404,
    );
    expect((await ask('GET', '/v1/projects?project=other', { headers })).status).toBe(404);
    expect((await ask('GET', '/v1/projects?project=%00', { headers })).status).toBe(400);
  });

  it('is nobody with two Authorization headers', async () => {
    const server = await listen(app, { host: '127.0.0.1', port: 0 });
    const [admin, reader] = [keys.get('admin'), keys.get('reader')];
    const statusOf = async (...lines: string[]): Promise<number> => {
      const socket = connect(server.port, '127.0.0.1');
      const head = ['GET /v1/keys HTTP/1.1', 'Host: a', 'Connection: close', ...lines];
      socket.write(`${head.join('\r\n')}\r\n\r\n`);
      const [first] = (await once(socket, 'data')) as [Buffer];
      socket.destroy();
      return Number(first.toString().split(' ')[1]);
    };
    const line = (key: string | undefined) => `Authorization: Bearer ${key}`;
    expect(await statusOf(line(admin))).toBe(200);
    expect(await statusOf(line(admin), line(reader))).toBe(401);
    expect(await statusOf(line(reader), line(admin))).toBe(401);
    expect(await statusOf(line(admin), line(admin))).toBe(401);
    await server.close(1000);
  });
});
