import { describe, expect, it } from 'vitest';
import { alignSides } from '../../../src/stats/verdict/align-sides.ts';
import { nullsOf, rowsOf } from '../../../src/stats/verdict/samples.ts';
import { numbers, texts, times, vectors } from '../columns.ts';

const none = [null, null, null];

describe('both sides of a column', () => {
  it('stay as they are where they are alike', () => {
    const [reference, window] = [numbers([1, 2]), numbers(none)];
    expect(alignSides(reference, window, false)).toEqual({ reference, window });
    const words = [texts(['a']), texts(['b'])] as const;
    expect(alignSides(...words, true)).toEqual({ reference: words[0], window: words[1] });
  });

  it('are categories where their numbers are codes', () => {
    const { reference, window } = alignSides(numbers([1, 2]), texts(['1']), true);
    expect([reference, window]).toEqual([texts(['1', '2']), texts(['1'])]);
  });

  it.each([
    ['number', numbers([1, 2])],
    ['category', texts(['a', 'b'])],
    ['vector', vectors([[1, 2]], 2)],
  ] as const)('are both of the kind %s where the other has no value', (kind, column) => {
    const empty = kind === 'number' ? texts(none) : numbers(none);
    const gone = alignSides(column, empty, false);
    expect(gone.reference).toBe(column);
    const came = alignSides(empty, column, false);
    expect(came.window).toBe(column);
    for (const side of [gone.window, came.reference]) {
      expect(side).toMatchObject({
        kind,
        ...(kind === 'vector' && { type: column.type, dimension: 2, length: 0, valid: null }),
      });
      expect([rowsOf(side), nullsOf(side)]).toEqual([3, 3]);
    }
  });

  it('stay different where both have values, and where the other holds points in time', () => {
    const pairs = [
      [numbers([1]), texts(['a', null])],
      [times([1, 2]), numbers(none)],
      [numbers(none), times([1, 2])],
    ] as const;
    for (const [reference, window] of pairs) {
      expect(alignSides(reference, window, false)).toEqual({ reference, window });
    }
  });
});
