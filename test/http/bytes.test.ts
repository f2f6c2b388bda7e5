import { EventEmitter } from 'node:events';
import { Hono } from 'hono';
import { describe, expect, it, vi } from 'vitest';
import { answerBytes } from '../../src/http/bytes.ts';
import type { HttpEnv } from '../../src/http/request.ts';
import { chunks } from '../support/bytes.ts';

/** Node's side of an answer, as far as bytes look at it. */
class Outgoing extends EventEmitter {
  destroyed = false;
  readonly headersSent = true;
  readonly writableLength = 0;

  leave(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

function ask(outgoing: Outgoing, method = 'GET') {
  const open = vi.fn(async () => chunks('bytes'));
  const app = new Hono<HttpEnv>();
  app.get('/', (c) => answerBytes(c, { etag: 'x', size: 5, name: 'x', open }, { headFirst: true }));
  // Of the bindings only the outgoing side is used.
  const answer = app.request('/', { method }, { outgoing } as unknown as HttpEnv['Bindings']);
  return { open, answer };
}

describe('bytes whose head goes first', () => {
  it('are not opened for a client that leaves with the head', async () => {
    const outgoing = new Outgoing();
    const { open, answer } = ask(outgoing);
    const response = await answer;
    expect([response.status, response.headers.get('content-length')]).toEqual([200, '5']);
    const body = response.text();
    outgoing.leave();
    expect(await body).toBe('');
    expect(open).not.toHaveBeenCalled();
  });

  it('are opened once for a client that stays, which no listener outlives', async () => {
    const outgoing = new Outgoing();
    const { open, answer } = ask(outgoing);
    expect(await (await answer).text()).toBe('bytes');
    expect(open).toHaveBeenCalledTimes(1);
    expect(outgoing.listenerCount('close')).toBe(0);
  });

  it('are not opened for a HEAD', async () => {
    const { open, answer } = ask(new Outgoing(), 'HEAD');
    expect((await answer).headers.get('content-length')).toBe('5');
    expect(open).not.toHaveBeenCalled();
  });

  it('are not compressed before the client has stayed', async () => {
    const gzip = vi.fn(async () => new Uint8Array([1, 2, 3]));
    const compressed = (outgoing: Outgoing) => {
      const app = new Hono<HttpEnv>();
      const source = { etag: 'x', size: 5, name: 'x', open: async () => chunks('bytes'), gzip };
      app.get('/', (c) => answerBytes(c, source, { headFirst: true }));
      const headers = { 'accept-encoding': 'gzip' };
      // Of the bindings only the outgoing side is used.
      return app.request('/', { headers }, { outgoing } as unknown as HttpEnv['Bindings']);
    };
    const gone = new Outgoing();
    const body = (await compressed(gone)).arrayBuffer();
    gone.leave();
    expect([(await body).byteLength, gzip.mock.calls.length]).toEqual([0, 0]);
    const answer = await compressed(new Outgoing());
    expect([answer.headers.get('content-encoding'), answer.headers.get('content-length')]).toEqual(['gzip', null]);
    expect([...new Uint8Array(await answer.arrayBuffer())]).toEqual([1, 2, 3]);
  });
});
