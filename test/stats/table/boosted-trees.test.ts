import { describe, expect, it } from 'vitest';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import type { BinnedFeature } from '../../../src/stats/table/binned-table.ts';
import {
  type BoostingOptions,
  scoreRow,
  trainBoostedTrees,
  trainRegressionTrees,
} from '../../../src/stats/table/boosted-trees.ts';
import { filled } from '../samples.ts';

const ONE_SPLIT: BoostingOptions = { trees: 1, depth: 1, learningRate: 1, leafRows: 1 };
const MISSING = 5;

/** Five bins and one for missing values. */
const feature = (codes: readonly number[], ordered = true): BinnedFeature => ({
  name: 'x',
  ordered,
  bins: MISSING + 1,
  codes: Uint8Array.from(codes),
});

const rowsUpTo = (n: number): Int32Array => Int32Array.from({ length: n }, (_, i) => i);

/** What a model of the first rows that have a target says of every row. */
function learnt(features: readonly BinnedFeature[], targets: readonly number[], options = ONE_SPLIT): number[] {
  const size = features[0]!.codes.length;
  const given = {
    targets: Float64Array.from({ length: size }, (_, i) => targets[i] ?? 1e9),
    rows: rowsUpTo(targets.length),
  };
  const model = trainRegressionTrees(features, given, options);
  const parts = new Float64Array(features.length);
  return Array.from({ length: size }, (_, row) => scoreRow(model, features, { row, weight: 0, parts }));
}

/** A leaf's value: the mean distance from the start, drawn to 0 as by one more row. */
const leaf = (start: number, targets: readonly number[]): number =>
  start + targets.reduce((sum, target) => sum + target - start, 0) / (targets.length + 1);

const near = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 12));

describe('trees of a number', () => {
  it('start at the mean, and split where the squares fall most', () => {
    const targets = [1, 2, 9, 10, 11];
    const start = 33 / 5;
    const [low, high] = [leaf(start, [1, 2]), leaf(start, [9, 10, 11])];
    expect(learnt([feature([0, 1, 2, 3, 4])], targets)).toEqual(near([low, low, high, high, high]));
    // Rows without a target are not learnt from.
    expect(learnt([feature([0, 1, 2, 3, 4, 0, 4])], targets)).toEqual(near([low, low, high, high, high, low, high]));
    expect(learnt([feature([0, 1, 2, 3, 4])], targets, { ...ONE_SPLIT, trees: 0 })).toEqual(near(filled(5, start)));
    const slow = learnt([feature([0, 1, 2, 3, 4])], targets, { ...ONE_SPLIT, learningRate: 0.5 });
    expect(slow[0]).toBeCloseTo((start + low) / 2, 12);
  });

  it('split the better of two features', () => {
    const [poor, good] = [feature([0, 1, 0, 1, 0, 1]), feature([0, 0, 0, 1, 1, 1])];
    const targets = [1, 2, 2, 8, 8, 9];
    for (const features of [
      [poor, good],
      [good, poor],
    ]) {
      expect(learnt(features, targets)).toEqual(learnt([good], targets));
    }
  });

  it('go deeper, and on from what the trees before them left', () => {
    const times = (values: readonly number[]): number[] => filled(20, values).flat();
    const [a, b] = [feature(times([0, 0, 1, 1])), feature(times([0, 1, 0, 1]))];
    const targets = [0, 5, 11, 16];
    const start = 32 / 4;
    const four = learnt([a, b], times(targets), { ...ONE_SPLIT, depth: 2 });
    expect(four.slice(0, 4)).toEqual(near(targets.map((target) => leaf(start, filled(20, target)))));
    expect(learnt([a, b], times(targets), { ...ONE_SPLIT, depth: 0 })).toEqual(near(filled(80, start)));
    const [low, high] = [leaf(start, [0, 5]), leaf(start, [11, 16])];
    const left = [0 - low, 5 - low, 11 - high, 16 - high];
    const second = learnt([feature([0, 0, 1, 1])], targets, { ...ONE_SPLIT, trees: 2 });
    // The second tree learns what is left, from a start of 0.
    expect(second).toEqual(
      near([
        low + leaf(0, left.slice(0, 2)),
        low + leaf(0, left.slice(0, 2)),
        high + leaf(0, left.slice(2)),
        high + leaf(0, left.slice(2)),
      ]),
    );
    const deep = learnt([feature([0, 1, 2, 3])], [0, 0, 9, 9], { ...ONE_SPLIT, trees: 80, depth: 3 });
    for (const [i, value] of deep.entries()) expect(value).toBeCloseTo(i < 2 ? 0 : 9, 3);
  });

  it('split nothing where nothing is gained, nor into leaves of fewer rows than they may have', () => {
    expect(learnt([feature([0, 1, 2, 3])], [4, 4, 4, 4])).toEqual(near(filled(4, 4)));
    expect(learnt([feature([2, 2, 2])], [1, 2, 6])).toEqual(near(filled(3, 3)));
    const lone = feature([0, 1, 1, 1, 1]);
    const start = 10 / 5;
    const apart = [leaf(start, [10]), ...filled(4, leaf(start, [0, 0, 0, 0]))];
    expect(learnt([lone], [10, 0, 0, 0, 0])).toEqual(near(apart));
    expect(learnt([lone], [10, 0, 0, 0, 0], { ...ONE_SPLIT, leafRows: 2 })).toEqual(near(filled(5, start)));
    expect(learnt([feature([1, 0, 0, 0, 0])], [10, 0, 0, 0, 0], { ...ONE_SPLIT, leafRows: 2 })).toEqual(
      near(filled(5, start)),
    );
    const two = learnt([feature([0, 0, 1, 1])], [10, 10, 0, 0], { ...ONE_SPLIT, leafRows: 2 });
    expect(two[0]).toBeCloseTo(leaf(5, [10, 10]), 12);
    const three = learnt([feature([0, 0, 1, 1])], [10, 10, 0, 0], { ...ONE_SPLIT, leafRows: 3 });
    expect(three).toEqual(near(filled(4, 5)));
  });

  it('send missing values to the side that they are like', () => {
    for (const [missing, side] of [
      [9, 2],
      [1, 0],
    ] as const) {
      const found = learnt([feature([0, 1, 3, 4, MISSING])], [1, 1, 9, 9, missing]);
      expect(found[4]).toBe(found[side]);
      expect(found[0]).toBe(found[1]);
      expect(found[2]).toBe(found[3]);
      expect(found[0]).toBeLessThan(found[2]!);
    }
    // Unlike all others they are a side by themselves.
    const [one, other, alone] = learnt([feature([0, 1, MISSING])], [5, 5, 50]);
    expect(one).toBe(other);
    expect(alone).toBeCloseTo(leaf(20, [50]), 12);
  });

  it('take a bin without rows for one of the side that it lies on', () => {
    // Learnt of bins 1 and 3 alone.
    const found = learnt([feature([1, 1, 3, 3, 0, 2, 4, MISSING])], [0, 0, 8, 8]);
    const [low, high] = [leaf(4, [0, 0]), leaf(4, [8, 8])];
    expect(found).toEqual(near([low, low, high, high, low, high, high, high]));
    // Missing ones on the lower side leave the others where they lie.
    const below = learnt([feature([1, 1, 3, 3, MISSING, 0, 2, 4])], [0, 0, 8, 8, 0]);
    expect([below[4], below[5], below[6], below[7]]).toEqual([below[0], below[0], below[2], below[2]]);
    const alone = learnt([feature([1, 1, 3, 3, MISSING, 0])], [0, 0, 0, 0, 50]);
    expect(alone[5]).toBe(alone[0]);
  });
});

describe('bins without an order', () => {
  const codes = (...counts: number[]): number[] => counts.flatMap((count, code) => filled(count, code));

  it('are split by what they are worth', () => {
    const found = learnt([feature(codes(20, 20, 20), false)], [...filled(20, 5), ...filled(20, 0), ...filled(20, 5)]);
    expect(found[0]).toBe(found[59]);
    expect(found[0]).toBeCloseTo(leaf(10 / 3, filled(40, 5)), 12);
    expect(found[20]).toBeCloseTo(leaf(10 / 3, filled(20, 0)), 12);
    const ordered = learnt([feature(codes(20, 20, 20))], [...filled(20, 5), ...filled(20, 0), ...filled(20, 5)]);
    expect(ordered[0]).not.toBe(ordered[59]);
  });

  it('of fewer than twenty rows are one', () => {
    const targets = (rare: number) => [...filled(40, 1), ...filled(rare, 9), ...filled(rare, 3), ...filled(40, 6)];
    const rare = learnt([feature(codes(40, 19, 19, 40), false)], targets(19), { ...ONE_SPLIT, depth: 3 });
    expect(rare[40]).toBe(rare[59]);
    const own = learnt([feature(codes(40, 20, 20, 40), false)], targets(20), { ...ONE_SPLIT, depth: 3 });
    expect(own[40]).toBeGreaterThan(own[60]! + 1);
    // Nothing but rare bins is one bin, which cannot be split.
    expect(learnt([feature(codes(10, 10), false)], [...filled(10, 0), ...filled(10, 8)])).toEqual(near(filled(20, 4)));
  });

  it('gain less than ordered ones, since chance finds them more easily', () => {
    // Both split the rows alike.
    const [ordered, unordered] = [feature(codes(20, 20)), feature(codes(20, 20), false)];
    const targets = [...filled(20, 0), ...filled(20, 8)];
    const model = trainRegressionTrees(
      [unordered, ordered],
      { targets: Float64Array.from(targets), rows: rowsUpTo(40) },
      ONE_SPLIT,
    );
    expect(model.trees[0]![0]!.split?.feature).toBe(1);
  });
});

describe('trees of two classes', () => {
  const labels = Uint8Array.of(1, 1, 1, 0, 0, 0, 0, 1);
  const features = [feature([0, 0, 0, 1, 1, 1, 1, 1])];

  it('start at the odds, with half a row more of each, and take a Newton step in each leaf', () => {
    const model = trainBoostedTrees(features, { labels, rows: rowsUpTo(8) }, ONE_SPLIT);
    expect(model.start).toBe(Math.log(4.5 / 4.5));
    const parts = Float64Array.of(10);
    const score = (row: number): number => scoreRow(model, features, { row, weight: 2, parts });
    // At odds of one, a row has a gradient of a half and a curvature of a quarter.
    const [left, right] = [1.5 / (3 / 4 + 1), (0.5 - 2) / (5 / 4 + 1)];
    expect(score(0)).toBeCloseTo(left, 12);
    expect(parts[0]).toBeCloseTo(10 + 2 * left, 12);
    expect(score(7)).toBeCloseTo(right, 12);
    expect(parts[0]).toBeCloseTo(10 + 2 * (left + right), 12);
    const uneven = trainBoostedTrees(features, { labels, rows: Int32Array.of(0, 1, 2, 3) }, { ...ONE_SPLIT, trees: 0 });
    expect(uneven).toEqual({ start: Math.log(3.5 / 1.5), trees: [] });
  });

  it('add what a split says beyond the node above it to its feature', () => {
    const rows = rowsUpTo(8);
    const model = trainBoostedTrees(features, { labels, rows: rows.subarray(0, 7) }, ONE_SPLIT);
    const [root] = model.trees[0]!;
    const parts = new Float64Array(1);
    const score = scoreRow(model, features, { row: 0, weight: 1, parts });
    expect(parts[0]).toBeCloseTo(score - model.start - root!.value, 12);
    expect(root!.value).not.toBe(0);
  });

  it('learn an exclusive or, which no single split shows', () => {
    const random = xoshiro128(2);
    const n = 400;
    const [a, b] = [0, 1].map(() => Uint8Array.from({ length: n }, () => (random() < 0.5 ? 0 : 1)));
    const odd = Uint8Array.from({ length: n }, (_, i) => a![i]! ^ b![i]!);
    const both = [a!, b!].map((codes, i) => ({ name: `${i}`, ordered: true, bins: 3, codes }));
    const options = { trees: 30, depth: 2, learningRate: 0.3, leafRows: 5 };
    const model = trainBoostedTrees(both, { labels: odd, rows: rowsUpTo(n) }, options);
    const parts = new Float64Array(2);
    const wrong = Array.from(rowsUpTo(n)).filter(
      (row) => scoreRow(model, both, { row, weight: 1, parts }) > 0 !== (odd[row] === 1),
    );
    expect(wrong).toEqual([]);
    expect(Math.min(Math.abs(parts[0]!), Math.abs(parts[1]!))).toBeGreaterThan(0);
  });
});
