import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { incomingChunks } from '../../src/http/incoming-chunks.ts';
import { collect, noise } from '../support/bytes.ts';

let taken: (incoming: IncomingMessage, response: ServerResponse) => Promise<void>;
const server = createServer((incoming, response) => void taken(incoming, response));

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** Begins a request whose body is the caller's. */
function begin() {
  const { port } = server.address() as AddressInfo;
  const sent = request({ port, host: '127.0.0.1', method: 'POST' });
  sent.on('error', () => {});
  const answered = new Promise<number | undefined>((resolve) => {
    sent.once('response', (response) => {
      response.resume();
      resolve(response.statusCode);
    });
  });
  return { sent, answered };
}

/** Does something with a body, and answers. */
function taking<T>(work: (incoming: IncomingMessage) => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    taken = async (incoming, response) => {
      try {
        resolve(await work(incoming));
      } catch (error) {
        reject(error);
      } finally {
        response.end();
      }
    };
  });
}

test('a body comes whole and in order, however slowly it is taken', async () => {
  const body = noise(3_000_000, 1);
  const whole = taking(async (incoming) => {
    const parts: Uint8Array[] = [];
    for await (const chunk of incomingChunks(incoming)) {
      parts.push(chunk);
      await new Promise(setImmediate);
    }
    return Buffer.concat(parts);
  });
  const { sent, answered } = begin();
  sent.end(body);
  expect((await whole).equals(body)).toBe(true);
  expect(await answered).toBe(200);
});

test('no more than a part of it comes before it is asked for', async () => {
  const body = noise(20_000_000, 2);
  let ahead = 0;
  const size = taking(async (incoming) => {
    const chunks = incomingChunks(incoming);
    incoming.on('data', (chunk: Buffer) => {
      ahead += chunk.byteLength;
    });
    // Until nothing more comes.
    await expect.poll(() => incoming.isPaused(), { interval: 5 }).toBe(true);
    expect(ahead).toBeLessThan(1_000_000);
    return (await collect(chunks)).byteLength;
  });
  const { sent, answered } = begin();
  sent.end(body);
  expect(await size).toBe(body.byteLength);
  expect(await answered).toBe(200);
});

test('a body without bytes ends at once, and after its end it stays ended', async () => {
  const steps = taking(async (incoming) => {
    const chunks = incomingChunks(incoming);
    return [await chunks.next(), await chunks.next()];
  });
  begin().sent.end();
  expect(await steps).toEqual([
    { done: true, value: undefined },
    { done: true, value: undefined },
  ]);
});

test('a body that breaks off is an error behind what has come of it', async () => {
  const { sent } = begin();
  let came = 0;
  const whole = taking(async (incoming) => {
    for await (const chunk of incomingChunks(incoming)) {
      came += chunk.byteLength;
      sent.destroy();
    }
  });
  sent.write(noise(1000, 3));
  await expect(whole).rejects.toThrow();
  expect(came).toBe(1000);
});

test('one whose sender left before it was looked at is an error', async () => {
  const { sent } = begin();
  const whole = taking(async (incoming) => {
    sent.destroy();
    await expect.poll(() => incoming.destroyed, { interval: 5 }).toBe(true);
    return collect(incomingChunks(incoming));
  });
  sent.write(noise(1000, 3));
  await expect(whole).rejects.toThrow('closed');
});

test('whoever leaves before the end leaves the rest to others, and the answer is not cut off', async () => {
  const size = taking(async (incoming) => {
    for await (const chunk of incomingChunks(incoming)) {
      const { byteLength } = chunk;
      incoming.resume();
      return byteLength;
    }
    return 0;
  });
  const { sent, answered } = begin();
  sent.end(noise(2_000_000, 4));
  expect(await size).toBeGreaterThan(0);
  expect(await answered).toBe(200);
});
