import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { combinedRanks } from '../../../src/stats/hypothesis-tests/combined-ranks.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { walkPooled } from '../../../src/stats/summaries/pooled-blocks.ts';
import { pooledValues } from '../../../src/stats/summaries/pooled-values.ts';

type Row = { readonly value: number; readonly x: number; readonly y: number; readonly difference: number };

function walked(x: Float64Array, y: Float64Array): Row[] {
  const rows: Row[] = [];
  const add = (block: Parameters<Parameters<typeof walkPooled>[2][number]['add']>[0]): void => {
    expect(block.length).toBeGreaterThan(0);
    for (let k = 0; k < block.length; k++) {
      const { values, x: upToX, y: upToY, difference } = block;
      rows.push({ value: values[k]!, x: upToX[k]!, y: upToY[k]!, difference: difference[k]! });
    }
  };
  walkPooled(x, y, [{ add }]);
  return rows;
}

/** The same by the merge that keeps everything. */
function summed(x: Float64Array, y: Float64Array): Row[] {
  const pooled = pooledValues(x, y);
  let [i, j] = [0, 0];
  return Array.from(pooled.values, (value, k) => {
    i += pooled.x[k]!;
    j += pooled.y[k]!;
    return { value, x: i, y: j, difference: i / x.length - j / y.length };
  });
}

const sorted = (values: Iterable<number>): Float64Array => Float64Array.from(values).sort();

describe('walkPooled', () => {
  it('sees what the merge of both keeps', () => {
    const side = fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true })), { maxLength: 40 });
    fc.assert(
      fc.property(side, side, (x, y) => {
        const [left, right] = [sorted(x.map((v) => v + 0)), sorted(y.map((v) => v + 0))];
        expect(walked(left, right)).toEqual(summed(left, right));
      }),
    );
  });

  it('sees one value, or none', () => {
    const same = (n: number) => new Float64Array(n).fill(2);
    for (const [n, m] of [
      [1, 2],
      [2, 1],
      [3, 3],
      [4, 0],
      [0, 1],
    ] as const) {
      expect(walked(same(n), same(m))).toEqual([{ value: 2, x: n, y: m, difference: n / n - m / m }]);
    }
    expect(walked(same(0), same(0))).toEqual([]);
  });

  it.each([
    ['untied', 7_000, 5_000, 1e9],
    ['tied over the borders of blocks', 9_000, 9_001, 2_048],
    ['of few values', 20_000, 30, 3],
    ['of one side that goes on for long', 3, 12_000, 1e9],
  ])('loses nothing between its blocks: samples %s', (_, n, m, values) => {
    const random = xoshiro128(3);
    const draw = (length: number) => sorted(Array.from({ length }, () => Math.floor(values * random())));
    const [x, y] = [draw(n), draw(m)];
    expect(walked(x, y)).toEqual(summed(x, y));
    const apart = y.map((v) => v + 2 * values);
    expect(walked(x, apart)).toEqual(summed(x, apart));
  });
});

describe('the value with many rows', () => {
  it('is found wherever it lies, and only where it has a tenth of the rows', () => {
    const random = xoshiro128(6);
    const rows = (length: number, of: number) =>
      sorted([...Array.from({ length }, random), ...new Float64Array(of).fill(0.37)]);
    expect(combinedRanks(rows(900, 100), rows(900, 100))!.atomValue).toBe(0.37);
    expect(combinedRanks(rows(901, 99), rows(901, 99))!.atomValue).toBeNull();
    expect(combinedRanks(rows(800, 200), rows(1000, 0))!.atomValue).toBe(0.37);
    expect(combinedRanks(rows(3_000, 0), rows(0, 400))!.atomValue).toBe(0.37);
  });
});
