import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DownloadSource } from '../../../src/cli/transfer/download-source.ts';
import { noise } from '../../support/bytes.ts';

const BYTES = noise(300_000, 7);

type Seen = { readonly url: string; readonly range: string | undefined; readonly key: string | undefined };

/** An HTTP server, and what it was asked. */
async function listen(answer: RequestListener) {
  const seen: Seen[] = [];
  const server: Server = createServer((request, response) => {
    const { url = '', headers } = request;
    seen.push({ url, range: headers.range, key: headers.authorization });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { seen, base: `http://127.0.0.1:${port}`, close };
}

/** Sends the bytes, or a range of them, as a service and a store do. */
function send({ headers }: IncomingMessage, response: ServerResponse, bytes = BYTES): void {
  const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
  const part = bytes.subarray(from);
  response.writeHead(from === 0 ? 200 : 206, { 'content-length': part.byteLength }).end(part);
}

describe('bytes that are downloaded', () => {
  let store: Awaited<ReturnType<typeof listen>>;
  let service: Awaited<ReturnType<typeof listen>>;
  let fromStore: RequestListener;

  beforeEach(async () => {
    fromStore = (request, response) => send(request, response);
    store = await listen((request, response) => fromStore(request, response));
    service = await listen((request, response) => {
      if (!request.url?.includes('redirect=true')) return send(request, response);
      response.writeHead(307, { location: `${store.base}/bucket/object?signed=yes` }).end();
    });
  });
  afterEach(() => {
    vi.useRealTimers();
    store.close();
    service.close();
  });

  /** Asks once more of a source, behind what came before. */
  function asking(source: DownloadSource, given: { readonly direct?: boolean; readonly kept?: number } = {}) {
    const chunks: Uint8Array[] = [BYTES.subarray(0, given.kept ?? 0)];
    const got = () => Buffer.concat(chunks);
    const beginAnew = async () => void chunks.splice(0);
    const take = (chunk: Uint8Array) => {
      chunks.push(chunk);
      return null;
    };
    const receive = (signal = new AbortController().signal) =>
      source.receive(
        {
          target: `${service.base}/v1/objects/of-the-test`,
          headers: { authorization: 'Bearer of the test' },
          start: () => got().byteLength,
          end: BYTES.byteLength,
          direct: given.direct ?? true,
          signal,
        },
        { beginAnew, take },
      );
    return { receive, got };
  }

  it('come from where the service sends us, which gets no key of ours', async () => {
    const { receive, got } = asking(new DownloadSource());
    expect(await receive()).toMatchObject({ direct: true });
    expect(got().equals(BYTES)).toBe(true);
    expect(service.seen).toEqual([
      { url: '/v1/objects/of-the-test?redirect=true', range: undefined, key: 'Bearer of the test' },
    ]);
    expect(store.seen).toEqual([{ url: '/bucket/object?signed=yes', range: undefined, key: undefined }]);
  });

  it('go on there behind what is kept', async () => {
    const { receive, got } = asking(new DownloadSource(), { kept: 123_456 });
    expect(await receive()).toMatchObject({ direct: true, reply: { status: 206 } });
    expect(got().equals(BYTES)).toBe(true);
    expect(store.seen.map(({ range }) => range)).toEqual(['bytes=123456-']);
  });

  it('come from the service alone where they must be verified', async () => {
    const { receive, got } = asking(new DownloadSource(), { direct: false });
    expect(await receive()).toMatchObject({ direct: false });
    expect(got().equals(BYTES)).toBe(true);
    expect([service.seen.map(({ url }) => url), store.seen]).toEqual([['/v1/objects/of-the-test'], []]);
  });

  it.each<[string, RequestListener, silentFrom?: number]>([
    ['refuses', (_, response) => response.writeHead(403).end('<Error/>')],
    ['has other bytes', (request, response) => send(request, response, BYTES.subarray(1))],
    ['knows no ranges', (_, response) => response.writeHead(200, { 'content-length': BYTES.byteLength }).end(BYTES)],
    ['breaks off', (_, response) => response.destroy()],
    ['says nothing', () => undefined, 1000],
    [
      'stalls',
      (_, response) => {
        response.writeHead(206, { 'content-length': BYTES.byteLength - 1000 });
        response.write(BYTES.subarray(1000, 150_000));
      },
      150_000,
    ],
    [
      'breaks off in the middle',
      (_, response) => {
        response.writeHead(206, { 'content-length': BYTES.byteLength - 1000 });
        response.write(BYTES.subarray(1000, 150_000), () => response.destroy());
      },
    ],
  ])('come from the service where the store %s, and from then on', async (_, answer, silentFrom) => {
    fromStore = answer;
    const source = new DownloadSource(60_000);
    const first = asking(source, { kept: 1000 });
    if (silentFrom !== undefined) vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const received = first.receive();
    if (silentFrom !== undefined) {
      while (store.seen.length === 0 || first.got().byteLength < silentFrom) await turn();
      vi.advanceTimersByTime(60_000);
    }
    expect(await received).toMatchObject({ direct: false, reply: { status: 206 } });
    expect(first.got().equals(BYTES)).toBe(true);
    const second = asking(source);
    expect(await second.receive()).toMatchObject({ direct: false });
    expect(second.got().equals(BYTES)).toBe(true);
    expect(store.seen).toHaveLength(1);
    expect(service.seen.map(({ url }) => url.includes('redirect'))).toEqual([true, false, false]);
  });

  it('are not asked for elsewhere when nobody wants them any more, or there is no room for them', async () => {
    const stop = new AbortController();
    fromStore = () => stop.abort();
    await expect(asking(new DownloadSource()).receive(stop.signal)).rejects.toMatchObject({ name: 'TidemarkError' });
    fromStore = (request, response) => send(request, response);
    const full = new DownloadSource().receive(
      {
        target: `${service.base}/x`,
        headers: {},
        start: () => 0,
        end: BYTES.byteLength,
        direct: true,
        signal: new AbortController().signal,
      },
      {
        beginAnew: async () => {},
        take: () => {
          throw new Error('no room');
        },
      },
    );
    await expect(full).rejects.toThrow('no room');
    expect(service.seen.map(({ url }) => url.includes('redirect'))).toEqual([true, true]);
  });
});
