import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { OpenAPIHono } from '@hono/zod-openapi';
import { afterEach, describe, expect, it } from 'vitest';
import type { HttpEnv } from '../../src/http/request.ts';
import { type HttpServer, listen } from '../../src/http/server.ts';

let server: HttpServer | undefined;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server?.close(1000);
  server = undefined;
});

/** A server with one address that answers at once and one that answers when it is told. */
async function open(options: { headersTimeout?: number } = {}) {
  const app = new OpenAPIHono<HttpEnv>();
  const begun = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  app.get('/now', (c) => c.text('here'));
  app.get('/later', async (c) => {
    begun.resolve();
    await finish.promise;
    return c.text('at last');
  });
  server = await listen(app, { host: '127.0.0.1', port: 0, ...options });
  return { port: server.port, begun: begun.promise, finish: finish.resolve, server };
}

/** Everything that comes back on one connection until the server ends it. */
async function send(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  let answer = '';
  socket.on('data', (chunk: Buffer) => {
    answer += chunk.toString();
  });
  socket.on('error', () => {});
  socket.write(text);
  await once(socket, 'close');
  return answer;
}

function expectProblem(answer: string, status: number, detail: string): void {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(head.toLowerCase()).toContain('content-type: application/problem+json');
  expect(head.toLowerCase()).toContain(`content-length: ${Buffer.byteLength(body)}`);
  expect(head.toLowerCase()).toContain('connection: close');
  expect(JSON.parse(body)).toMatchObject({
    type: expect.stringMatching(/^https:\/\/tidemark\.dev\/problems\/[a-z-]+$/),
    title: expect.any(String),
    status,
    detail: expect.stringContaining(detail),
  });
}

describe('the HTTP server', () => {
  it.each([
    ['no HTTP at all', 'hello there\r\n\r\n'],
    ['an unknown version', 'GET /now HTTP/9.9\r\nHost: a\r\n\r\n'],
    ['a method that none has', 'F\u0000O /now HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['a header without a name', 'GET /now HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n'],
    ['two lengths', 'POST /now HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx'],
    [
      'a length and chunks',
      'POST /now HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx',
    ],
    ['a length that is no number', 'POST /now HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n'],
  ])('answers %s with a problem document', async (_, text) => {
    const { port } = await open();
    expectProblem(await send(port, text), 400, 'not valid HTTP');
  });

  it('answers headers beyond 16 KiB with 431', async () => {
    const { port } = await open();
    const answer = await send(port, `GET /now HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`);
    expectProblem(answer, 431, '16 KiB');
  });

  it('answers headers that do not come to their end with 408', async () => {
    const { port } = await open({ headersTimeout: 50 });
    expectProblem(await send(port, 'GET /now HTTP/1.1\r\nHost: a\r\n'), 408, 'did not arrive in time');
  });

  it('serves on after all of that', async () => {
    const { port } = await open();
    await send(port, 'nonsense\r\n\r\n');
    const answer = await fetch(`http://127.0.0.1:${port}/now`);
    expect(await answer.text()).toBe('here');
  });

  it('says that a port is taken, and that an address is not ours', async () => {
    const { port } = await open();
    const app = new OpenAPIHono<HttpEnv>();
    await expect(listen(app, { host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'already-running',
      message: expect.stringContaining(`Port ${port} on 127.0.0.1`),
    });
    await expect(listen(app, { host: '203.0.113.1', port: 0 })).rejects.toMatchObject({
      code: 'invalid-configuration',
    });
  });

  it('closes when the request in flight is answered, and takes no new one', async () => {
    const { port, begun, finish, server: running } = await open();
    const answer = fetch(`http://127.0.0.1:${port}/later`).then((response) => response.text());
    await begun;
    const closed = running.close(60_000);
    await expect(fetch(`http://127.0.0.1:${port}/now`)).rejects.toThrow();
    finish();
    expect(await answer).toBe('at last');
    await closed;
  });

  it('cuts off what outlasts the grace time', async () => {
    const { port, begun, finish, server: running } = await open();
    const answer = fetch(`http://127.0.0.1:${port}/later`).then((response) => response.text());
    const outcome = expect(answer).rejects.toThrow();
    await begun;
    await running.close(1);
    await outcome;
    finish();
  });
});
