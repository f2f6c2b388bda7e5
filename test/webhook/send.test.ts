import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, createServer as createTcp, type Socket } from 'node:net';
import { Agent } from 'undici';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { addressRule } from '../../src/webhook/address.ts';
import { guardedConnector } from '../../src/webhook/connect.ts';
import { KeptConnections } from '../../src/webhook/connection.ts';
import { createWebhookSender, type DeliveryResult, type SenderOptions } from '../../src/webhook/send.ts';
import { readTarget } from '../../src/webhook/target.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  vi.useRealTimers();
  for (const close of closers.splice(0)) close();
});

async function listening(server: Server | ReturnType<typeof createTcp>): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  // A listening TCP server has an address of this kind.
  return (server.address() as AddressInfo).port;
}

const serve = (listener: RequestListener): Promise<number> => listening(createServer(listener));

const ALLOW = { allow: ['127.0.0.1'] } as const;

async function post(url: string, options: SenderOptions = ALLOW): Promise<DeliveryResult> {
  return createWebhookSender(options).deliver({ url, headers: {}, body: '{}' });
}

describe('deliver', () => {
  it('posts the exact body with its headers and reads the answer', async () => {
    const seen: { method: string; url: string; id: unknown; type: unknown; body: string }[] = [];
    const port = await serve((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on('end', () => {
        const { method = '', url = '', headers } = request;
        seen.push({ method, url, id: headers['webhook-id'], type: headers['content-type'], body });
        response.end('thank\u0000you');
      });
    });
    const result = await createWebhookSender(ALLOW).deliver({
      url: `http://127.0.0.1:${port}/a/b?c=%20d`,
      headers: { 'webhook-id': 'msg_1', 'content-type': 'application/json' },
      body: '{"é":1}',
    });
    expect(result).toMatchObject({ outcome: 'delivered', status: 200, error: null, response: 'thank\ufffdyou' });
    expect(seen).toEqual([
      { method: 'POST', url: '/a/b?c=%20d', id: 'msg_1', type: 'application/json', body: '{"é":1}' },
    ]);
  });

  it.each([
    [204, 'delivered'],
    [299, 'delivered'],
    [400, 'retryable'],
    [404, 'retryable'],
    [410, 'refused'],
    [500, 'retryable'],
    [503, 'retryable'],
  ])('judges %i as %s', async (status, outcome) => {
    const port = await serve((_, response) => response.writeHead(status).end());
    expect(await post(`http://127.0.0.1:${port}/`)).toMatchObject({ outcome, status });
  });

  it.each([301, 302, 303, 307, 308])('does not follow a redirect (%i)', async (status) => {
    let visits = 0;
    const port = await serve((request, response) => {
      visits++;
      const location = `http://127.0.0.1:${request.socket.localPort}/elsewhere`;
      response.writeHead(status, { location }).end();
    });
    const result = await post(`http://127.0.0.1:${port}/`);
    expect(result).toMatchObject({ outcome: 'retryable', status });
    expect(result.error).toMatch(/not followed/);
    expect(visits).toBe(1);
  });

  it.each([
    ['120', 120],
    ['Sun, 01 Mar 2026 12:00:30 GMT', 30],
    ['Sun, 01 Mar 2026 11:00:00 GMT', 0],
    ['soon', null],
    ['-5', null],
  ])('reads Retry-After "%s"', async (header, seconds) => {
    const port = await serve((_, response) => response.writeHead(429, { 'retry-after': header }).end());
    const now = () => new Date('2026-03-01T12:00:00Z');
    const result = await post(`http://127.0.0.1:${port}/`, { ...ALLOW, now });
    expect(result).toMatchObject({ outcome: 'retryable', status: 429, retryAfter: seconds });
  });

  it('ends at the deadline when the receiver never answers', async () => {
    const asked = Promise.withResolvers<void>();
    const port = await serve(() => asked.resolve());
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const result = post(`http://127.0.0.1:${port}/`, { ...ALLOW, deadlineMilliseconds: 150 });
    await asked.promise;
    vi.advanceTimersByTime(150);
    expect(await result).toMatchObject({ outcome: 'retryable', status: null, error: expect.stringMatching(/in time/) });
  });

  it('counts the body into the deadline: slow bytes gain nothing', async () => {
    const port = await serve((_, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('.'), 20);
      response.on('close', () => clearInterval(timer));
    });
    // What the client tells once it has read the head of an answer.
    const begun = Promise.withResolvers<void>();
    const told = (): void => begun.resolve();
    subscribe('undici:request:headers', told);
    closers.push(() => unsubscribe('undici:request:headers', told));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const result = post(`http://127.0.0.1:${port}/`, { ...ALLOW, deadlineMilliseconds: 1500 });
    await begun.promise;
    vi.advanceTimersByTime(1500);
    expect(await result).toMatchObject({ outcome: 'retryable', status: 200 });
  });

  it('reads 16 KiB of an endless body and hangs up', async () => {
    const gone = Promise.withResolvers<void>();
    const port = await serve((_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(4096)));
      };
      response.on('drain', more);
      response.on('close', () => gone.resolve());
      more();
    });
    const result = await post(`http://127.0.0.1:${port}/`);
    await gone.promise;
    expect(result).toMatchObject({ outcome: 'delivered', status: 200 });
    expect(result.response).toHaveLength(16 * 1024);
  });

  it('refuses a head that is larger than 16 KiB', async () => {
    const port = await serve((_, response) => response.writeHead(200, { 'x-large': 'x'.repeat(20_000) }).end());
    expect(await post(`http://127.0.0.1:${port}/`)).toMatchObject({ outcome: 'retryable', status: null });
  });

  it.each(['HTTP/1.1 200', 'garbage\r\n\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort'])(
    'survives a broken answer',
    async (text) => {
      const port = await listening(createTcp((socket) => socket.end(text)));
      expect(await post(`http://127.0.0.1:${port}/`)).toMatchObject({ outcome: 'retryable' });
    },
  );

  it('tells a refused connection by its code and without addresses', async () => {
    const port = await listening(createTcp());
    for (const close of closers.splice(0)) close();
    const result = await post(`http://127.0.0.1:${port}/`);
    expect(result).toMatchObject({ outcome: 'retryable', status: null });
    expect(result.error).toBe('The connection did not succeed (ECONNREFUSED).');
  });
});

describe('connections that are kept', () => {
  const kept: KeptConnections[] = [];
  afterEach(async () => {
    for (const connections of kept.splice(0)) await connections.end();
  });
  const keep = (): KeptConnections => {
    const connections = new KeptConnections();
    kept.push(connections);
    return connections;
  };

  /** A receiver that hands each request its own socket, so that it may hang up. */
  async function receiver(answer: (socket: Socket, requests: number) => void) {
    const seen: Socket[] = [];
    const port = await listening(
      createTcp((socket) => {
        seen.push(socket);
        let requests = 0;
        socket.on('error', () => {});
        socket.on('data', () => answer(socket, ++requests));
      }),
    );
    return { url: `http://127.0.0.1:${port}/`, seen };
  }
  const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
  const send = (url: string, connections: KeptConnections, sender = createWebhookSender(ALLOW)) =>
    sender.deliver({ url, headers: {}, body: '{}', connections });

  it('carry one request after another, and end with their owner', async () => {
    const { url, seen } = await receiver((socket) => socket.write(OK));
    const connections = keep();
    for (let i = 0; i < 3; i++) expect(await send(url, connections)).toMatchObject({ outcome: 'delivered' });
    expect(seen).toHaveLength(1);
    await connections.end();
    if (seen[0]?.closed === false) await once(seen[0], 'close');
    expect(await send(url, connections)).toMatchObject({ outcome: 'delivered', reached: true });
    expect(seen).toHaveLength(2);
  });

  it('are as many as are used at once', async () => {
    const { url, seen } = await receiver((socket) => socket.write(OK));
    const connections = keep();
    for (let i = 0; i < 3; i++) await Promise.all([send(url, connections), send(url, connections)]);
    expect(seen).toHaveLength(2);
  });

  it('are made anew, once, where the receiver hung up instead of answering', async () => {
    const { url, seen } = await receiver((socket, requests) => {
      if (requests === 1) socket.write(OK);
      else socket.destroy();
    });
    const connections = keep();
    for (let i = 0; i < 4; i++)
      expect(await send(url, connections)).toMatchObject({ outcome: 'delivered', status: 200 });
    expect(seen).toHaveLength(4);
  });

  it('are not tried a third time', async () => {
    let healthy = true;
    const { url, seen } = await receiver((socket) => (healthy ? socket.write(OK) : socket.destroy()));
    const connections = keep();
    await send(url, connections);
    healthy = false;
    expect(await send(url, connections)).toMatchObject({ outcome: 'retryable', status: null, reached: true });
    expect(seen).toHaveLength(2);
  });

  it('are left when an answer began and broke off: that was heard', async () => {
    const { url, seen } = await receiver((socket, requests) => {
      if (requests === 1) socket.write(OK);
      else socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort');
    });
    const connections = keep();
    await send(url, connections);
    expect(await send(url, connections)).toMatchObject({ outcome: 'retryable', status: 200 });
    expect(seen).toHaveLength(1);
  });

  it('keep the deadline of each try', async () => {
    const { url, seen } = await receiver((socket, requests) => requests === 1 && socket.write(OK));
    const sender = createWebhookSender({ ...ALLOW, deadlineMilliseconds: 200 });
    const connections = keep();
    await send(url, connections);
    expect(await send(url, connections, sender)).toMatchObject({ error: expect.stringMatching(/in time/) });
    expect(seen).toHaveLength(1);
  });

  it('are judged whenever they are made: a name that has changed meanwhile is blocked', async () => {
    const port = await serve((_, response) => response.writeHead(200, { connection: 'close' }).end('ok'));
    const addresses = ['127.0.0.1', '10.0.0.1'];
    const resolve = async () => [{ address: addresses.shift() ?? '10.0.0.1', family: 4 }];
    const sender = createWebhookSender({ ...ALLOW, resolve });
    const connections = keep();
    const url = `http://receiver.test:${port}/`;
    expect(await send(url, connections, sender)).toMatchObject({ outcome: 'delivered' });
    expect(await send(url, connections, sender)).toMatchObject({ outcome: 'blocked', status: null });
  });

  it('lead nowhere else', async () => {
    const [one, other] = [await receiver((socket) => socket.write(OK)), await receiver((socket) => socket.write(OK))];
    const connections = keep();
    await send(one.url, connections);
    await send(other.url, connections);
    expect([one.seen.length, other.seen.length]).toEqual([1, 1]);
  });
});

describe('the guard', () => {
  it.each([
    (port: number) => `http://127.0.0.1:${port}/`,
    (port: number) => `http://2130706433:${port}/`,
    (port: number) => `http://0x7f.1:${port}/`,
    (port: number) => `http://localhost:${port}/`,
    (port: number) => `http://localhost.:${port}/`,
    (port: number) => `http://[::ffff:127.0.0.1]:${port}/`,
    (port: number) => `https://127.0.0.1:${port}/`,
  ])('writes no byte to a loopback receiver (%#)', async (urlOf) => {
    let connections = 0;
    const port = await listening(createTcp(() => connections++));
    expect(await post(urlOf(port), { allow: [] })).toMatchObject({ outcome: 'blocked', status: null });
    expect(connections).toBe(0);
  });

  it('drops the private addresses of a name, and blocks a name that has no other', async () => {
    const port = await serve((_, response) => response.end());
    const both = async () => [
      { address: '10.0.0.1', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ];
    const url = `http://receiver.test:${port}/`;
    expect(await post(url, { ...ALLOW, resolve: both })).toMatchObject({ outcome: 'delivered' });
    expect(await post(url, { allow: [], resolve: both })).toMatchObject({ outcome: 'blocked' });
  });

  it('judges the address that is connected to: a name that changes after registration is blocked', async () => {
    let connections = 0;
    const port = await listening(createTcp(() => connections++));
    const answers = ['93.184.215.14', '127.0.0.1'];
    const resolve = async () => [{ address: answers.shift() ?? '127.0.0.1', family: 4 }];
    const sender = createWebhookSender({ allow: [], resolve });
    await sender.inspect('https://rebinding.test/');
    const url = `https://rebinding.test:8443/?${port}`;
    const result = await sender.deliver({ url, headers: {}, body: '{}' });
    expect(result).toMatchObject({ outcome: 'blocked' });
    expect(connections).toBe(0);
  });

  it('judges again once connected, before a byte is written', async () => {
    const received: string[] = [];
    const ended = Promise.withResolvers<void>();
    const port = await listening(
      createTcp((socket) => {
        socket.on('data', (chunk: Buffer) => received.push(chunk.toString()));
        socket.on('close', () => ended.resolve());
      }),
    );
    const target = readTarget(`http://127.0.0.1:${port}/`, addressRule(['127.0.0.1']));
    const connect = guardedConnector({
      target,
      rule: addressRule([]),
      resolve: async () => [],
      signal: new AbortController().signal,
    });
    const agent = new Agent({ connect });
    const request = agent.request({ origin: target.url.origin, path: '/', method: 'POST', body: 'secret' });
    await expect(request).rejects.toMatchObject({ code: 'blocked-address' });
    await ended.promise;
    expect(received).toEqual([]);
    await agent.destroy();
  });

  it('reaches a public address in plain text only where the operator says so', async () => {
    const resolve = async () => [{ address: '93.184.215.14', family: 4 }];
    const result = await post('http://plain.test/', { allow: [], resolve });
    expect(result).toMatchObject({ outcome: 'blocked', error: expect.stringMatching(/https/) });
  });

  it('tells an unknown name as a failed connection', async () => {
    const resolve = async () => [];
    expect(await post('https://nowhere.test/', { allow: [], resolve })).toMatchObject({
      outcome: 'retryable',
      error: 'The connection did not succeed (ENOTFOUND).',
    });
  });
});

describe('inspect', () => {
  const inspect = (url: string, addresses: readonly string[], allow: readonly string[] = []) =>
    createWebhookSender({
      allow,
      resolve: async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    }).inspect(url);

  it('judges a name by all of its addresses', async () => {
    await expect(inspect('https://a.test/', ['10.0.0.1', '93.184.215.14'])).resolves.toBeUndefined();
    await expect(inspect('https://a.test/', ['10.0.0.1', 'fd00::1'])).rejects.toMatchObject({
      code: 'blocked-address',
    });
    await expect(inspect('http://a.test/', ['93.184.215.14'])).rejects.toMatchObject({ code: 'invalid-body' });
    await expect(inspect('http://a.test/', ['10.0.0.1'], ['10.0.0.0/8'])).resolves.toBeUndefined();
  });

  it('lets a name that cannot be resolved now be judged later, unless it needs an exception', async () => {
    await expect(inspect('https://a.test/', [])).resolves.toBeUndefined();
    await expect(inspect('http://a.test/', [])).rejects.toMatchObject({ code: 'invalid-body' });
  });
});

describe('TLS', () => {
  const fixture = (name: string) => readFileSync(new URL(`../fixtures/webhook/${name}.pem`, import.meta.url), 'utf8');
  const resolve = async () => [{ address: '127.0.0.1', family: 4 }];
  const https = (cert: string): Promise<number> =>
    listening(createHttps({ key: fixture('receiver.key'), cert }, (_, response) => response.end('ok')));

  it('delivers to a certificate of a trusted authority', async () => {
    const cert = fixture('receiver.crt');
    const result = await post(`https://receiver.test:${await https(cert)}/`, { ...ALLOW, resolve, ca: cert });
    expect(result).toMatchObject({ outcome: 'delivered', response: 'ok' });
  });

  it.each([
    ['of another host', 'receiver.crt', 'other.test', true, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['that nobody vouches for', 'receiver.crt', 'receiver.test', false, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['that has expired', 'expired.crt', 'receiver.test', true, 'CERT_HAS_EXPIRED'],
  ])('sends nothing to a certificate %s', async (_, file, host, trusted, code) => {
    const cert = fixture(file);
    const port = await https(cert);
    const result = await post(`https://${host}:${port}/`, { ...ALLOW, resolve, ...(trusted ? { ca: cert } : {}) });
    expect(result).toMatchObject({ outcome: 'retryable', status: null });
    expect(result.error).toBe(`The connection did not succeed (${code}).`);
  });
});
