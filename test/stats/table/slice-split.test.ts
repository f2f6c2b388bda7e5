import { describe, expect, it } from 'vitest';
import { type Uniform, xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import type { SliceColumn } from '../../../src/stats/table/slice-columns.ts';
import { SliceCounts } from '../../../src/stats/table/slice-counts.ts';
import { SliceSplit } from '../../../src/stats/table/slice-split.ts';

const [N, M] = [400, 300];

/** Codes of three bins for two targets that move alike in the window, the reference's rows first. */
function targetsOf(random: Uniform, moved: (row: number) => boolean): SliceColumn[] {
  const first = Uint8Array.from({ length: N + M }, (_, row) => {
    const u = random();
    return row >= N && moved(row) ? (u < 0.7 ? 2 : 1) : Math.floor(3 * u);
  });
  const second = first.map((code) => (random() < 0.5 ? code : Math.floor(3 * random())));
  return [first, second].map((codes, t) => ({ name: `t${t}`, bins: 3, codes, windowOnly: false, runs: [] }));
}

function counted(targets: readonly SliceColumn[], keep: (row: number) => boolean): SliceCounts {
  const counts = SliceCounts.empty(targets);
  for (let row = 0; row < N + M; row++) if (keep(row)) counts.add(row, row < N ? 0 : 1);
  return counts;
}

type Keep = (row: number) => boolean;

function splitOf(targets: readonly SliceColumn[], inSlice: Keep): SliceSplit {
  const rows = Uint8Array.from({ length: N + M }, (_, row) => Number(inSlice(row)));
  return new SliceSplit(targets, { rows, n: N, all: counted(targets, () => true), slice: counted(targets, inSlice) });
}

/** Every second row is of the slice. */
const inSlice: Keep = (row) => row % 2 === 0;

describe('SliceSplit', () => {
  it.each([[[0]], [[1]], [[0, 1]]])(
    'finds no more than chance in any part of a slice that moved as a whole: %j',
    (which) => {
      const random = xoshiro128(8);
      const targets = targetsOf(random, inSlice);
      const split = splitOf(targets, inSlice);
      const found = Array.from({ length: 2000 }, () => {
        const part = Uint8Array.from({ length: N + M }, () => Number(random() < 0.4));
        return split.excess(
          counted(targets, (row) => inSlice(row) && part[row] === 1),
          which,
        );
      });
      const mean = found.reduce((sum, one) => sum + one, 0) / found.length;
      const spread = Math.sqrt(found.reduce((sum, one) => sum + (one - mean) ** 2, 0) / found.length);
      expect(Math.abs(mean)).toBeLessThan(0.1);
      expect(Math.abs(spread - 1)).toBeLessThan(0.06);
    },
  );

  it('finds the part that moved, and lacks it in the other one', () => {
    const targets = targetsOf(xoshiro128(5), (row) => row % 4 === 0);
    const split = splitOf(targets, inSlice);
    const part = (rest: number) =>
      split.excess(
        counted(targets, (row) => row % 4 === rest),
        [0, 1],
      );
    expect(part(0)).toBeGreaterThan(3.5);
    expect(part(2)).toBeCloseTo(-part(0), 9);
  });

  it('tells nothing of the whole slice, nor where all of its rows are alike or there is one of a side', () => {
    const targets = targetsOf(xoshiro128(5), inSlice);
    expect(splitOf(targets, inSlice).excess(counted(targets, inSlice), [0])).toBeNaN();
    const alike = targets.map((column) => ({ ...column, codes: new Uint8Array(N + M) }));
    const quarter = (columns: readonly SliceColumn[]) => counted(columns, (row) => row % 4 === 0);
    expect(splitOf(alike, inSlice).excess(quarter(alike), [0])).toBeNaN();
    const one: Keep = (row) => row === 0 || row === N;
    expect(
      splitOf(targets, one).excess(
        counted(targets, (row) => row === 0),
        [0],
      ),
    ).toBeNaN();
  });

  it('goes by one side where the slice has no rows of the other', () => {
    const ofWindow: Keep = (row) => row >= N;
    const targets = targetsOf(xoshiro128(5), (row) => row % 2 === 0);
    const excess = splitOf(targets, ofWindow).excess(
      counted(targets, (row) => ofWindow(row) && row % 2 === 0),
      [0],
    );
    expect(excess).toBeGreaterThan(3);
  });
});
