import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HttpServer, listen } from '../../src/http/server.ts';
import { type DatasetService, md5Of, startDatasetService } from '../support/datasets.ts';

let service: DatasetService;
let server: HttpServer;
let md5: string;
// More than the kernel buffers, so that chunks wait in the process; no two blocks are alike.
const bytes = new Uint8Array(24 * 1024 * 1024).map((_, i) => (i * 2_654_435_761) >>> 24);

beforeAll(async () => {
  service = await startDatasetService();
  server = await listen(service.app, { host: '127.0.0.1', port: 0 });
  md5 = await service.hold(bytes);
});
afterAll(async () => {
  await server.close(1000);
  await service.close();
});

/** Digests of the bodies of `count` requests sent at once on one connection, which is read in small sips. */
async function pullPipelined(count: number): Promise<string[]> {
  const socket = connect(server.port, '127.0.0.1');
  const request = (last: boolean) =>
    `GET /v1/objects/${md5} HTTP/1.1\r\nhost: x\r\nconnection: ${last ? 'close' : 'keep-alive'}\r\n\r\n`;
  socket.write(Array.from({ length: count }, (_, i) => request(i === count - 1)).join(''));
  const parts: Buffer[] = [];
  for await (const part of socket as AsyncIterable<Buffer>) {
    parts.push(part);
    // The reader is busy elsewhere: the sender's buffers fill up meanwhile.
    for (let i = 0; i < 20; i++) await turn();
  }
  const all = Buffer.concat(parts);
  const digests: string[] = [];
  for (let at = 0; at < all.length; ) {
    const body = all.indexOf('\r\n\r\n', at) + 4;
    digests.push(
      createHash('md5')
        .update(all.subarray(body, body + bytes.length))
        .digest('hex'),
    );
    at = body + bytes.length;
  }
  return digests;
}

describe('bytes whose memory is given back once they have left', () => {
  it('reach a slow reader whole, also when it asks for them twice on one connection', async () => {
    expect(md5).toBe(md5Of(bytes));
    expect(await pullPipelined(2)).toEqual([md5, md5]);
  });

  it('reach many slow readers at once, though some leave midway', async () => {
    const leavers = Array.from({ length: 6 }, async () => {
      const socket = connect(server.port, '127.0.0.1');
      socket.write(`GET /v1/objects/${md5} HTTP/1.1\r\nhost: x\r\n\r\n`);
      socket.once('data', () => socket.destroy());
      await once(socket, 'close');
    });
    const pulled = await Promise.all([pullPipelined(1), pullPipelined(1), pullPipelined(1)]);
    expect(pulled).toEqual([[md5], [md5], [md5]]);
    await Promise.all(leavers);
  });
});
