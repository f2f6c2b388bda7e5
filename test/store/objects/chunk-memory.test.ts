import { describe, expect, it } from 'vitest';
import { CHUNK_BYTES, dropChunk, giveBackChunk, takeChunk } from '../../../src/store/objects/chunk-memory.ts';

describe('memory of chunks', () => {
  it('is handed out again once it is given back, also by a part of it', () => {
    const chunk = takeChunk();
    expect(chunk.byteLength).toBe(CHUNK_BYTES);
    dropChunk(chunk.subarray(10, 20));
    expect(takeChunk().buffer).toBe(chunk.buffer);
  });

  it('is never handed out twice at once, however often it is given back', () => {
    const chunk = takeChunk();
    expect([giveBackChunk(chunk), giveBackChunk(chunk)]).toEqual([true, false]);
    expect(takeChunk().buffer).toBe(chunk.buffer);
    expect(takeChunk().buffer).not.toBe(chunk.buffer);
  });

  it('of others is let go at once, where all of it is the chunk and it is large enough to matter', () => {
    const whole = new Uint8Array(new ArrayBuffer(100_000));
    dropChunk(whole);
    expect(whole.byteLength).toBe(0);
    const [part, small] = [new Uint8Array(100_000).subarray(1), new Uint8Array(1000)];
    dropChunk(part);
    dropChunk(small);
    expect([part.byteLength, small.byteLength]).toEqual([99_999, 1000]);
    const shared = new Uint8Array(new SharedArrayBuffer(100_000));
    dropChunk(shared);
    expect(shared.byteLength).toBe(100_000);
  });
});
