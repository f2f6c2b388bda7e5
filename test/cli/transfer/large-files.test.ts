import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Outgoing } from '../../../src/cli/client/transport.ts';
import { createLargeFiles, type LargeFile } from '../../../src/cli/transfer/large-files.ts';
import { md5, noise } from '../../support/bytes.ts';

let folder: string;
let server: Server;
let answer: RequestListener;
const files = createLargeFiles();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-large-files-'));
  server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

/** What asks the server of the test for a path. */
function asking(path: string, signal?: AbortSignal): Outgoing {
  const { port } = server.address() as AddressInfo;
  const target = `http://127.0.0.1:${port}${path}`;
  return { method: 'GET', target, headers: { authorization: 'Bearer of the test' }, body: undefined, signal };
}

/** Opens a file of its own, that has these bytes. */
async function open(name: string, kept: Uint8Array = new Uint8Array(0), more: Uint8Array = new Uint8Array(0)) {
  const path = join(folder, name);
  await writeFile(path, Buffer.concat([kept, more]));
  const told: number[] = [];
  const options = {
    kept: kept.byteLength,
    most: 10_000_000,
    direct: false,
    onBytes: (count: number) => void told.push(count),
  };
  const file: LargeFile = await files.open(path, options);
  return { path, file, told: () => told.reduce((sum, count) => sum + count, 0) };
}

describe('large files', () => {
  it('that come at the same time have the bytes that were sent, and their digests', async () => {
    const contents = [0, 1, 524_288, 3_000_000, 5_000_017].map((size, i) => noise(size, i + 1));
    answer = (request, response) => response.end(contents[Number(request.url?.slice(1))]);
    await Promise.all(
      contents.map(async (bytes, i) => {
        const { file, path, told } = await open(`together-${i}`);
        expect((await file.receive(asking(`/${i}`))).status).toBe(200);
        expect([file.size(), told()]).toEqual([bytes.byteLength, bytes.byteLength]);
        expect(await file.digest()).toBe(md5(bytes));
        await file.close();
        expect((await readFile(path)).equals(bytes)).toBe(true);
      }),
    );
  });

  it('go on behind the bytes that are kept, and lose what lay behind these', async () => {
    const bytes = noise(2_000_000, 9);
    answer = ({ headers }, response) => {
      expect(headers).toMatchObject({ range: 'bytes=1234567-', authorization: 'Bearer of the test' });
      response.writeHead(206).end(bytes.subarray(1_234_567));
    };
    const { file, path, told } = await open('kept', bytes.subarray(0, 1_234_567), Buffer.from('left over'));
    expect(file.size()).toBe(1_234_567);
    expect((await file.receive(asking('/'))).status).toBe(206);
    expect(told()).toBe(2_000_000 - 1_234_567);
    expect(await file.digest()).toBe(md5(bytes));
    expect((await readFile(path)).equals(bytes)).toBe(true);
  });

  it('begin anew where all is sent in place of the rest', async () => {
    const bytes = noise(900_000, 3);
    answer = (_, response) => response.end(bytes);
    const { file, path, told } = await open('anew', noise(1_000_000, 4));
    await file.receive(asking('/'));
    expect([file.size(), told()]).toEqual([900_000, -100_000]);
    expect(await file.digest()).toBe(md5(bytes));
    expect((await readFile(path)).equals(bytes)).toBe(true);
  });

  it('keep what has come of an answer that broke off, and go on from there', async () => {
    const bytes = noise(3_000_000, 5);
    let asked = 0;
    answer = ({ headers }, response) => {
      if (asked++ === 0) {
        response.writeHead(200, { 'content-length': bytes.byteLength });
        response.write(bytes.subarray(0, 1_000_000), () => response.destroy());
        return;
      }
      response.writeHead(206).end(bytes.subarray(Number(/\d+/.exec(headers.range ?? '')?.[0])));
    };
    const { file, path } = await open('broken');
    await expect(file.receive(asking('/'))).rejects.toMatchObject({ name: 'TidemarkError', code: 'upload-aborted' });
    expect(file.size()).toBeGreaterThan(0);
    expect(file.size()).toBeLessThanOrEqual(1_000_000);
    await file.receive(asking('/'));
    expect(await file.digest()).toBe(md5(bytes));
    expect((await readFile(path)).equals(bytes)).toBe(true);
  });

  it('take nothing of a refusal, and hand it on', async () => {
    answer = (_, response) => response.writeHead(503, { 'retry-after': '7' }).end('{"detail":"not now"}');
    const { file } = await open('refused');
    const reply = await file.receive(asking('/'));
    expect([reply.status, reply.header('retry-after'), (await reply.bytes()).toString()]).toEqual([
      503,
      '7',
      '{"detail":"not now"}',
    ]);
    expect(file.size()).toBe(0);
    await file.close();
  });

  it('that are given up have what has come by then', async () => {
    const bytes = noise(800_000, 5);
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': 2 * bytes.byteLength });
      response.write(bytes);
    };
    const { file, path } = await open('given-up');
    const stop = new AbortController();
    const received = file.receive(asking('/', stop.signal));
    await expect.poll(file.size, { interval: 5 }).toBe(bytes.byteLength);
    stop.abort();
    await expect(received).rejects.toMatchObject({ code: 'upload-aborted' });
    await file.close();
    expect((await readFile(path)).equals(bytes)).toBe(true);
  });

  it('say what the system says', async () => {
    const options = { kept: 0, most: 10_000_000, direct: false, onBytes: () => {} };
    await expect(files.open(join(folder, 'absent', 'x'), options)).rejects.toMatchObject({ code: 'ENOENT' });
    answer = (_, response) => response.end(noise(1_000_000));
    // A device that is always full.
    const full = await files.open('/dev/full', options);
    await expect(full.receive(asking('/'))).rejects.toMatchObject({ code: 'ENOSPC' });
    await full.close();
    const bounded = await files.open('/dev/null', { ...options, most: 999_999 });
    await expect(bounded.receive(asking('/'))).rejects.toThrow('more bytes');
    expect(bounded.size()).toBeGreaterThan(999_999);
    await bounded.close();
  });
});
