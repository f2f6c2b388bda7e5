import { describe, expect, it } from 'vitest';
import { ChunkedValues, reuseChunks } from '../../../src/stats/summaries/chunked-values.ts';

const ROWS = 100_000;
const from = (first: number): Float64Array => Float64Array.from({ length: ROWS }, (_, i) => first + i);

function filled(values: Float64Array): ChunkedValues {
  const list = new ChunkedValues();
  list.add(values);
  return list;
}

const joined = (chunks: readonly Float64Array[]): number[] => chunks.flatMap((chunk) => [...chunk]);

describe('ChunkedValues', () => {
  it('holds what was added, in its order, in chunks that were given back as in new ones', () => {
    for (const first of [0, 1e6, 2e6]) {
      const list = filled(from(first));
      list.addRun(first, 3);
      expect(list.length).toBe(ROWS + 3);
      const chunks = list.take();
      expect(joined(chunks)).toEqual([...from(first), first, first, first]);
      expect(list.length).toBe(0);
      reuseChunks(chunks);
    }
  });

  it('writes over no chunk that was not given back', () => {
    const [kept, given] = [filled(from(0)).take(), filled(from(1e6)).take()];
    reuseChunks(given);
    const [one, other] = [filled(from(2e6)), filled(from(3e6))];
    expect(joined(kept)).toEqual([...from(0)]);
    expect(joined(one.take())).toEqual([...from(2e6)]);
    expect(joined(other.take())).toEqual([...from(3e6)]);
  });
});
