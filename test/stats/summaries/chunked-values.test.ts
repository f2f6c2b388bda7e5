import { describe, expect, it } from 'vitest';
import { ChunkedValues, reuseChunks } from '../../../src/stats/summaries/chunked-values.ts';

const CHUNK = 32_768;
const ROWS = 100_000;
/** Each chunk has as many values as all before it, up to the most that one may have. */
const LENGTHS = [2_048, 2_048, 4_096, 8_192, 16_384, CHUNK, CHUNK, ROWS - 3 * CHUNK];

const from = (first: number, rows = ROWS): Float64Array<ArrayBuffer> =>
  Float64Array.from({ length: rows }, (_, i) => first + i);

function filled(values: Float64Array): ChunkedValues {
  const list = new ChunkedValues();
  list.add(values);
  return list;
}

const joined = (chunks: readonly Float64Array[]): Float64Array => {
  const all = new Float64Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
};
const lengthsOf = (chunks: readonly Float64Array[]): number[] => chunks.map(({ length }) => length);

/** Full chunks, of which as many as ever are kept for later: none of an earlier test is left. */
function fullChunks(count: number): Float64Array<ArrayBuffer>[] {
  const list = new ChunkedValues();
  list.addRun(1, (count + 1) * CHUNK);
  return list.take().filter(({ length }) => length === CHUNK);
}

describe('ChunkedValues', () => {
  it('holds what was added, in its order, in chunks that were given back as in new ones', () => {
    for (const first of [0, 1e6, 2e6]) {
      const list = filled(from(first));
      list.addRun(first, 3);
      expect(list.length).toBe(ROWS + 3);
      const chunks = list.take();
      expect(joined(chunks)).toEqual(Float64Array.of(...from(first), first, first, first));
      expect(list.length).toBe(0);
      expect(list.take()).toEqual([]);
      reuseChunks(chunks);
    }
  });

  it('grows by as many values as it has, whatever the steps', () => {
    expect(lengthsOf(filled(from(0)).take())).toEqual(LENGTHS);
    const [pieces, runs] = [new ChunkedValues(), new ChunkedValues()];
    for (let at = 0; at < ROWS; at += 1_000) {
      pieces.add(from(at, 1_000));
      runs.addRun(at, 1_000);
      expect([pieces.length, runs.length]).toEqual([at + 1_000, at + 1_000]);
    }
    const [added, run] = [pieces.take(), runs.take()];
    expect([lengthsOf(added), lengthsOf(run)]).toEqual([LENGTHS, LENGTHS]);
    expect(joined(added)).toEqual(from(0));
    expect(joined(run)).toEqual(from(0).map((value) => value - (value % 1_000)));
    const whole = new ChunkedValues();
    whole.addRun(7, ROWS);
    expect(joined(whole.take())).toEqual(new Float64Array(ROWS).fill(7));
    expect(new ChunkedValues().take()).toEqual([]);
    expect(filled(new Float64Array(0)).take()).toEqual([]);
  });

  it('takes a chunk of another list over as it is', () => {
    const [chunk, more] = [from(5, 700), from(900, 40)];
    const list = filled(from(0, 3));
    list.adopt(chunk);
    list.adopt(more);
    expect(list.length).toBe(743);
    const chunks = list.take();
    expect(joined(chunks).sort()).toEqual(Float64Array.of(...from(0, 3), ...chunk, ...more));
    expect(chunks.includes(chunk) && chunks.includes(more)).toBe(true);
    // The next chunk is as large as all that is there.
    list.adopt(from(0, 5_000));
    list.add(from(0, 5_001));
    expect(lengthsOf(list.take()).sort((a, b) => a - b)).toEqual([1, 5_000, 5_000]);
  });
});

describe('chunks that were given back', () => {
  it('are written over, and no others', () => {
    const [kept, given] = [filled(from(0)).take(), filled(from(1e6)).take()];
    reuseChunks(given);
    const [one, other] = [filled(from(2e6)), filled(from(3e6))];
    expect(joined(kept)).toEqual(from(0));
    expect(joined(one.take())).toEqual(from(2e6));
    expect(joined(other.take())).toEqual(from(3e6));
  });

  it('are used again, at most 64 of them, the full ones and those that have room for as much', () => {
    const given = fullChunks(70);
    expect(given).toHaveLength(70);
    reuseChunks(given);
    const again = fullChunks(70);
    const known = new Set(given.map(({ buffer }) => buffer));
    expect(again.filter(({ buffer }) => known.has(buffer))).toHaveLength(64);
    const part = again[0]!.subarray(0, 10);
    reuseChunks([part]);
    expect(fullChunks(3).filter(({ buffer }) => buffer === part.buffer)).toHaveLength(1);
    // Shorter ones are not worth it, and would be too short.
    const short = filled(from(0, 2_048)).take();
    reuseChunks(short);
    const after = filled(from(0)).take();
    expect(lengthsOf(after)).toEqual(LENGTHS);
    expect(after.map(({ buffer }) => buffer)).not.toContain(short[0]!.buffer);
  });
});
