import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexCells } from '../../../src/stats/summaries/value-cells.ts';
import { sample } from '../samples.ts';

const CELLS = 65_536;

function indexed(...chunks: readonly Float64Array[]): { readonly cells: number[]; readonly counts: Uint32Array } {
  const values = chunks.flatMap((chunk) => [...chunk]);
  const known = { n: values.length, ...extremesOf(values) };
  const { cells, counts } = indexCells(chunks, known);
  return { cells: [...cells], counts };
}

/** Of more values than a call has arguments. */
const extremesOf = (values: readonly number[]) => ({
  min: values.reduce((a, b) => Math.min(a, b)),
  max: values.reduce((a, b) => Math.max(a, b)),
});

/** Cells ascend with values, and each has as many rows as it is the cell of. */
function expectCells(...chunks: readonly Float64Array[]): void {
  const values = chunks.flatMap((chunk) => [...chunk]);
  const { cells, counts } = indexed(...chunks);
  expect(cells).toHaveLength(values.length);
  const tally = new Uint32Array(CELLS);
  for (const cell of cells) tally[cell]!++;
  expect(counts).toEqual(tally);
  const rising = values.map((value, i) => [value, cells[i]!] as const).sort(([a], [b]) => a - b);
  for (let i = 1; i < rising.length; i++) expect(rising[i]![1]).toBeGreaterThanOrEqual(rising[i - 1]![1]);
}

const uniform = sample({ n: 3_000 });
const of = (f: (u: number) => number): Float64Array => uniform.map((u) => f(u) + 0);

describe('indexCells', () => {
  it('gives larger values no smaller cells, and counts them', () => {
    const values = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(values, values, (a, b) => {
        const [x, y] = [a, b].map((given) => Float64Array.from(given, (v) => v + 0));
        expectCells(x!, y!);
      }),
      { numRuns: 30 },
    );
    for (const kind of [of((u) => u), of((u) => (u + 1e-9) ** -9), of((u) => (u - 0.5) * 1.9 * Number.MAX_VALUE)]) {
      expectCells(kind.subarray(0, 700), kind.subarray(700));
    }
  });

  it('divides an even spread evenly, whatever part of it comes first', () => {
    const values = of((u) => 10 + u);
    const [min, max] = [Math.min(...values), Math.max(...values)];
    const { cells } = indexed(values.subarray(0, 50), values.subarray(50));
    expect(cells).toEqual(Array.from(values, (v) => Math.floor((v - min) * ((CELLS - 1) / (max - min)))));
  });

  it('divides by powers what is spread over many, on both sides of 0', () => {
    for (const kind of [of((u) => 10 ** (200 * u)), of((u) => -(10 ** (200 * u))), of((u) => (u - 0.5) ** 101)]) {
      const { cells, counts } = indexed(kind);
      expect(Math.max(...cells)).toBeGreaterThan(CELLS / 4);
      // In even cells nearly all would be in one.
      expect(Math.max(...counts)).toBeLessThan(50);
    }
  });

  it('gives what lies close together as many cells as it has of the values', () => {
    const many = sample({ n: 200_000 });
    for (const kind of [
      many,
      many.map((u) => -Math.log(1 - u)),
      many.map((u) => (u - 0.5) ** 5),
      many.map((u) => u ** -2),
    ]) {
      const { counts } = indexed(kind);
      // How many values the cell of a value has: three of an even spread, and not many times as many of others.
      const together = counts.reduce((sum, count) => sum + count * count, 0) / kind.length;
      expect(together).toBeLessThan((6 * kind.length) / CELLS);
    }
  });

  it('divides what is further apart than a double says, and no further than doubles are', () => {
    const wide = indexed(of((u) => (u - 0.5) * 1.9 * Number.MAX_VALUE));
    expect(new Set(wide.cells).size).toBeGreaterThan(30);
    const near = of((u) => 1 + Math.floor(u * 3_000) * 2 ** -40);
    expect(new Set(indexed(near).cells).size).toBe(new Set(near).size);
    expect(indexed(of((u) => Math.floor(u * 3_000) * 5e-324)).cells).toEqual(Array.from(uniform, () => 0));
  });

  it('has one cell for one value, whatever was indexed before', () => {
    indexed(of((u) => u));
    expectCells(new Float64Array(9).fill(3), new Float64Array(2).fill(3));
    const { cells, counts } = indexed(new Float64Array(9).fill(3));
    expect(cells).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect([counts[0], counts.length]).toEqual([9, CELLS]);
  });

  it('is read until the next call, and of more values than room is kept for as well', () => {
    const many = sample({ n: 2 ** 20 + 5 });
    const { cells } = indexCells([many], { n: many.length, min: 0, max: 1 });
    const kept = cells.slice(-3);
    indexCells([uniform], { n: uniform.length, min: 0, max: 1 });
    expect(cells.subarray(-3)).toEqual(kept);
  });
});
