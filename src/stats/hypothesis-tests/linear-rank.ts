import { normalTwoSidedTail } from '../special/normal.ts';
import { normalQuantile } from '../special/normal-quantile.ts';
import { type PooledBlock, type PooledTwin, type PooledVisitor, walkPooled } from '../summaries/pooled-blocks.ts';

/** Scores of so many rows are kept: 32 MiB. */
const LARGEST_KEPT = 2 ** 23;

export type LinearRank = { readonly z: number; readonly p: number };

/**
 * Van der Waerden's (1952) test of location: the sum of the second sample's normal scores Φ⁻¹(r / (N + 1)), tied values
 * at the score of their middle rank. On normal samples as powerful as the t-test, and it does not mind heavy tails.
 * On sorted samples without NaN; null when every value is the same. Cost O(n + m).
 */
export function vanDerWaerden(x: Float64Array, y: Float64Array): LinearRank | null {
  return walked(x, y, new VanDerWaerdenSum(x, y));
}

/**
 * Mood's (1954) test of spread: the sum of the second sample's squared distances of rank to the middle one, tied values
 * at the mean of what their ranks would give. Null when every value is the same. Cost O(n + m).
 */
export function mood(x: Float64Array, y: Float64Array): LinearRank | null {
  return walked(x, y, new MoodSum(x, y));
}

function walked(x: Float64Array, y: Float64Array, sum: PooledVisitor & { finish(): LinearRank | null }) {
  walkPooled(x, y, [sum]);
  return sum.finish();
}

/**
 * Sums over the rows: of the scores, of their squares, and of the scores in the second sample. Scores are measured from
 * near their mean, so that nothing cancels, and summed block by block, so that of millions few digits are lost.
 */
type ScoreSums = { readonly all: number; readonly squares: number; readonly second: number };

/** The second sample's sum of scores, held against its mean and variance over all ways of dealing the rows. */
function linearRank({ all, squares, second }: ScoreSums, [x, y]: readonly [Float64Array, Float64Array]) {
  const [n, m] = [x.length, y.length];
  const size = n + m;
  const mean = all / size;
  const variance = ((n * m) / (size * (size - 1))) * (squares - all * mean);
  if (!(variance > 0)) return null;
  const z = (second - m * mean) / Math.sqrt(variance);
  return { z, p: normalTwoSidedTail(Math.abs(z)) };
}

/** Van der Waerden's test of samples that are gone through for other tests as well. */
export class VanDerWaerdenSum implements PooledVisitor {
  readonly #sides: readonly [Float64Array, Float64Array];
  /** Sums of all scores, of their squares, and of those in the second sample; rows up to the last value, and of that sample. */
  readonly #sums = new Float64Array(5);
  readonly twin: PooledTwin;

  constructor(x: Float64Array, y: Float64Array) {
    this.#sides = [x, y];
    // Where most values are tied few scores of whole ranks are needed.
    this.twin = { name: 'location', sums: this.#sums, listed: isMostlyUntied(x) || isMostlyUntied(y) };
  }

  add({ length, x, y }: PooledBlock): void {
    const sums = this.#sums;
    const size = this.#sides[0].length + this.#sides[1].length;
    // Of whole ranks up to the middle.
    const scores = this.twin.listed === true ? normalScores(size) : null;
    let all = 0;
    let squares = 0;
    let second = 0;
    let upTo = sums[3]! | 0;
    let upToSecond = sums[4]! | 0;
    for (let k = 0; k < length; k++) {
      // As integers of 32 bits, which all of them are, these sums take half the time.
      const inSecond = y[k]! | 0;
      const here = (x[k]! + inSecond) | 0;
      const rows = (here - upTo) | 0;
      let score: number;
      if (rows > 1 || scores === null) score = normalScore(upTo + (rows + 1) / 2, size);
      else if (upTo < scores.length) score = scores[upTo]!;
      else score = -scores[(size - here) | 0]!;
      all += rows * score;
      squares += rows * score * score;
      second += ((inSecond - upToSecond) | 0) * score;
      upTo = here;
      upToSecond = inSecond;
    }
    sums[0]! += all;
    sums[1]! += squares;
    sums[2]! += second;
    [sums[3], sums[4]] = [upTo, upToSecond];
  }

  /** The test, once all blocks were taken; null when every value is the same. */
  finish(): LinearRank | null {
    const [all = 0, squares = 0, second = 0] = this.#sums;
    return linearRank({ all, squares, second }, this.#sides);
  }
}

/** Places that are looked at to find out whether a sample is tied. */
const LOOKED_AT = 256;

/** Whether at least a quarter of a sorted sample's values differ from the next one, as far as some of them tell. */
function isMostlyUntied(sorted: Float64Array): boolean {
  const step = Math.max(1, Math.floor(sorted.length / LOOKED_AT));
  let [seen, differ] = [0, 0];
  for (let i = 0; i + 1 < sorted.length; i += step) {
    seen++;
    if (sorted[i] !== sorted[i + 1]) differ++;
  }
  return 4 * differ > seen;
}

/** Φ⁻¹(rank / (size + 1)), from the nearer end. */
function normalScore(rank: number, size: number): number {
  const back = size + 1 - rank;
  return rank <= back ? normalQuantile(rank / (size + 1)) : -normalQuantile(back / (size + 1));
}

let kept: { readonly size: number; readonly scores: Float64Array } | null = null;

/**
 * The scores of the lower half of the ranks, the middle one included. Kept: the columns of a table often have as many
 * rows, and these logarithms and quotients are most of what the test costs.
 */
function normalScores(size: number): Float64Array {
  if (kept?.size === size) return kept.scores;
  const scores = new Float64Array((size + 1) >> 1);
  for (let i = 0; i < scores.length; i++) scores[i] = normalQuantile((i + 1) / (size + 1));
  if (size <= LARGEST_KEPT) kept = { size, scores };
  return scores;
}

/** Mood's test of samples that are gone through for other tests as well. */
export class MoodSum implements PooledVisitor {
  readonly #sides: readonly [Float64Array, Float64Array];
  /** Sums of the squares of all scores, and of those in the second sample; rows up to the last value, and of that sample. */
  readonly #sums = new Float64Array(4);
  readonly twin: PooledTwin = { name: 'spread', sums: this.#sums };

  constructor(x: Float64Array, y: Float64Array) {
    this.#sides = [x, y];
  }

  add({ length, x, y }: PooledBlock): void {
    const size = this.#sides[0].length + this.#sides[1].length;
    const centre = (size + 1) / 2;
    // Whatever is tied, the scores have this mean.
    const mean = (size * size - 1) / 12;
    const sums = this.#sums;
    let squares = 0;
    let second = 0;
    let upTo = sums[2]! | 0;
    let upToSecond = sums[3]! | 0;
    for (let k = 0; k < length; k++) {
      const inSecond = y[k]! | 0;
      const here = (x[k]! + inSecond) | 0;
      const rows = (here - upTo) | 0;
      const middle = upTo + (rows + 1) / 2 - centre;
      // The mean of squares over consecutive ranks: that of their middle, and (t² - 1) / 12 for their spread.
      const score = middle * middle + (rows * rows - 1) / 12 - mean;
      squares += rows * score * score;
      second += ((inSecond - upToSecond) | 0) * score;
      upTo = here;
      upToSecond = inSecond;
    }
    sums[0]! += squares;
    sums[1]! += second;
    [sums[2], sums[3]] = [upTo, upToSecond];
  }

  /** The test, once all blocks were taken; null when every value is the same. */
  finish(): LinearRank | null {
    const [squares = 0, second = 0] = this.#sums;
    return linearRank({ all: 0, squares, second }, this.#sides);
  }
}
