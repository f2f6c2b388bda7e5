import { type FileHandle, mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHUNK_BYTES, giveBackChunk, takeChunk } from '../../../src/store/objects/chunk-memory.ts';
import { fileChunks } from '../../../src/store/objects/file-chunks.ts';
import { collect, noise } from '../../support/bytes.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-file-chunks-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function fileOf(bytes: Uint8Array): Promise<FileHandle> {
  const path = join(folder, `file-${bytes.byteLength}`);
  await writeFile(path, bytes);
  return open(path, 'r');
}

/** Reading from a closed handle is refused. */
const isClosed = (handle: FileHandle): boolean => handle.fd === -1;

describe('the chunks of a file', () => {
  const bytes = noise(3 * CHUNK_BYTES + 5);

  test.each([
    [0, bytes.byteLength],
    [1, CHUNK_BYTES + 1],
    [CHUNK_BYTES, 2 * CHUNK_BYTES],
    [5, 6],
    [7, 7],
  ])('are its bytes from %i to %i, and it is closed at the end', async (start, end) => {
    const handle = await fileOf(bytes);
    const read = await collect(fileChunks(handle, { start, end }, undefined));
    expect(read.equals(bytes.subarray(start, end))).toBe(true);
    expect(isClosed(handle)).toBe(true);
  });

  test('are right when each is given back before the next is asked for', async () => {
    for (let round = 0; round < 3; round++) {
      const handle = await fileOf(bytes);
      let at = 0;
      for await (const chunk of fileChunks(handle, { start: 0, end: bytes.byteLength }, undefined)) {
        expect(Buffer.compare(chunk, bytes.subarray(at, at + chunk.byteLength))).toBe(0);
        at += chunk.byteLength;
        giveBackChunk(chunk);
      }
      expect(at).toBe(bytes.byteLength);
    }
  });

  test('end where the file does', async () => {
    const handle = await fileOf(bytes);
    const chunks = fileChunks(handle, { start: 0, end: bytes.byteLength }, undefined);
    await truncate(join(folder, `file-${bytes.byteLength}`), 10);
    expect((await collect(chunks)).byteLength).toBe(10);
  });

  test('let it go when the reader leaves, also before the first', async () => {
    const [unread, half] = [await fileOf(bytes), await fileOf(bytes)];
    const span = { start: 0, end: bytes.byteLength };
    await fileChunks(unread, span, undefined).return?.();
    for await (const _ of fileChunks(half, span, undefined)) break;
    expect([isClosed(unread), isClosed(half)]).toEqual([true, true]);
  });

  test('let it go by the signal', async () => {
    const handle = await fileOf(bytes);
    const stop = new AbortController();
    const chunks = fileChunks(handle, { start: 0, end: bytes.byteLength }, stop.signal);
    await chunks.next();
    stop.abort();
    await expect(chunks.next()).rejects.toMatchObject({ name: 'AbortError' });
    expect(isClosed(handle)).toBe(true);
  });

  test('name a failure of the store', async () => {
    const handle = await open(folder, 'r');
    await expect(fileChunks(handle, { start: 0, end: 1 }, undefined).next()).rejects.toMatchObject({
      code: 'store-unavailable',
    });
    expect(isClosed(handle)).toBe(true);
  });
});

test('memory that was given back is handed out again, once', () => {
  const [first, second] = [takeChunk(), takeChunk()];
  expect(giveBackChunk(first)).toBe(true);
  expect(giveBackChunk(first)).toBe(false);
  expect(takeChunk().buffer).toBe(first.buffer);
  expect(takeChunk().buffer).not.toBe(first.buffer);
  expect(giveBackChunk(new Uint8Array(CHUNK_BYTES))).toBe(false);
  giveBackChunk(second);
});
