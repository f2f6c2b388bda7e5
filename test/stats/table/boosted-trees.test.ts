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

  it('are in the order of their means, each drawn to 0 as by twenty more rows', () => {
    // Few far above, which their sum does not tell; and few that are nearer to the most than to those below.
    const far = learnt(
      [feature(codes(20, 200, 200), false)],
      [...filled(20, 20), ...filled(200, 1), ...filled(200, -3)],
    );
    expect(far[20]).toBe(far[419]);
    expect(far[0]).toBeCloseTo(leaf(0, filled(20, 20)), 12);
    const middle = learnt(
      [feature(codes(25, 200, 1000), false)],
      [...filled(25, -0.7), ...filled(200, -3), ...filled(1000, 0.6175)],
    );
    expect(middle[0]).toBe(middle[1224]);
    expect(middle[0]).not.toBe(middle[25]);
  });

  it('without rows go with what is lower, also where rare ones do not', () => {
    const found = learnt([feature([...codes(20, 20), 2], false)], [...filled(20, 8), ...filled(20, 0)]);
    expect(found[40]).toBe(found[20]);
    const turned = learnt([feature([...codes(20, 20), 2], false)], [...filled(20, 0), ...filled(20, 8)]);
    expect(turned[40]).toBe(turned[0]);
    const rare = learnt([feature([...codes(20, 5), 2], false)], [...filled(20, 0), ...filled(5, 8)]);
    expect(rare[20]).toBeGreaterThan(rare[0]!);
    expect(rare[25]).toBe(rare[0]);
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

type Loss = (row: number, score: number) => { readonly gradient: number; readonly hessian: number };
type Cut = { readonly feature: number; readonly left: ReadonlySet<number>; readonly gain: number };

/** Trees by their description: every cut of every node is tried, from the sums of its rows. */
class Plain {
  readonly #features: readonly BinnedFeature[];
  readonly #options: BoostingOptions;
  #sums = new Map<number, { readonly gradient: number; readonly hessian: number }>();

  constructor(features: readonly BinnedFeature[], options: BoostingOptions) {
    this.#features = features;
    this.#options = options;
  }

  /** The score of every row, of models that learn `rows`. */
  scores(rows: readonly number[], start: number, loss: Loss): number[] {
    const scores = filled(this.#features[0]!.codes.length, start);
    const all = Array.from(scores.keys());
    for (let tree = 0; tree < this.#options.trees; tree++) {
      this.#sums = new Map(rows.map((row) => [row, loss(row, scores[row]!)]));
      this.#grow(rows, all, this.#options.depth, scores);
    }
    return scores;
  }

  #grow(rows: readonly number[], all: readonly number[], depth: number, scores: number[]): void {
    const { learningRate, leafRows } = this.#options;
    const cuts = depth === 0 || rows.length < 2 * leafRows ? [] : this.#features.flatMap((_, f) => this.#cuts(f, rows));
    const best = cuts.reduce<Cut | null>((a, b) => (b.gain > (a?.gain ?? 1e-9) ? b : a), null);
    if (best === null) {
      const { gradient, hessian } = this.#sum(rows);
      for (const row of all) scores[row]! += (-learningRate * gradient) / (hessian + 1);
      return;
    }
    const { codes } = this.#features[best.feature]!;
    for (const side of [true, false]) {
      const isThere = (row: number): boolean => best.left.has(codes[row]!) === side;
      this.#grow(rows.filter(isThere), all.filter(isThere), depth - 1, scores);
    }
  }

  #sum(rows: readonly number[]) {
    let [gradient, hessian] = [0, 0];
    for (const row of rows) {
      gradient += this.#sums.get(row)!.gradient;
      hessian += this.#sums.get(row)!.hessian;
    }
    return { gradient, hessian };
  }

  #cuts(feature: number, rows: readonly number[]): Cut[] {
    const { codes, ordered, bins } = this.#features[feature]!;
    const missing = bins - 1;
    const rowsOf = (some: readonly number[]): number[] => rows.filter((row) => some.includes(codes[row]!));
    const used = [...new Set(rows.map((row) => codes[row]!))].sort((a, b) => a - b);
    if (!ordered) {
      const rare = used.filter((code) => rowsOf([code]).length < 20);
      const groups = used.filter((code) => !rare.includes(code)).map((code) => [code]);
      if (rare.length > 0) groups.push(rare);
      const mean = (group: readonly number[]): number => {
        const { gradient, hessian } = this.#sum(rowsOf(group));
        return gradient / (hessian + 20);
      };
      return this.#along(
        feature,
        rows,
        groups.toSorted((a, b) => mean(a) - mean(b)),
        20,
      );
    }
    const others = used.filter((code) => code !== missing);
    const orders = used.length === others.length ? [others] : [used, [missing, ...others]];
    return orders.flatMap((order) =>
      this.#along(
        feature,
        rows,
        order.map((code) => [code]),
        1,
      ).map((cut) => {
        // Bins that no row of the node is in lie where their neighbours do.
        const most = Math.max(-1, ...[...cut.left].filter((code) => code !== missing));
        return { ...cut, left: new Set([...cut.left, ...Array.from({ length: most + 1 }, (_, code) => code)]) };
      }),
    );
  }

  /** The cuts between groups in that order. */
  #along(feature: number, rows: readonly number[], groups: readonly (readonly number[])[], ridge: number): Cut[] {
    const { codes } = this.#features[feature]!;
    const worth = (some: readonly number[]): number => {
      const { gradient, hessian } = this.#sum(some);
      return gradient ** 2 / (hessian + ridge);
    };
    return groups.slice(1).flatMap((_, k) => {
      const left = new Set(groups.slice(0, k + 1).flat());
      const [a, b] = [rows.filter((row) => left.has(codes[row]!)), rows.filter((row) => !left.has(codes[row]!))];
      if (Math.min(a.length, b.length) < this.#options.leafRows) return [];
      return [{ feature, left, gain: (worth(a) + worth(b) - worth(rows)) / 2 }];
    });
  }
}

describe('trees of several features', () => {
  const random = xoshiro128(31);
  const N = 300;
  /** Those from here on are not learnt from. */
  const LEARNT = 240;
  const below = (n: number): number => Math.floor(n * random());
  const drawn = (ordered: boolean, bins: number, draw: () => number): BinnedFeature => ({
    ...{ name: 'x', ordered, bins },
    codes: Uint8Array.from({ length: N }, draw),
  });
  const features = [
    drawn(true, 9, () => (random() < 0.2 ? 8 : below(8))),
    drawn(false, 10, () => (random() < 0.7 ? below(3) : below(10))),
    drawn(true, 4, () => below(3)),
    // Of every second bin alone there are rows that are learnt from.
    drawn(true, 12, () => 2 * below(5)),
  ];
  for (let row = LEARNT; row < N; row++) features[3]!.codes[row] = below(12);
  const rows = Array.from({ length: LEARNT }, (_, i) => i);
  const worth = (row: number): number =>
    [3, 1, 4, 1, 5, 9, 2, 6, 8][features[0]!.codes[row]!]! +
    [2, 7, 1, 8, 2, 8, 1, 8, 2, 8][features[1]!.codes[row]!]! * (1 + features[2]!.codes[row]!) -
    features[3]!.codes[row]!;
  const targets = Float64Array.from({ length: N }, (_, row) => worth(row) + random());
  const scoresOf = (model: ReturnType<typeof trainBoostedTrees>): number[] =>
    Array.from({ length: N }, (_, row) => scoreRow(model, features, { row, weight: 0, parts: new Float64Array(4) }));

  it.each([
    { trees: 1, depth: 3, learningRate: 1, leafRows: 1 },
    { trees: 4, depth: 2, learningRate: 0.5, leafRows: 10 },
    { trees: 2, depth: 5, learningRate: 0.8, leafRows: 25 },
  ])('of a number are those of the description: $trees of $depth levels', (options) => {
    const start = rows.reduce((sum, row) => sum + targets[row]! / LEARNT, 0);
    const plain = new Plain(features, options).scores(rows, start, (row, score) => ({
      gradient: score - targets[row]!,
      hessian: 1,
    }));
    const model = trainRegressionTrees(features, { targets, rows: Int32Array.from(rows) }, options);
    expect(scoresOf(model)).toEqual(plain.map((score) => expect.closeTo(score, 8)));
  });

  it.each([
    { trees: 3, depth: 3, learningRate: 0.7, leafRows: 5 },
    { trees: 6, depth: 2, learningRate: 0.3, leafRows: 12 },
  ])('of two classes are those of the description: $trees of $depth levels', (options) => {
    const labels = Uint8Array.from(targets, (target) => Number(target > 9));
    const positives = rows.filter((row) => labels[row] === 1).length;
    const start = Math.log((positives + 0.5) / (LEARNT - positives + 0.5));
    const plain = new Plain(features, options).scores(rows, start, (row, score) => {
      const p = 1 / (1 + Math.exp(-score));
      return { gradient: p - labels[row]!, hessian: p * (1 - p) };
    });
    const model = trainBoostedTrees(features, { labels, rows: Int32Array.from(rows) }, options);
    expect(scoresOf(model)).toEqual(plain.map((score) => expect.closeTo(score, 8)));
  });
});
