import { describe, expect, it } from 'vitest';
import { absentRows, dimensionOf, isValid, isVectorType, kindOf, vectorType } from '../../src/stats/column.ts';

describe('the rows of a mask', () => {
  it('have a value where their bit is set, the lowest of a byte first, and all without a mask', () => {
    const mask = Uint8Array.of(0b0000_0101, 0b1000_0000);
    const set = Array.from({ length: 16 }, (_, i) => i).filter((i) => isValid(mask, i));
    expect(set).toEqual([0, 2, 15]);
    expect([0, 7, 1000].map((i) => isValid(null, i))).toEqual([true, true, true]);
  });

  it('are counted that have none, of the first ones', () => {
    const mask = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    for (const rows of [0, 1, 7, 8, 9, 1_001, 2_048]) {
      const absent = Array.from({ length: rows }, (_, i) => i).filter((i) => !isValid(mask, i));
      expect(absentRows(mask, rows)).toBe(absent.length);
      expect(absentRows(null, rows)).toBe(0);
      // Bits past the last row say nothing.
      expect(absentRows(new Uint8Array(256).fill(0xff), rows)).toBe(0);
    }
  });
});

describe('the type of a column', () => {
  it('says what kind it is', () => {
    expect((['int64', 'float64', 'text', 'boolean', 'timestamp', 'date', 'vector[3]'] as const).map(kindOf)).toEqual([
      'number',
      'number',
      'category',
      'category',
      'time',
      'time',
      'vector',
    ]);
  });

  it('of vectors names their length, from two to 4,096', () => {
    expect([0, 1, 2, 4096, 4097].map(vectorType)).toEqual([null, null, 'vector[2]', 'vector[4096]', null]);
    for (const type of ['vector[2]', 'vector[10]', 'vector[4096]']) expect(isVectorType(type)).toBe(true);
    for (const type of [
      'vector',
      'vector[]',
      'vector[0]',
      'vector[02]',
      'vector[12345]',
      'vector[x]',
      'vector[2]x',
      'a vector[2]',
      'text',
    ]) {
      expect(isVectorType(type), type).toBe(false);
    }
    expect(['vector[2]', 'vector[768]', 'float64', 'vector[x]'].map(dimensionOf)).toEqual([2, 768, 1, 1]);
  });
});
