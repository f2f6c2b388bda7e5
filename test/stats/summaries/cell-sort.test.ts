import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { cellSort } from '../../../src/stats/summaries/cell-sort.ts';
import { radixSort } from '../../../src/stats/summaries/radix-sort.ts';
import { KINDS } from '../kinds-of-numbers.ts';

vi.mock('../../../src/stats/summaries/radix-sort.ts', { spy: true });
beforeEach(() => {
  vi.mocked(radixSort).mockClear();
});

describe('cellSort', () => {
  it.each(Object.entries(KINDS))('sorts values that are %s as the native sort does', (_, draw) => {
    const random = xoshiro128(9);
    for (const n of [0, 1, 100, 8_192, 15_000]) {
      const values = Float64Array.from({ length: n }, () => draw(random) + 0);
      const expected = values.slice().sort();
      expect(cellSort(values)).toBe(values);
      expect(values).toEqual(expected);
      // Sorted already, and the other way round.
      expect(cellSort(values.slice())).toEqual(expected);
      expect(cellSort(values.slice().reverse())).toEqual(expected);
    }
  });

  it('sorts whatever there is, in a part of an array as well', () => {
    const some = fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(some, fc.integer({ min: 8_192, max: 9_000 }), (few, n) => {
        const whole = Float64Array.from({ length: n + 3 }, (_, i) => few[(i * 7) % few.length]! + 0 + (i % 5));
        const expected = whole.slice(3).sort();
        cellSort(whole.subarray(3));
        expect(whole.subarray(3)).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });
});

/** How many values were left to the other sort, each time that some were. */
const left = () => vi.mocked(radixSort).mock.calls.map(([values]) => values.length);

function sorted(values: Float64Array): void {
  const expected = values.slice().sort();
  vi.mocked(radixSort).mockClear();
  expect(cellSort(values)).toEqual(expected);
}

const drawn = (n: number, draw = KINDS.uniform!, random = xoshiro128(5)) =>
  Float64Array.from({ length: n }, () => draw(random) + 0);

describe('the other sort', () => {
  it('has all values where they are few, and none where many are spread evenly', () => {
    sorted(drawn(8_191));
    expect(left()).toEqual([8_191]);
    for (const n of [8_192, 120_000]) {
      sorted(drawn(n));
      expect(left()).toEqual([]);
    }
    sorted(drawn(8_192, KINDS.normal));
    expect(left()).toEqual([]);
  });

  it.each(['constant', 'of heavy tails', 'skewed over many powers', 'with infinities', 'hardly apart'])(
    'has all values that are %s',
    (kind) => {
      sorted(drawn(9_000, KINDS[kind]));
      expect(left()).toEqual([9_000]);
    },
  );

  it('has the values of one cell that are crowded in a part of it', () => {
    const random = xoshiro128(6);
    const cell = [5, ...Array.from({ length: 700 }, () => 5.45 + 1e-9 * random()), 5.9];
    const others = Array.from({ length: 9_000 }, (_, i) => (i % 3 === 0 ? 0 : 6 + (i % 2_042)));
    sorted(Float64Array.from([...cell, ...others]));
    expect(left()).toEqual([702]);
  });

  /** Values between 0 and 2,047, which are dealt to a cell each by their whole part; of every eighth some lie in one. */
  const crowded = (inOneCell: number, more: (i: number) => number) =>
    Float64Array.from({ length: 8_192 }, (_, i) => {
      if (i % 8 !== 0) return i === 1 ? 0 : i === 2 ? 2_047 : more(i);
      return i < 8 * inOneCell ? 9 + i / 8_192 : 10 + i / 8;
    });

  it('has all where more than an eighth of a sample are different values of one cell', () => {
    const even = (i: number) => i % 2_048;
    sorted(crowded(128, even));
    expect(left()).toEqual([]);
    sorted(crowded(129, even));
    expect(left()).toEqual([8_192]);
    // Of one value there may be any number.
    sorted(Float64Array.from({ length: 8_192 }, (_, i) => (i % 16 === 0 ? i % 2_048 : 7)));
    expect(left()).toEqual([]);
  });

  /** An order of 23 in which so many pairs are the wrong way round. */
  function disordered(pairs: number): number[] {
    const rest = Array.from({ length: 23 }, (_, i) => i);
    let wrong = pairs;
    return rest.slice().map(() => {
      const at = Math.min(wrong, rest.length - 1);
      wrong -= at;
      return rest.splice(at, 1)[0]!;
    });
  }

  it('has those of a cell whose insertion would move each of them more than four times', () => {
    // The ends of the cell, and 23 values that lie in one part of it: each pair the wrong way round is a move.
    const cell = (pairs: number) => [5, ...disordered(pairs).map((i) => 5.45 + i / 1e6), 5.9];
    const others = Array.from({ length: 8_192 - 25 }, (_, i) => (i % 3 === 0 ? 0 : 6 + (i % 2_042)));
    for (const [pairs, expected] of [
      [0, []],
      [100, []],
      [101, [25]],
      [253, [25]],
    ] as const) {
      sorted(Float64Array.from([...cell(pairs), ...others]));
      expect(left()).toEqual(expected);
    }
    // Up to 24 are inserted whatever their order is.
    sorted(Float64Array.from([...cell(253).slice(1), 0, ...others]));
    expect(left()).toEqual([]);
  });
});
