import { describe, expect, it } from 'vitest';
import { SpareValues } from '../../../src/domain/profile/spare-values.ts';
import type { Column } from '../../../src/stats/column.ts';

const columnIn = (values: Float64Array): Column => ({
  ...{ kind: 'number', type: 'float64', length: values.length },
  ...{ values, valid: null, exact: null },
});

describe('arrays of columns that nobody looks at', () => {
  it('are given again to who needs no more, each to one', () => {
    const spare = new SpareValues();
    const room = spare.roomFor(1_000);
    expect(room).toHaveLength(1_000);
    spare.release(columnIn(room.subarray(300, 400)));
    expect(spare.roomFor(1_001).buffer).not.toBe(room.buffer);
    const again = spare.roomFor(900);
    expect(again.buffer).toBe(room.buffer);
    expect(again).toHaveLength(1_000);
    expect(spare.roomFor(900).buffer).not.toBe(room.buffer);
  });

  it('are those that codes were read to as well', () => {
    const spare = new SpareValues();
    const { buffer } = spare.roomFor(8);
    const codes = new Int32Array(buffer, 0, 15);
    spare.releaseCodes({ kind: 'category', type: 'text', length: 15, codes, dictionary: [] });
    // Of an odd number of codes that lie alone, the last has no part in a value.
    const odd = { kind: 'category', type: 'text', length: 3, codes: new Int32Array(3), dictionary: [] } as const;
    spare.releaseCodes(odd);
    expect(spare.roomFor(8).buffer).toBe(buffer);
    expect(spare.roomFor(1)).toHaveLength(1);
  });

  it('are those of two sides, and none that is very large', () => {
    const spare = new SpareValues();
    const rooms = [10, 20, 30].map((length) => spare.roomFor(length));
    for (const room of rooms) spare.release(columnIn(room));
    expect(
      [spare.roomFor(5), spare.roomFor(5), spare.roomFor(5)].map(({ buffer }) =>
        rooms.findIndex((room) => room.buffer === buffer),
      ),
    ).toEqual([1, 2, -1]);
    const large = new Float64Array(2 ** 21 + 1);
    spare.release(columnIn(large));
    expect(spare.roomFor(5).buffer).not.toBe(large.buffer);
    spare.release({ kind: 'category', type: 'boolean', length: 0, codes: new Int32Array(0), dictionary: [] });
    expect(spare.roomFor(0)).toHaveLength(0);
  });
});
