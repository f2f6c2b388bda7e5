import { once } from 'node:events';
import { request } from 'node:http';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { withPatience } from '../../src/http/patience.ts';
import { bodyStream, type HttpContext, type HttpEnv } from '../../src/http/request.ts';
import type { App } from '../../src/http/route.ts';
import { type HttpServer, listen } from '../../src/http/server.ts';

let server: HttpServer;
let release: () => void = () => {};

/** Reads the body, then works until it is released. */
async function work(c: HttpContext): Promise<string> {
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  for await (const _ of bodyStream(c));
  await gate;
  return 'done';
}

beforeAll(async () => {
  const app = new Hono<HttpEnv>();
  app.post('/', async (c) => c.text(await withPatience(c, work(c), 5)));
  // The server uses nothing of it but `fetch`.
  server = await listen(app as unknown as App, { host: '127.0.0.1', port: 0 });
});
afterAll(() => server.close(1000));

function post(body: string) {
  const sending = request({ port: server.port, method: 'POST', headers: { 'transfer-encoding': 'chunked' } });
  sending.end(body);
  return sending;
}

describe('a client whose patience is short', () => {
  it('hears again and again that its body is worked on, and then the answer', async () => {
    const sending = post('body');
    for (let i = 0; i < 3; i++) {
      const [interim] = await once(sending, 'information');
      expect(interim.statusCode).toBe(102);
    }
    release();
    const [response] = await once(sending, 'response');
    expect(response.statusCode).toBe(200);
    response.resume();
    await once(response, 'end');
  });

  it('hears nothing while its body is still on the way, or where it knows no interim answers', async () => {
    vi.useFakeTimers();
    const writeProcessing = vi.fn();
    const incoming = { httpVersion: '1.1', readableEnded: false };
    const outgoing = { headersSent: false, writeProcessing };
    const gate = Promise.withResolvers<string>();
    const waiting = withPatience(nodeSides(incoming, outgoing), gate.promise);
    vi.advanceTimersByTime(60_000);
    expect(writeProcessing).not.toHaveBeenCalled();
    incoming.readableEnded = true;
    vi.advanceTimersByTime(60_000);
    expect(writeProcessing).toHaveBeenCalledTimes(4);
    const old = withPatience(nodeSides({ ...incoming, httpVersion: '1.0' }, outgoing), gate.promise);
    gate.resolve('done');
    expect(await Promise.all([waiting, old])).toEqual(['done', 'done']);
    vi.advanceTimersByTime(60_000);
    expect(writeProcessing).toHaveBeenCalledTimes(4);
    vi.useRealTimers();
  });
});

/** As much of a request as the patience of its client needs. */
function nodeSides(incoming: object, outgoing: object): HttpContext {
  return { env: { incoming, outgoing } } as unknown as HttpContext;
}
