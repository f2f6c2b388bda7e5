import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type DirectPart, DirectSender } from '../../../src/cli/transfer/send-direct.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** An object store that answers every PUT with this status. */
async function store(status: number) {
  const taken: [string, string][] = [];
  server = createServer((request, response) => {
    request
      .setEncoding('utf8')
      .toArray()
      .then(
        (parts) => {
          taken.push([request.url ?? '', parts.join('')]);
          response.writeHead(status).end();
        },
        () => {},
      );
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return { taken, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const part = (url: string, number: number) => ({ number, url: `${url}/${number}?signed`, headers: {} });
const body = (text: string) => () => Readable.from([Buffer.from(text)]);
const never = new AbortController().signal;
const senderOf = (parts: readonly DirectPart[], renewed: readonly DirectPart[] = [], now = () => 0) => {
  const renew = vi.fn(async () => renewed);
  return { sender: new DirectSender(parts, { renew, now }), renew };
};

describe('parts past the service', () => {
  it('are put at the addresses that were given for them', async () => {
    const { url, taken } = await store(200);
    const { sender } = senderOf([part(url, 1), part(url, 2)]);
    expect(await sender.send(2, body('two'), never)).toBe(true);
    expect(await sender.send(3, body('three'), never)).toBe(false);
    expect(taken).toEqual([['/2?signed', 'two']]);
  });

  it('get addresses anew where theirs are too old or were not given yet, together', async () => {
    const { url, taken } = await store(200);
    let now = 0;
    const old = [{ ...part(`${url}/old`, 1), expires_in: 900 }];
    const fresh = [part(`${url}/new`, 2), part(`${url}/new`, 3)];
    const { sender, renew } = senderOf(old, fresh, () => now);
    now = 839_000;
    expect(await sender.send(1, body('one'), never)).toBe(true);
    now = 841_000;
    const sent = [2, 3].map((number) => sender.send(number, body(String(number)), never));
    expect(await Promise.all(sent)).toEqual([true, true]);
    expect(renew).toHaveBeenCalledTimes(1);
    expect(taken.map(([at]) => at).sort()).toEqual(['/new/2?signed', '/new/3?signed', '/old/1?signed']);
  });

  it('are left to the service where it gives no addresses, without asking again', async () => {
    const { sender, renew } = senderOf([]);
    expect([await sender.send(1, body('one'), never), renew.mock.calls.length]).toEqual([false, 0]);
  });

  it('are left to the service once the store has refused one', async () => {
    const { url, taken } = await store(403);
    const { sender } = senderOf([part(url, 1), part(url, 2)]);
    expect(await sender.send(1, body('one'), never)).toBe(false);
    expect(await sender.send(2, body('two'), never)).toBe(false);
    expect(taken).toHaveLength(1);
  });

  it('are left to the service when the store is out of reach', async () => {
    const { url } = await store(200);
    server?.close();
    server?.closeAllConnections();
    expect(await senderOf([part(url, 1)]).sender.send(1, body('one'), never)).toBe(false);
  });

  it('are no longer sent once somebody stops it', async () => {
    const { url } = await store(200);
    const sent = senderOf([part(url, 1)]).sender.send(1, body('one'), AbortSignal.abort());
    await expect(sent).rejects.toThrow();
  });
});
