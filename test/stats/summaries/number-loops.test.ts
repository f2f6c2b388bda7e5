import { describe, expect, it } from 'vitest';
import { cellSort } from '../../../src/stats/summaries/cell-sort.ts';
import { PLAIN_LOOPS } from '../../../src/stats/summaries/number-loops.ts';
import { walkPooled } from '../../../src/stats/summaries/pooled-blocks.ts';
import { takeNumbers } from '../../../src/stats/summaries/taken-numbers.ts';
import { numbers } from '../columns.ts';

describe('loops that are not compiled', () => {
  it('are those of the modules, and have nothing to give back', () => {
    const { take, sort, walk, release, lasting } = PLAIN_LOOPS;
    expect([take, sort, walk]).toEqual([takeNumbers, cellSort, walkPooled]);
    const taken = take(numbers([2, null, 1]));
    release();
    expect(lasting).toBe(true);
    expect(taken).toEqual({ numbers: Float64Array.of(2, 1), nulls: 1 });
  });
});
