import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createClient } from '../../../src/cli/client/client.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A service that gives these answers, one a request, and the last of them for ever. */
async function serve(...answers: readonly Answer[]) {
  let asked = 0;
  const bodies: string[] = [];
  server = createServer((request, response) => {
    const answer = answers[Math.min(asked++, answers.length - 1)];
    request
      .setEncoding('utf8')
      .toArray()
      .then(
        (parts) => {
          bodies.push(parts.join(''));
          answer?.(request, response);
        },
        () => {},
      );
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const waits: number[] = [];
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const onWait = (milliseconds: number): void => void waits.push(milliseconds);
  return { client: createClient({ url, key: undefined, project: undefined, onWait }), bodies, waits };
}

const fine: Answer = (_, response) => response.end('{"ok":true}');
const busy: Answer = (_, response) =>
  response
    .writeHead(503, { 'retry-after': '0' })
    .end('{"type":"https://tidemark.dev/problems/store-unavailable","detail":"Busy."}');
const gone: Answer = (request) => request.socket.destroy();
const half: Answer = (request, response) => {
  response.writeHead(200, { 'content-length': '11' });
  response.write('{"ok"', () => request.socket.destroy());
};
const okay = z.strictObject({ ok: z.literal(true) });

describe('a service that fails for a moment', () => {
  it('is asked again, with the same body', async () => {
    const { client, bodies, waits } = await serve(busy, gone, half, fine);
    expect(await client.call(okay, 'POST', '/x', { json: { a: 1 } })).toEqual({ ok: true });
    expect(bodies).toEqual(Array.from({ length: 4 }, () => '{"a":1}'));
    expect(waits).toHaveLength(3);
    expect(waits[0]).toBe(0);
  });

  it('gets a stream from its beginning each time', async () => {
    const { client, bodies } = await serve(busy, fine);
    await client.send('PUT', '/x', { body: () => Readable.from(['from the ', 'beginning']) });
    expect(bodies).toEqual(['from the beginning', 'from the beginning']);
  });

  it('is told of when it stays so', async () => {
    const { client, bodies } = await serve(busy);
    await expect(client.send('GET', '/x')).rejects.toMatchObject({ code: 'store-unavailable', message: 'Busy.' });
    expect(bodies).toHaveLength(20);
  });
});

describe('a service that was never reached', () => {
  it('is said not to be there where nobody is, and else what broke', async () => {
    const { client } = await serve(gone);
    await expect(client.send('GET', '/x')).rejects.toThrow(
      /^The connection to http:.* broke off .*: socket hang up\.$/,
    );
    const { url } = client;
    server?.closeAllConnections();
    await new Promise((resolve) => server?.close(resolve));
    const late = createClient({ url, key: undefined, project: undefined });
    await expect(late.send('GET', '/x')).rejects.toThrow(/^No Tidemark service answers at http:/);
  });
});

describe('a service that says no', () => {
  it('is not asked again', async () => {
    const no: Answer = (_, response) =>
      response.writeHead(409).end('{"type":"https://tidemark.dev/problems/conflict","detail":"No."}');
    const { client, bodies } = await serve(no);
    await expect(client.send('POST', '/x')).rejects.toMatchObject({ code: 'conflict' });
    expect(bodies).toHaveLength(1);
  });
});

describe('a service that was never there', () => {
  it('is not waited for', async () => {
    const { client, waits } = await serve(gone);
    await expect(client.send('GET', '/x')).rejects.toMatchObject({ code: 'store-unavailable' });
    expect(waits).toEqual([]);
  });
});
