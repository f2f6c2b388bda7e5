import { describe, expect, it } from 'vitest';
import { samplePair } from '../../../src/stats/table/table-sample.ts';
import { numbers, texts, times, vectors } from '../columns.ts';

const counting = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const few = numbers([1, null, 3]);

describe('some rows of a column', () => {
  it('are all of few, in their order, with what has no value', () => {
    const found = samplePair('x', { reference: few, window: numbers([null, 5]) }, 1);
    expect(found).toEqual({
      name: 'x',
      reference: { ...few, values: Float64Array.of(1, 0, 3), valid: Uint8Array.of(0b101) },
      window: { ...numbers([0, 5]), valid: Uint8Array.of(0b10) },
    });
    const longer = numbers([null, ...counting(20)]);
    expect(samplePair('x', { reference: longer, window: few }, 1)?.reference).toEqual({
      ...longer,
      valid: Uint8Array.of(0b1111_1110, 0xff, 0b1_1111),
    });
  });

  it('are at most ten thousand, random ones in rising order, the same of every column', () => {
    const long = numbers(counting(10_001));
    const rows = (columns: number) => [
      ...(samplePair('x', { reference: long, window: long }, columns)!.reference as typeof long).values,
    ];
    expect(rows(1)).toHaveLength(10_000);
    expect(rows(1)).toEqual([...new Set(rows(1))].sort((a, b) => a - b));
    expect(rows(400)).toEqual(rows(1));
    const { reference, window } = samplePair('y', { reference: long, window: long }, 1)!;
    expect([...(reference as typeof long).values]).toEqual(rows(1));
    // The rows of the window are others.
    expect([...(window as typeof long).values]).not.toEqual(rows(1));
    // Wide tables have fewer: as many as give four million values, but no fewer than five hundred.
    expect(rows(800)).toHaveLength(5000);
    expect(rows(8000)).toHaveLength(500);
    expect(rows(80_000)).toHaveLength(500);
    expect(rows(0)).toHaveLength(10_000);
  });

  it('have the texts that they have, in the order of the column', () => {
    const column = { ...texts(['b', null, 'c', 'b', 'a']), dictionary: ['b', 'c', 'a', 'z'] };
    const found = samplePair('t', { reference: column, window: texts([null]) }, 1);
    expect(found).toEqual({
      name: 't',
      reference: { ...texts([]), length: 5, codes: Int32Array.of(0, -1, 1, 0, 2), dictionary: ['b', 'c', 'a'] },
      window: { ...texts([]), length: 1, codes: Int32Array.of(-1) },
    });
    const late = { ...texts([]), length: 2, codes: Int32Array.of(2, 1), dictionary: ['b', 'c', 'a'] };
    expect(samplePair('t', { reference: late, window: late }, 1)?.reference).toMatchObject({
      codes: Int32Array.of(1, 0),
      dictionary: ['c', 'a'],
    });
    const flags = texts(['true', 'false'], 'boolean');
    expect(samplePair('t', { reference: flags, window: flags }, 1)?.reference.type).toBe('boolean');
  });

  it('are none of times, of vectors, or of two kinds', () => {
    const [time, vector, text] = [times([1]), vectors([[1, 2]], 2), texts(['a'])];
    for (const [reference, window] of [
      [time, time],
      [vector, vector],
      [few, text],
      [text, few],
    ] as const) {
      expect(samplePair('x', { reference, window }, 1)).toBeNull();
    }
  });
});
