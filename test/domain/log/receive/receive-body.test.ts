import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import {
  type ReceivedBody,
  type ReceiveOptions,
  receiveBody,
} from '../../../../src/domain/log/receive/receive-body.ts';

const folder = mkdtempSync(join(tmpdir(), 'tidemark-receive-'));
afterAll(() => rmSync(folder, { recursive: true }));

const MEMORY_BYTES = 2 * 1024 ** 2;

/** Bytes that tell where they stood. */
const body = (size: number): Buffer => Buffer.from(Uint8Array.from({ length: size }, (_, i) => (i * 31) ^ (i >> 8)));

/** Chunks whose memory is used again as soon as the next is asked for. */
async function* passing(bytes: Uint8Array, chunkBytes: number): AsyncGenerator<Uint8Array> {
  const memory = new Uint8Array(chunkBytes);
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    const chunk = bytes.subarray(at, at + chunkBytes);
    memory.set(chunk);
    yield memory.subarray(0, chunk.length);
    memory.fill(0);
  }
}

function receive(source: AsyncIterable<Uint8Array>, given: Partial<ReceiveOptions> = {}): Promise<ReceivedBody> {
  const options = { encoding: 'identity', announced: null, maxBytes: 2 ** 30, memoryBytes: MEMORY_BYTES } as const;
  return receiveBody(source, { ...options, folder, arrived: () => {}, digest: false, ...given });
}

const bytesOf = ({ content }: ReceivedBody): Uint8Array =>
  'bytes' in content ? content.bytes : readFileSync(content.file);

describe('a body that is received', () => {
  test.each([0, 1, 4095, 16_383, 16_384, 65_536, 300_000, MEMORY_BYTES])(
    'of %i bytes is whole in memory, whatever was announced, with room for one more byte',
    async (size) => {
      for (const announced of [null, 0, size, 50 * size]) {
        const received = await receive(passing(body(size), 60_000), { announced });
        expect(Buffer.compare(bytesOf(received), body(size))).toBe(0);
        const { content } = received;
        if (size > 0 && 'bytes' in content) expect(content.bytes.buffer.byteLength).toBeGreaterThan(size);
        expect(received.size).toBe(size);
        await received.dispose();
      }
    },
  );

  test('lies in a file beyond its bound, which is gone when it is disposed of', async () => {
    const received = await receive(passing(body(5_000_001), 65_536), { announced: 5_000_001 });
    expect('file' in received.content).toBe(true);
    expect(Buffer.compare(bytesOf(received), body(5_000_001))).toBe(0);
    await received.dispose();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('keeps its bytes while others come and go in memory that is used again', async () => {
    const sizes = [40_000, 100_000, 70_000, 500_000, 65_000, 130_000];
    const kept = await Promise.all(sizes.map((size) => receive(passing(body(size), 9_999), { announced: size })));
    for (let round = 0; round < 5; round++) {
      const other = await receive(passing(Buffer.alloc(90_000, round), 30_000), { announced: 90_000 });
      await other.dispose();
    }
    for (const [i, received] of kept.entries()) {
      expect(Buffer.compare(bytesOf(received), body(sizes[i] ?? 0))).toBe(0);
    }
  });

  test('is inflated', async () => {
    const sent = gzipSync(body(700_000));
    const received = await receive(Readable.from([sent]), { encoding: 'gzip', announced: sent.length });
    expect(Buffer.compare(bytesOf(received), body(700_000))).toBe(0);
  });

  test('that breaks off leaves nothing behind', async () => {
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield* passing(body(4_000_000), 65_536);
      throw new Error('gone');
    };
    await expect(receive(broken())).rejects.toThrow('gone');
    expect(readdirSync(folder)).toEqual([]);
  });
});
