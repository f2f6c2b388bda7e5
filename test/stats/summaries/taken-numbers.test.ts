import { describe, expect, it } from 'vitest';
import { takeNumbers } from '../../../src/stats/summaries/taken-numbers.ts';
import { numbers } from '../columns.ts';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

describe('the numbers of a column', () => {
  it('are in the order of the rows where a mask ends within a byte, and where none is there', () => {
    const values = Array.from({ length: 19 }, (_, i) => (i % 5 === 3 || i === 17 ? null : i % 7 === 6 ? nan : 20 - i));
    const kept = values.filter((v) => v !== null && !Number.isNaN(v));
    expect(takeNumbers(numbers(values))).toEqual({ numbers: Float64Array.from(kept), nulls: 5 });
    expect(takeNumbers(numbers(kept))).toEqual({ numbers: Float64Array.from(kept), nulls: 0 });
  });

  it('have infinities among them, and no negative zero', () => {
    const column = numbers([-0, inf, null, -inf]);
    expect(takeNumbers(column)).toEqual({ numbers: Float64Array.of(0, inf, -inf), nulls: 1 });
    expect(column.values[0]).toBe(-0);
  });

  it('are those of its rows alone, whatever lies behind them', () => {
    // Arrays and masks may be longer than a column.
    const longer = { ...numbers([nan, -0, 1]), values: Float64Array.of(nan, -0, 1, 5) };
    expect(longer.valid).toBeNull();
    expect(takeNumbers(longer)).toEqual({ numbers: Float64Array.of(0, 1), nulls: 0 });
    const masked = { ...longer, valid: Uint8Array.of(0b1111_1101) };
    expect(takeNumbers(masked)).toEqual({ numbers: Float64Array.of(1), nulls: 1 });
  });
});
