import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ClientConnections } from '../../src/http/client-connections.ts';

const LARGE = Buffer.alloc(8_000_000);

let server: Server;
let now: number;
let ended: number;
/** Connections that have been closed at the other end, and what the class made of that. */
let closed: number;
beforeEach(async () => {
  [now, ended, closed] = [0, 0, 0];
  const connections = new ClientConnections(() => now);
  server = createServer((incoming, outgoing) => {
    connections.follow('ann', incoming.url ?? '', { incoming, outgoing }, () => ended++);
    if (incoming.url === '/missing') outgoing.statusCode = 404;
    outgoing.end(incoming.url === '/large' ? LARGE : 'small');
  });
  server.on('connection', (socket) => socket.once('close', () => setImmediate(() => closed++)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

/** A client with connections of its own. */
function client() {
  const agent = new Agent({ keepAlive: true });
  const open = async (path: string, headers: Record<string, string> = {}): Promise<IncomingMessage> => {
    const { port } = server.address() as AddressInfo;
    const asking = request({ host: '127.0.0.1', port, path, agent, headers }).end();
    const [response] = (await once(asking, 'response')) as [IncomingMessage];
    return response;
  };
  return {
    open,
    ask: async (path: string, headers?: Record<string, string>): Promise<void> => {
      const response = await open(path, headers);
      response.resume();
      await once(response, 'close');
    },
    end: () => agent.destroy(),
  };
}

const noticed = (count: number) => expect.poll(() => closed).toBe(count);

it('a client that has taken what it asked for and closes its last connection has ended', async () => {
  const dvc = client();
  await dvc.ask('/list');
  await Promise.all([dvc.ask('/a'), dvc.ask('/b')]);
  expect(ended).toBe(0);
  dvc.end();
  await expect.poll(() => ended).toBe(1);
});

it('has not while another connection of its is open', async () => {
  const [first, second] = [client(), client()];
  await first.ask('/a');
  await second.ask('/b');
  first.end();
  await noticed(1);
  expect(ended).toBe(0);
  second.end();
  await expect.poll(() => ended).toBe(1);
});

it('has not when it drops a connection to learn only that something exists, but once it has got that', async () => {
  const dvc = client();
  const response = await dvc.open('/large');
  response.destroy();
  await noticed(1);
  await dvc.ask('/other');
  dvc.end();
  await noticed(2);
  expect(ended).toBe(0);
  const again = client();
  await again.ask('/large');
  again.end();
  await expect.poll(() => ended).toBe(1);
});

it('has not when it closes the connection on an answer that something is missing', async () => {
  const dvc = client();
  await dvc.ask('/list');
  await dvc.ask('/missing');
  dvc.end();
  await noticed(1);
  expect(ended).toBe(0);
});

it('has not when a connection was closed that nothing had come by for long', async () => {
  const dvc = client();
  await dvc.ask('/a');
  now = 15_000;
  dvc.end();
  await noticed(1);
  expect(ended).toBe(0);
});

it('has not when this end closes the connection', async () => {
  const dvc = client();
  await dvc.ask('/a');
  server.closeAllConnections();
  await noticed(1);
  expect(ended).toBe(0);
});

it.each([
  ['a proxy that says so', { 'x-forwarded-for': '192.0.2.1' }],
  ['one that closes each', { connection: 'close' }],
])('is not known to have when it came by %s', async (_, headers) => {
  const dvc = client();
  await dvc.ask('/a', headers);
  dvc.end();
  await noticed(1);
  expect(ended).toBe(0);
});
