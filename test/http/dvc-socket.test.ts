import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HttpServer, listen } from '../../src/http/server.ts';
import { noise } from '../support/bytes.ts';
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

const url = (oid: string): string =>
  `http://127.0.0.1:${server.port}/dvc/default/d/files/md5/${oid.slice(0, 2)}/${oid.slice(2)}`;

/** Sends chunks as they come, without a length, and returns the status line. */
async function sendChunked(oid: string, chunks: readonly Uint8Array[], headers: Record<string, string> = {}) {
  const sending = request(url(oid), { method: 'POST', headers });
  for (const chunk of chunks) sending.write(chunk);
  sending.end();
  const [response] = await once(sending, 'response');
  response.resume();
  return { status: response.statusCode, reason: response.statusMessage };
}

const large = noise(3_000_000, 7);

describe('over a real connection', () => {
  it('a body of unknown length is taken, and the status line says what was wrong with another', async () => {
    expect(await sendChunked(md5Of(large), [large.subarray(0, 5), large.subarray(5)])).toMatchObject({ status: 201 });
    expect(await sendChunked(md5Of(large), [large])).toMatchObject({ status: 200, reason: 'OK' });
    const wrong = await sendChunked(md5Of('x'), [large.subarray(0, 100_000)]);
    expect(wrong).toEqual({ status: 400, reason: expect.stringMatching(/^The MD5 of what arrived is [0-9a-f]{32}, /) });
  });

  it('the same connection serves the next request after a refused upload', async () => {
    const socket = connect(server.port, '127.0.0.1');
    socket.setEncoding('latin1');
    const path = new URL(url(md5Of('x'))).pathname;
    const bad = `POST ${path} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n4\r\nevil\r\n0\r\n\r\n`;
    socket.write(
      `${bad}${bad.replace('evil', 'rude')}GET /dvc/default/d HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`,
    );
    let answer = '';
    for await (const part of socket) answer += part;
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 400', 'HTTP/1.1 400', 'HTTP/1.1 200']);
  });

  it('a small object comes in one piece with its head, which says what every answer says', async () => {
    const small = noise(4096, 3);
    expect(await sendChunked(md5Of(small), [small])).toMatchObject({ status: 201 });
    for (const method of ['GET', 'HEAD']) {
      const response = await fetch(url(md5Of(small)), { method });
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-length': '4096',
        etag: `"${md5Of(small)}"`,
        'accept-ranges': 'bytes',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'x-request-id': expect.stringMatching(/^req_/),
      });
      expect((await response.arrayBuffer()).byteLength).toBe(method === 'GET' ? 4096 : 0);
    }
    const part = await fetch(url(md5Of(small)), { headers: { range: 'bytes=10-19' } });
    expect([part.status, Buffer.from(await part.arrayBuffer())]).toEqual([206, Buffer.from(small.subarray(10, 20))]);
  });

  it('a small object that has rotted is answered as one that is not there', async () => {
    const small = noise(4096, 4);
    await sendChunked(md5Of(small), [small]);
    service.remote.objects.set(md5Of(small), noise(4096, 5));
    expect((await fetch(url(md5Of(small)))).status).toBe(404);
    expect(await sendChunked(md5Of(small), [small])).toMatchObject({ status: 201 });
    const healed = await fetch(url(md5Of(small)));
    expect(md5Of(new Uint8Array(await healed.arrayBuffer()))).toBe(md5Of(small));
  });

  it('whoever asks only whether an object exists may leave once it has the head', async () => {
    for (let i = 0; i < 5; i++) {
      const asking = request(url(md5Of(large)));
      asking.end();
      const [response] = await once(asking, 'response');
      expect([response.statusCode, response.headers['content-length']]).toEqual([200, String(large.byteLength)]);
      response.destroy();
      await once(response, 'close');
    }
    const whole = await fetch(url(md5Of(large)));
    expect(md5Of(new Uint8Array(await whole.arrayBuffer()))).toBe(md5Of(large));
  });

  it('an upload that is cut off leaves nothing', async () => {
    const oid = md5Of('never complete');
    const sending = request(url(oid), { method: 'POST' });
    const closed = new Promise((resolve) => sending.on('close', resolve).on('error', () => {}));
    sending.write('never com', () => sending.destroy());
    await closed;
    expect((await fetch(url(oid))).status).toBe(404);
    expect(service.remote.objects.has(oid)).toBe(false);
  });

  it('a large object that has rotted breaks the connection off, and is not there from then on', async () => {
    service.remote.objects.set(md5Of(large), noise(3_000_000, 8));
    const response = await fetch(url(md5Of(large)));
    expect(response.status).toBe(200);
    await expect(response.arrayBuffer()).rejects.toThrow('terminated');
    expect((await fetch(url(md5Of(large)))).status).toBe(404);
    expect(await sendChunked(md5Of(large), [large])).toMatchObject({ status: 201 });
    expect((await fetch(url(md5Of(large)))).status).toBe(200);
  });

  it('what is asked after a reader has ended is not taken for its reading', async () => {
    const held = noise(2000, 9);
    await sendChunked(md5Of(held), [held]);
    /** Asks in the remote of a dataset that has nothing, as one process of `dvc` does. */
    const asked = async (paths: readonly string[]): Promise<number[]> => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const statuses: number[] = [];
      for (const path of paths) {
        const asking = request(new URL(path, `http://127.0.0.1:${server.port}/dvc/default/elsewhere/`), {
          agent,
        }).end();
        const [response] = await once(asking, 'response');
        response.resume();
        await once(response, 'close');
        statuses.push(response.statusCode);
      }
      agent.destroy();
      return statuses;
    };
    const object = new URL(url(md5Of(held))).pathname.replace('/dvc/default/d/', '');
    expect(await asked(['files/md5', object, object])).toEqual([200, 200, 200]);
    // Its end comes by another connection than the next question.
    await expect.poll(() => asked([object])).toEqual([404]);
    expect(await asked(['files/md5', object])).toEqual([200, 200]);
    // It found here all that it wanted.
    await asked(['files/md5']);
    await expect.poll(() => asked([object])).toEqual([404]);
  });
});
