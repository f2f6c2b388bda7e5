import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type HttpServer, listen } from '../../src/http/server.ts';
import { type DatasetService, md5Of, startDatasetService } from '../support/datasets.ts';

let service: DatasetService;
let server: HttpServer;
beforeAll(async () => {
  service = await startDatasetService();
  server = await listen(service.app, { host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await server.close(1000);
  await service.close();
});

const url = (path: string): string => `http://127.0.0.1:${server.port}${path}`;

/** Sends raw text on a connection of its own and returns all that comes back until it is closed. */
async function exchange(text: string): Promise<string> {
  const socket = connect(server.port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('latin1').on('data', (part: string) => {
    answer += part;
  });
  socket.write(text);
  await once(socket, 'close');
  return answer;
}

describe('over a real connection', () => {
  it('a push and a pull carry megabytes unchanged', async () => {
    const bytes = Buffer.alloc(5_000_000, 'tide');
    const pushed = await fetch(url('/v1/datasets/big/versions?path=x.bin'), { method: 'POST', body: bytes });
    expect(await pushed.json()).toMatchObject({ oid: md5Of(bytes), bytes: bytes.length });
    const pulled = await fetch(url('/v1/datasets/big/versions/v1/files/x.bin'));
    expect(Buffer.from(await pulled.arrayBuffer()).equals(bytes)).toBe(true);
    const archive = await fetch(url('/v1/datasets/big/versions/v1/archive'));
    expect((await archive.arrayBuffer()).byteLength).toBe(Number(archive.headers.get('content-length')));
  });

  it('a HEAD answers with the length and no body', async () => {
    const path = '/v1/datasets/big/versions/v1/files/x.bin';
    const answer = await exchange(`HEAD ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    const [head = '', body] = answer.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 200/);
    expect(head.toLowerCase()).toContain('content-length: 5000000');
    expect(body).toBe('');
  });

  it('a corrupt object ends in a broken connection, never in a short body', async () => {
    const good = 'y'.repeat(300_000);
    const md5 = await service.hold(good);
    await service.send('POST', '/v1/datasets/sick/versions', { oid: md5, path: 'x' });
    service.remote.objects.set(md5, Buffer.from(`z${good.slice(1)}`));
    const response = await fetch(url('/v1/datasets/sick/versions/v1/files/x'));
    expect([response.status, response.headers.get('content-length')]).toEqual([200, '300000']);
    await expect(response.arrayBuffer()).rejects.toThrow('terminated');
    expect((await fetch(url('/v1/datasets/sick/versions/v1/files/x'))).status).toBe(404);
  });

  it('a small corrupt object is known before the first byte is sent', async () => {
    const md5 = await service.hold('small');
    await service.send('POST', '/v1/datasets/small/versions', { oid: md5, path: 'x' });
    service.remote.objects.set(md5, Buffer.from('smell'));
    const response = await fetch(url('/v1/datasets/small/versions/v1/files/x'));
    expect([response.status, await response.json()]).toEqual([
      404,
      expect.objectContaining({ title: 'Object corrupt' }),
    ]);
  });

  it('an upload that the client abandons near its end leaves nothing', async () => {
    const before = service.remote.objects.size;
    const upload = request(url('/v1/datasets/gone/versions?path=x'), {
      method: 'POST',
      headers: { 'content-length': 100_000 },
    });
    const closed = new Promise((resolve) => upload.on('close', resolve).on('error', () => {}));
    upload.write(Buffer.alloc(99_000), () => upload.destroy());
    await closed;
    // The next request on the same server shows that it went on; the abandoned one has no answer to wait for.
    const after = await fetch(url('/v1/datasets/gone/versions'));
    expect(after.status).toBe(404);
    expect(service.remote.objects.size).toBe(before);
  });

  it('a refused upload is told so although it is still being sent', async () => {
    const response = await fetch(url('/v1/datasets/refused/versions?path=../x'), {
      method: 'POST',
      body: Buffer.alloc(3_000_000),
    });
    expect([response.status, await response.json()]).toEqual([400, expect.objectContaining({ title: 'Bad path' })]);
  });

  it('an upload of a byte a second is told that this is too slow, and its connection ends', async () => {
    // What a service does at its first request may want time to pass.
    expect((await fetch(url('/v1/datasets'))).status).toBe(200);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const put = vi.spyOn(service.remote, 'put');
    try {
      const before = service.remote.objects.size;
      const socket = connect(server.port, '127.0.0.1');
      let answer = '';
      socket.setEncoding('latin1').on('data', (part: string) => {
        answer += part;
      });
      // The bytes that nobody reads any more may end the connection.
      socket.on('error', () => {});
      socket.write(`PUT /v1/objects/${md5Of('slow')} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n`);
      // Until then it waits for others, the database among them, whose patience is not meant here.
      while (put.mock.calls.length === 0) await new Promise(setImmediate);
      let cut = false;
      put.mock.results[0]?.value.catch(() => {
        cut = true;
      });
      while (!socket.closed) {
        // A byte that meets the answer on its way could cost us the answer.
        if (!cut) socket.write('s');
        await vi.advanceTimersByTimeAsync(1000);
        await new Promise(setImmediate);
      }
      expect(answer).toMatch(/^HTTP\/1\.1 408 /);
      expect(answer).toContain('https://tidemark.dev/problems/upload-too-slow');
      expect(service.remote.objects.size).toBe(before);
    } finally {
      put.mockRestore();
      vi.useRealTimers();
    }
  });

  it('a client that leaves in the middle of a pull lets the source go', async () => {
    const controller = new AbortController();
    const response = await fetch(url('/v1/datasets/big/versions/v1/files/x.bin'), { signal: controller.signal });
    const reader = response.body?.getReader();
    await reader?.read();
    controller.abort();
    const again = await fetch(url('/v1/datasets/big/versions/v1/files/x.bin'), { headers: { range: 'bytes=0-3' } });
    expect([again.status, await again.text()]).toEqual([206, 'tide']);
  });
});
